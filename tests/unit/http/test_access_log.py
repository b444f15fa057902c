"""Access log: one line per request that cannot be forged, and no lines of unchanged probes."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from pytest_aiohttp.plugin import AiohttpClient, AiohttpServer

from petsage.http import ProbeVerdict, ProblemSchema, RequestIdFilter, access_log_class, attach_verdict, operation
from petsage.http.access_log import FailedProbes
from tests.support.orders_api import Order, OrderSchema, app, send_raw

_ENTRY = ("remote", "method", "path", "status", "user_agent", "request_id")


@operation(summary="Show", responses={200: OrderSchema()}, quiet=True)
async def quiet(request: web.Request) -> Order:
    if "fail" in request.query:
        raise web.HTTPServiceUnavailable
    return Order(1, "bone", 2)


SAID = {"good": ProbeVerdict("shop", "pass"), "bad": ProbeVerdict("shop", "fail", ("db",))}
SAID["worse"] = ProbeVerdict("shop", "fail", ("db", "cache"))


@operation(summary="Probe", responses={200: None, 503: ProblemSchema()}, quiet=True)
async def probe(request: web.Request) -> web.Response:
    name = request.match_info["said"]
    said = (
        SAID[name] if name in SAID else ProbeVerdict(name.removesuffix("-well"), "pass" if "-well" in name else "fail")
    )
    attach_verdict(request, said)
    return web.Response(status=200 if said.status == "pass" else 503)


@operation(summary="Show", responses={200: OrderSchema()})
async def loud(request: web.Request) -> Order:
    return Order(1, "bone", 2)


async def plain(request: web.Request) -> web.Response:
    return web.Response()


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    caplog.set_level(logging.INFO, "aiohttp.access")
    with caplog.filtering(RequestIdFilter()):
        yield caplog


def paths(caplog: pytest.LogCaptureFixture) -> list[tuple[str, int]]:
    records = [vars(record) for record in caplog.records if record.name == "aiohttp.access"]
    return [(record["path"], record["status"]) for record in records]


def served() -> web.Application:
    return app(
        web.get("/quiet", quiet), web.get("/loud", loud), web.get("/plain", plain), web.get("/probe/{said}", probe)
    )


ASKED = ["/quiet", "/quiet?fail", "/loud", "/plain", "/nope"]


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("all", [("/quiet", 200), ("/quiet", 503), ("/loud", 200), ("/plain", 200), ("/nope", 404)]),
        ("failures", [("/quiet", 503), ("/loud", 200), ("/plain", 200), ("/nope", 404)]),
        ("none", []),
    ],
)
async def test_a_mode_says_which_requests_are_worth_a_line(
    aiohttp_client: AiohttpClient,
    aiohttp_server: AiohttpServer,
    lines: pytest.LogCaptureFixture,
    mode: Any,
    expected: list[tuple[str, int]],
) -> None:
    client: TestClient[Any, Any] = await aiohttp_client(
        await aiohttp_server(served(), access_log_class=access_log_class(mode))
    )
    for path in ASKED:
        await (await client.get(path)).read()
    await client.close()
    assert paths(lines) == expected


async def test_a_line_says_who_asked_what_and_how_it_went(
    aiohttp_client: AiohttpClient, aiohttp_server: AiohttpServer, lines: pytest.LogCaptureFixture
) -> None:
    client: TestClient[Any, Any] = await aiohttp_client(
        await aiohttp_server(served(), access_log_class=access_log_class("all"))
    )
    headers = {"User-Agent": "cli/1", "X-Request-ID": "abc"}
    await (await client.get("/loud?token=secret", headers=headers)).read()
    await client.close()
    [record] = [vars(one) for one in lines.records if one.name == "aiohttp.access"]
    assert [record[name] for name in _ENTRY] == ["127.0.0.1", "GET", "/loud", 200, "cli/1", "abc"]
    size, took = record["size"], record["duration_ms"]
    assert record["message"] == f'127.0.0.1 "GET /loud" 200 {size} {took}ms "cli/1"'
    assert size > len('{"id": 1, "item": "bone", "amount": 2}')
    assert took >= 0


async def test_no_header_can_forge_a_line(aiohttp_server: AiohttpServer, lines: pytest.LogCaptureFixture) -> None:
    server = await aiohttp_server(served(), access_log_class=access_log_class("all"))
    head = b'GET /plain HTTP/1.1\r\nHost: x\r\nConnection: close\r\nUser-Agent: a" 200 \t\\ \xe4\xff\r\n\r\n'
    await send_raw(server.host, server.port or 0, head)
    await server.close()
    [record] = [vars(one) for one in lines.records if one.name == "aiohttp.access"]
    assert record["message"].isprintable()
    assert record["message"].isascii()
    assert '"a\\" 200 ' in record["message"]


async def test_what_aiohttp_itself_refuses_is_logged_too(
    aiohttp_server: AiohttpServer, lines: pytest.LogCaptureFixture
) -> None:
    server = await aiohttp_server(served(), access_log_class=access_log_class("failures"))
    received = await send_raw(server.host, server.port or 0, b"NONSENSE\r\n\r\n")
    await server.close()
    assert received.startswith((b"HTTP/1.0 400 Bad Request\r\n", b"HTTP/1.1 400 Bad Request\r\n"))
    assert [status for _, status in paths(lines)] == [400]


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what stands at the end of each line, after the quoted user agent."""
    return [one.getMessage().rpartition('"')[2].strip() for one in caplog.records if one.name == "aiohttp.access"]


