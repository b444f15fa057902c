"""PostgreSQL, MariaDB and Redis under a monitor of a configuration: the states are right, and in time."""

import asyncio
import re
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, cast

import pytest

from petsage.bootstrap import load
from petsage.checks import CheckFailed, CheckSpec, Status
from tests.integration.kinds.conftest import PASSWORD
from tests.integration.kinds.servers import Network, Server
from tests.integration.monitor.outages import Outage, blackholed, in_recovery, killed, paused, stopped
from tests.support.checks import until
from tests.support.state_changes import watch_checks

pytestmark = pytest.mark.integration

PASS, FAIL = Status.PASS, Status.FAIL
INTERVAL, TIMEOUT, FALL, RISE = 0.2, 0.3, 2, 1
DOWN_WITHIN = INTERVAL * FALL + TIMEOUT
UP_WITHIN = INTERVAL * RISE + TIMEOUT
OFTEN = {"interval": "200ms", "timeout": "300ms", "fall": FALL, "rise": RISE}

Entries = dict[str, dict[str, Any]]


def place(server: Server) -> str:
    return f"{server.address}:{server.port}"


def spoken(kind: str, server: Server) -> dict[str, Any]:
    """Return a check that speaks the protocol only."""
    return {"kind": kind, "host": server.address, "port": server.port, **OFTEN}


def postgres_login(server: Server, password: str = PASSWORD) -> dict[str, Any]:
    return {"kind": "postgres", "url": f"postgresql://app:{password}@{place(server)}/postgres", **OFTEN}


def redis_login(server: Server, password: str = PASSWORD) -> dict[str, Any]:
    return {"kind": "redis", "url": f"redis://:{password}@{place(server)}", **OFTEN}


@pytest.fixture
def entries(postgres: Server, redis: Server, mysql: Server) -> Entries:
    return {
        "postgres": spoken("postgres", postgres),
        "postgres-login": postgres_login(postgres),
        "redis": spoken("redis", redis),
        "redis-login": redis_login(redis),
        "mysql": spoken("mysql", mysql),
    }


def spec(entries: Entries, name: str) -> CheckSpec:
    """Return a check as configured, to be run beside the monitor."""
    (only,) = load({"checks": {name: entries[name]}}).core.declared_checks()
    return only


async def answers_all(checks: list[CheckSpec]) -> None:
    """Return when the server answers all these checks as it does when all is well."""
    for check in checks:
        async with asyncio.timeout(20):
            while True:
                with suppress(CheckFailed):
                    await cast(Any, check.check).run()
                    break
                await asyncio.sleep(0.01)


REFUSED = "connection refused by {}"
SILENT = "timed out after 0.3 s: connected, but {} sends nothing"
SILENT_LOGIN = "timed out after 0.3 s: connected, but no complete answer from {}"
DROPPED = "timed out after 0.3 s: no answer from {}"


@pytest.mark.parametrize("name", ["postgres", "redis", "mysql"])
@pytest.mark.parametrize(
    ("outage", "reason", "login_reason"),
    [(stopped, REFUSED, REFUSED), (paused, SILENT, SILENT_LOGIN), (blackholed, DROPPED, DROPPED)],
    ids=["stopped", "paused", "blackholed"],
)
async def test_a_servers_state_is_right_in_time_both_ways(  # noqa: PLR0913,PLR0917 (fixtures and parameters)
    entries: Entries,
    net: Network,
    request: pytest.FixtureRequest,
    name: str,
    outage: Outage,
    reason: str,
    login_reason: str,
) -> None:
    server: Server = request.getfixturevalue(name)
    names = [entry for entry in entries if entry.startswith(name)]
    if name == "redis" and outage is paused:
        login_reason = reason  # it logs in without a driver, and so sees that nothing has come
    expected = dict(zip(names, [reason.format(place(server)), login_reason.format(place(server))], strict=False))
    beside = [spec(entries, name) for name in names]

    async with watch_checks(entries) as changes:
        await changes.wait_for_all(entries, PASS)
        changes.clear()
        async with outage(server, net):
            began = time.monotonic()
            await changes.wait_for_all(names, FAIL)
            await until(lambda: changes.reasons(names) == expected)
        if outage is stopped:
            await answers_all(beside)
        ended = time.monotonic()
        await changes.wait_for_all(names, PASS)
        assert changes.reasons(names) == dict.fromkeys(names)
        assert sorted(changes.failed()) == sorted(names), "each of this server's checks once, and no others"
        assert changes.late(FAIL, began, DOWN_WITHIN) + changes.late(PASS, ended, UP_WITHIN) == []


async def test_a_server_that_is_killed_and_restarted_changes_states_in_time(postgres: Server, net: Network) -> None:
    entries = {"postgres-login": postgres_login(postgres)}
    beside = [spec(entries, "postgres-login")]

    async with watch_checks(entries) as changes:
        await changes.wait_for_all(entries, PASS)
        changes.clear()
        async with killed(postgres, net):
            began = time.monotonic()
            await changes.wait_for_all(entries, FAIL)
        await answers_all(beside)
        ended = time.monotonic()
        await changes.wait_for_all(entries, PASS)
        assert changes.late(FAIL, began, DOWN_WITHIN) + changes.late(PASS, ended, UP_WITHIN) == []


async def test_a_starting_server_and_one_that_is_down_have_different_codes(postgres: Server) -> None:
    entries = {"postgres": spoken("postgres", postgres), "postgres-login": postgres_login(postgres)}
    starting = re.compile("starting up: the database system is (starting up|not .*)")
    async with watch_checks(entries) as changes:
        await changes.wait_for_all(entries, PASS)
        recovery = in_recovery(postgres)
        await asyncio.to_thread(recovery.__enter__)
        try:
            await until(lambda: all(starting.fullmatch(reason or "") for reason in changes.reasons(entries).values()))
            await changes.wait_for_all(entries, FAIL)
        finally:
            await asyncio.to_thread(recovery.__exit__, None, None, None)
        await changes.wait_for_all(entries, PASS)


@pytest.mark.parametrize(
    ("name", "login", "reason"),
    [
        ("postgres", postgres_login, 'wrong password: password authentication failed for user "app"'),
        ("redis", redis_login, "wrong password"),
    ],
    ids=["postgres", "redis"],
)
async def test_a_wrong_password_and_a_server_that_is_down_have_different_codes(
    request: pytest.FixtureRequest, name: str, login: Callable[..., dict[str, Any]], reason: str
) -> None:
    server: Server = request.getfixturevalue(name)
    async with watch_checks(
        {"without_login": spoken(name, server), "right": login(server), "wrong": login(server, "x")}
    ) as changes:
        await changes.wait_for_all(["without_login", "right"], PASS)
        await changes.wait_for_all(["wrong"], FAIL)
        expected = {"without_login": None, "right": None, "wrong": reason}
        await until(lambda: changes.reasons(expected) == expected)
