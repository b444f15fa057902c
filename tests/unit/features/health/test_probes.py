"""The probes as orchestrators ask them: status, default body and headers."""

import logging
from typing import Any

import pytest
from pytest_aiohttp import AiohttpClient

from petsage.checks import Probe, Severity, Status
from petsage.core.inventory import Entry, Inventory, Quarantine, Step
from petsage.core.lifecycle import Phase
from tests.support.health import DB_DOWN, FakeMonitor, a_core, check, fetch, probes

HEADERS = {
    "Content-Type": "application/json; charset=utf-8",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Vary": "Accept, Authorization",
}
PASS = (200, '{"status": "pass"}')


def some(headers: Any) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name in {*HEADERS, "Retry-After", "WWW-Authenticate"}}


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/startupz"])
async def test_all_is_well_with_and_without_a_slash_and_the_head_says_so_too(
    aiohttp_client: AiohttpClient, path: str
) -> None:
    client = await probes(aiohttp_client, a_core(FakeMonitor(check("db"))))
    for one in (path, f"{path}/", f"{path}?", f"{path}?x=1"):
        answer = await client.get(one, allow_redirects=False)
        assert (answer.status, await answer.text(), some(answer.headers)) == (*PASS, HEADERS)
        head = await client.head(one, allow_redirects=False)
        assert (head.status, await head.text(), some(head.headers)) == (200, "", HEADERS)
        assert head.headers["Content-Length"] == str(len(PASS[1]))