async def asked(client: TestClient[Any, Any], *paths: str, method: str = "GET") -> None:
    for path in paths:
        await (await client.request(method, path)).read()


async def failures_only(aiohttp_client: AiohttpClient, aiohttp_server: AiohttpServer) -> TestClient[Any, Any]:
    return await aiohttp_client(await aiohttp_server(served(), access_log_class=access_log_class("failures")))


async def test_a_probe_is_logged_when_what_it_says_changes_however_often_it_is_asked(
    aiohttp_client: AiohttpClient, aiohttp_server: AiohttpServer, lines: pytest.LogCaptureFixture
) -> None:
    client = await failures_only(aiohttp_client, aiohttp_server)
    for said in ("good", "bad", "worse", "bad", "good", "bad", "good"):
        await asked(client, *[f"/probe/{said}"] * 20)
        await asked(client, f"/probe/{said}", method="HEAD")
    await client.close()
    assert told(lines) == [
        "shop: fail (db)",
        "shop: fail -> fail (db, cache)",
        "shop: fail -> fail (db)",
        "shop: fail -> pass",
        "shop: fail (db)",
        "shop: fail -> pass",
    ]
    assert paths(lines)[:2] == [("/probe/bad", 503), ("/probe/worse", 503)]
    changes = [vars(one)["change"] for one in lines.records if one.name == "aiohttp.access"]
    assert changes == told(lines)


async def test_each_connection_shares_what_is_known_and_each_server_has_its_own(
    aiohttp_client: AiohttpClient, aiohttp_server: AiohttpServer, lines: pytest.LogCaptureFixture
) -> None:
    first = await failures_only(aiohttp_client, aiohttp_server)
    head = {"Connection": "close"}
    for said in ("bad", "bad", "good", "bad"):
        await (await first.get(f"/probe/{said}", headers=head)).read()
    second = await failures_only(aiohttp_client, aiohttp_server)
    await asked(second, "/probe/bad", "/probe/bad")
    await first.close()
    await second.close()
    assert told(lines) == ["shop: fail (db)", "shop: fail -> pass", "shop: fail (db)", "shop: fail (db)"]


async def test_all_logs_each_request_of_a_probe(
    aiohttp_client: AiohttpClient, aiohttp_server: AiohttpServer, lines: pytest.LogCaptureFixture
) -> None:
    server = await aiohttp_server(served(), access_log_class=access_log_class("all"))
    client: TestClient[Any, Any] = await aiohttp_client(server)
    await asked(client, *["/probe/bad"] * 5, *["/probe/good"] * 5)
    await client.close()
    assert paths(lines) == [("/probe/bad", 503)] * 5 + [("/probe/good", 200)] * 5


async def test_a_quiet_operation_without_a_verdict_is_identified_by_its_path(
    aiohttp_client: AiohttpClient, aiohttp_server: AiohttpServer, lines: pytest.LogCaptureFixture
) -> None:
    client = await failures_only(aiohttp_client, aiohttp_server)
    await asked(client, "/quiet", "/quiet?fail", "/quiet?fail&x", "/quiet", "/quiet", "/quiet?fail")
    await client.close()
    assert told(lines) == ["/quiet: 503", "/quiet: 503 -> 200", "/quiet: 503"]


async def test_failed_probes_are_bounded_and_the_last_ones_are_kept() -> None:
    known = FailedProbes(most=3)
    for number in range(1000):
        assert known.failed(ProbeVerdict(f"q{number}", "fail")) == f"q{number}: fail"
        assert known.failed(ProbeVerdict("often", "fail")) == (None if number else "often: fail")
    assert len(known._known) == 3
    assert known.passed(ProbeVerdict("often", "pass")) == "often: fail -> pass"
    assert known.passed(ProbeVerdict("q0", "pass")) is None
    assert [known.passed(ProbeVerdict(f"q{number}", "pass")) for number in (998, 999)] == [
        "q998: fail -> pass",
        "q999: fail -> pass",
    ]
    assert not known
