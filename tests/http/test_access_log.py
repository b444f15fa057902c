"""The access log: one line a request that nobody can forge, and only those that somebody wants to read."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from pytest_aiohttp.plugin import AiohttpClient, AiohttpServer

from petsage.http import RequestIdFilter, access_log_class, operation
from tests.http.orders_api import Order, OrderSchema, app, send_raw

_ENTRY = ("remote", "method", "path", "status", "user_agent", "request_id")


@operation(summary="Show", responses={200: OrderSchema()}, quiet=True)
async def quiet(request: web.Request) -> Order:
    if "fail" in request.query:
        raise web.HTTPServiceUnavailable
    return Order(1, "bone", 2)


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
    return app(web.get("/quiet", quiet), web.get("/loud", loud), web.get("/plain", plain))


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