@pytest.mark.parametrize("path", ["/livez", "/readyz/db", "/health", "/startupz/"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
async def test_any_other_method_is_refused_with_those_allowed(
    aiohttp_client: AiohttpClient, path: str, method: str
) -> None:
    client = await probes(aiohttp_client, a_core(FakeMonitor(check("db"))))
    answer = await client.request(method, path)
    assert (answer.status, answer.headers["Allow"]) == (405, "GET,HEAD")


async def test_every_name_is_in_the_list_of_its_status(aiohttp_client: AiohttpClient) -> None:
    monitor = FakeMonitor(
        DB_DOWN,
        check("cache", Status.PENDING),
        check("disk", Status.WARN),
        check("mail", Status.FAIL, severity=Severity.DEGRADED),
        check("loop", Status.FAIL, probes=(Probe.LIVE,)),
        check("fine"),
    )
    client = await probes(aiohttp_client, a_core(monitor))
    body = '{"status": "fail", "failing": ["db"], "pending": ["cache"], "warning": ["disk", "mail"]}'
    assert await fetch(client, "/readyz") == (503, body)
    assert await fetch(client, "/livez") == (503, '{"status": "fail", "failing": ["loop"]}')
    assert await fetch(client, "/startupz") == PASS


async def test_a_warning_is_served(aiohttp_client: AiohttpClient) -> None:
    client = await probes(aiohttp_client, a_core(FakeMonitor(check("disk", Status.WARN))))
    assert await fetch(client, "/readyz") == (200, '{"status": "warn", "warning": ["disk"]}')


async def test_pending_is_red_for_readiness_and_startup_and_green_for_liveness(aiohttp_client: AiohttpClient) -> None:
    client = await probes(aiohttp_client, a_core(FakeMonitor(check("db", Status.PENDING, probes=tuple(Probe)))))
    for path in ("/readyz", "/startupz"):
        answer = await client.get(path)
        expected = (503, '{"status": "pending", "pending": ["db"]}', {**HEADERS, "Retry-After": "1"})
        assert (answer.status, await answer.text(), some(answer.headers)) == expected
    assert await fetch(client, "/livez") == (200, '{"status": "pass", "pending": ["db"]}')


async def test_an_answer_follows_each_change(aiohttp_client: AiohttpClient) -> None:
    monitor = FakeMonitor(check("db"))
    client = await probes(aiohttp_client, a_core(monitor))
    assert await fetch(client, "/readyz") == PASS
    monitor.put(DB_DOWN)
    assert await fetch(client, "/readyz") == (503, '{"status": "fail", "failing": ["db"]}')
    monitor.put(check("db"))
    assert await fetch(client, "/readyz") == PASS


async def test_draining_fails_readiness_at_once_and_is_logged_at_info(
    aiohttp_client: AiohttpClient, caplog: pytest.LogCaptureFixture
) -> None:
    core = a_core(FakeMonitor(DB_DOWN))
    client = await probes(aiohttp_client, core)
    with caplog.at_level(logging.INFO, "petsage.checks"):
        core.lifecycle().advance(Phase.DRAINING)
    (record,) = caplog.records
    assert (record.levelname, record.getMessage()[:28]) == ("INFO", "check shutdown: pass -> fail")
    answer = await client.get("/readyz")
    expected = (503, '{"status": "fail", "failing": ["db", "shutdown"]}', {**HEADERS, "Retry-After": "3"})
    assert (answer.status, await answer.text(), some(answer.headers)) == expected
    assert await fetch(client, "/livez") == PASS
    assert await fetch(client, "/startupz") == PASS
    assert await fetch(client, "/readyz?exclude=shutdown&exclude=db") == PASS


@pytest.mark.parametrize(
    ("required", "status", "word", "code"), [(True, "fail", "failing", 503), (False, "warn", "warning", 200)]
)
async def test_a_quarantine_shows_in_readiness_alone(
    aiohttp_client: AiohttpClient, *, required: bool, status: str, word: str, code: int
) -> None:
    core, inventory = a_core(FakeMonitor()), Inventory()
    core.inventory.override(inventory)
    inventory.add(Entry("orders", "x", required=required))
    inventory.set_mounted("orders", "x")
    client = await probes(aiohttp_client, core, details="always")
    assert await fetch(client, "/readyz") == PASS
    inventory.set_quarantined("orders", "x", Quarantine(Step.RUN, "ConnectionError", "0123abcd"))
    assert await fetch(client, "/readyz") == (
        code,
        f'{{"status": "{status}", "{word}": ["features"], "quarantined": ["orders"]}}',
    )
    shown = (await (await client.get("/readyz?verbose")).json())["checks"]["features"]
    assert (shown["status"], shown["reason"], shown["ref"]) == (
        status,
        "orders: run: ConnectionError (ref 0123abcd)",
        "0123abcd",
    )
    assert await fetch(client, "/livez") == PASS
    assert await fetch(client, "/startupz") == PASS


async def test_a_required_feature_that_is_coming_up_is_awaited(aiohttp_client: AiohttpClient) -> None:
    core, inventory = a_core(FakeMonitor()), Inventory()
    core.inventory.override(inventory)
    inventory.add(Entry("orders", "x"))
    client = await probes(aiohttp_client, core)
    assert await fetch(client, "/readyz") == (503, '{"status": "pending", "pending": ["features"]}')


async def test_startup_is_pending_until_the_application_is_up(aiohttp_client: AiohttpClient) -> None:
    core = a_core(FakeMonitor(check("db", probes=(Probe.STARTUP,))), up=False)
    client = await probes(aiohttp_client, core)
    assert await fetch(client, "/startupz") == (503, '{"status": "pending"}')
    core.lifecycle().advance(Phase.UP)
    assert await fetch(client, "/startupz") == PASS


async def test_startup_latches_when_its_checks_pass_without_a_probe(aiohttp_client: AiohttpClient) -> None:
    monitor = FakeMonitor(check("db", Status.PENDING, probes=(Probe.STARTUP,)))
    client = await probes(aiohttp_client, a_core(monitor))
    monitor.put(check("db", probes=(Probe.STARTUP,)))
    monitor.put(check("db", Status.FAIL, probes=(Probe.STARTUP,)))
    assert await fetch(client, "/startupz") == PASS
    assert await fetch(client, "/startupz/db") == PASS
    assert await fetch(client, "/startupz?verbose&format=text") == (200, "[+]db ok\nstartupz check passed\n")


async def test_startup_that_never_passed_does_not_latch(aiohttp_client: AiohttpClient) -> None:
    monitor = FakeMonitor(check("db", Status.PENDING, probes=(Probe.STARTUP,)))
    client = await probes(aiohttp_client, a_core(monitor))
    assert await fetch(client, "/startupz?exclude=db") == PASS
    monitor.put(check("db", Status.FAIL, probes=(Probe.STARTUP,)))
    assert await fetch(client, "/startupz") == (503, '{"status": "fail", "failing": ["db"]}')


async def test_excluded_checks_do_not_count_and_unknown_ones_are_noted(aiohttp_client: AiohttpClient) -> None:
    client = await probes(aiohttp_client, a_core(FakeMonitor(DB_DOWN, check("cache", Status.FAIL))))
    assert await fetch(client, "/readyz?exclude=db&exclude=cache") == PASS
    assert await fetch(client, "/readyz?exclude=db") == (503, '{"status": "fail", "failing": ["cache"]}')
    answer = await client.get("/readyz", params=[("exclude", "db"), ("exclude", 'z"\n'), ("exclude", "a")])
    assert await answer.json() == {
        "status": "fail",
        "failing": ["cache"],
        "notes": ['some health checks cannot be excluded: no matches for "a","z\\"\\n"'],
    }


async def test_one_check_is_asked_by_its_name(aiohttp_client: AiohttpClient) -> None:
    client = await probes(
        aiohttp_client, a_core(FakeMonitor(DB_DOWN, check("cache.v1"), check("loop", probes=[Probe.LIVE])))
    )
    assert await fetch(client, "/readyz/db") == (503, '{"status": "fail", "failing": ["db"]}')
    assert await fetch(client, "/readyz/db/?format=text") == (
        503,
        "[-]db failed: reason withheld\nreadyz check failed\n",
    )
    assert await fetch(client, "/readyz/cache.v1") == PASS
    assert await fetch(client, "/readyz/cache.v1?format=text") == (200, "ok")
    assert await fetch(client, "/livez/loop/") == PASS


async def test_an_unknown_check_is_a_404_that_names_the_known_ones(aiohttp_client: AiohttpClient) -> None:
    client = await probes(aiohttp_client, a_core(FakeMonitor(check("db"), check("loop", probes=(Probe.LIVE,)))))
    answer = await client.get("/readyz/loop")
    assert answer.status == 404
    assert await answer.json(content_type=None) == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "readyz has no check of this name, only: features, db, shutdown",
        "instance": "/readyz/loop",
        "known": ["features", "db", "shutdown"],
    }
    answer = await client.get("/startupz/x")
    assert (await answer.json(content_type=None))["detail"] == "startupz has no check of this name, only: none"


async def test_a_check_with_the_name_of_a_built_in_one_hides_nothing(aiohttp_client: AiohttpClient) -> None:
    core = a_core(FakeMonitor(check("shutdown")))
    client = await probes(aiohttp_client, core)
    core.lifecycle().advance(Phase.DRAINING)
    assert await fetch(client, "/readyz") == (503, '{"status": "fail", "failing": ["shutdown"]}')
