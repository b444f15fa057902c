"""Cached responses: sent as aiohttp would send them, and changeable like others."""

import asyncio
import re
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from multidict import CIMultiDict
from pytest_aiohttp import AiohttpServer

from petsage.http import CachedResponse

HEADERS = {"Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store"}
BODY = '{"message": "schön"}'.encode()
Change = Callable[[web.StreamResponse], None]


def application(
    change: Change | None = None, *, by: str = "", status: int = 200, body: bytes | None = BODY
) -> web.Application:
    """An application that gives the same answer twice: as it is kept, and made anew by aiohttp."""
    kept = CachedResponse(status, CIMultiDict(HEADERS), body)

    async def show_kept(request: web.Request) -> web.StreamResponse:
        return kept.response()

    async def show_made(request: web.Request) -> web.StreamResponse:
        return web.Response(body=body, status=status, headers=HEADERS)

    @web.middleware
    async def middleware(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        response = await handler(request)
        if change is not None and by == "middleware":
            change(response)
        return response

    async def receiver(request: web.Request, response: web.StreamResponse) -> None:
        if change is not None and request.path != "/none":
            change(response)

    app = web.Application(middlewares=[middleware])
    if by == "signal":
        app.on_response_prepare.append(receiver)
    app.add_routes([web.get("/kept", show_kept), web.get("/made", show_made)])
    return app


async def exchange(server: TestServer, *requests: str) -> bytes:
    """Return all that is answered to requests of one connection; the last asks to close it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    closing = "GET /none HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    writer.write("".join([*requests, closing]).encode())
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer


async def both(server: TestServer, request: str) -> tuple[bytes, bytes]:
    """Return what is answered at both paths; the dates are compared by their form only."""
    kept, made = [await exchange(server, request.replace("PATH", path)) for path in ("/kept", "/made")]
    date = re.compile(rb"(?<=Date: )\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT")
    assert date.search(kept)
    return date.sub(b"then", kept), date.sub(b"then", made)


@pytest.mark.parametrize(
    "request_",
    [
        "GET PATH HTTP/1.1\r\nHost: x\r\n\r\n",
        "HEAD PATH HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET PATH HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        "GET PATH HTTP/1.0\r\nHost: x\r\n\r\n",
        "GET PATH HTTP/1.0\r\nHost: x\r\nConnection: keep-alive\r\n\r\n",
        "GET PATH HTTP/1.1\r\nHost: x\r\n\r\nGET PATH HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
)
@pytest.mark.parametrize(("status", "body"), [(200, BODY), (503, BODY), (200, None), (204, None)])
async def test_every_request_gets_byte_for_byte_what_aiohttp_would_write(
    aiohttp_server: AiohttpServer, request_: str, status: int, body: bytes | None
) -> None:
    server = await aiohttp_server(application(status=status, body=body))
    kept, made = await both(server, request_)
    assert kept == made
    assert kept.startswith(b"HTTP/1.")


def adds_a_header(response: web.StreamResponse) -> None:
    response.headers["X-Frame-Options"] = "DENY"


def sets_a_cookie(response: web.StreamResponse) -> None:
    response.set_cookie("a", "b")


def says_another_status(response: web.StreamResponse) -> None:
    response.set_status(418)


def says_something_else(response: web.StreamResponse) -> None:
    assert isinstance(response, web.Response)
    response.body = b"{}"


def compresses(response: web.StreamResponse) -> None:
    response.enable_compression(web.ContentCoding.deflate)


def sends_in_chunks(response: web.StreamResponse) -> None:
    response.enable_chunked_encoding()


def closes(response: web.StreamResponse) -> None:
    response.force_close()


def remembers(response: web.StreamResponse) -> None:
    response[REMEMBERED] = "a"
    assert [*response] == [REMEMBERED]


def only_looks(response: web.StreamResponse) -> None:
    assert isinstance(response, web.Response)
    seen = (response.status, response.reason, response.body, response.text)
    assert seen == (200, "OK", BODY, BODY.decode())
    assert HEADERS.items() <= dict(response.headers).items()


REMEMBERED = web.ResponseKey("remembered", str)
CHANGES = [adds_a_header, sets_a_cookie, says_something_else, closes, remembers, only_looks]
TOO_LATE_IN_A_SIGNAL = [says_another_status, sends_in_chunks, compresses]


@pytest.mark.parametrize("change", [*CHANGES, *TOO_LATE_IN_A_SIGNAL])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_what_a_middleware_changes_is_changed(aiohttp_server: AiohttpServer, change: Change, method: str) -> None:
    server = await aiohttp_server(application(change, by="middleware"))
    kept, made = await both(server, f"{method} PATH HTTP/1.1\r\nHost: x\r\n\r\n")
    assert kept == made


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_what_a_signals_receiver_changes_is_changed(
    aiohttp_server: AiohttpServer, change: Change, method: str
) -> None:
    server = await aiohttp_server(application(change, by="signal"))
    kept, made = await both(server, f"{method} PATH HTTP/1.1\r\nHost: x\r\n\r\n")
    assert kept == made


async def test_a_signals_receiver_is_called_once_a_request(aiohttp_server: AiohttpServer) -> None:
    seen: list[int] = []
    server = await aiohttp_server(application(lambda response: seen.append(response.status), by="signal"))
    await exchange(server, "GET /kept HTTP/1.1\r\nHost: x\r\n\r\n")
    await exchange(server, "HEAD /kept HTTP/1.1\r\nHost: x\r\n\r\n")
    assert seen == [200, 200]


async def test_a_change_is_for_one_request_only(aiohttp_server: AiohttpServer) -> None:
    changes: list[Change] = [adds_a_header, says_another_status, says_something_else]
    request = "GET /kept HTTP/1.1\r\nHost: x\r\n\r\n"

    def change_once(response: web.StreamResponse) -> None:
        if changes:
            changes.pop()(response)

    server = await aiohttp_server(application(change_once, by="middleware"))
    answers = [await exchange(server, request) for _ in range(4)]
    assert [(answer[9:12], b"DENY" in answer, BODY in answer) for answer in answers] == [
        (b"200", False, False),
        (b"418", False, True),
        (b"200", True, True),
        (b"200", False, True),
    ]


async def test_the_date_is_that_of_the_answer(aiohttp_server: AiohttpServer, monkeypatch: pytest.MonkeyPatch) -> None:
    server = await aiohttp_server(application())
    dates = []
    for now in (0.0, 0.9, 1.0, 1_000_000_000.5):
        monkeypatch.setattr("petsage.http.cached_response.time", lambda now=now: now)
        answer = await exchange(server, "GET /kept HTTP/1.1\r\nHost: x\r\n\r\n")
        dates.append(answer.split(b"Date: ")[1].split(b"\r\n")[0])
    assert dates == [
        b"Thu, 01 Jan 1970 00:00:00 GMT",
        b"Thu, 01 Jan 1970 00:00:00 GMT",
        b"Thu, 01 Jan 1970 00:00:01 GMT",
        b"Sun, 09 Sep 2001 01:46:40 GMT",
    ]


async def test_repeated_headers_and_those_set_before_are_sent(aiohttp_server: AiohttpServer) -> None:
    headers = CIMultiDict([("Link", "<a>"), ("Link", "<b>"), ("server", "mine"), ("Date", "then")])
    kept = CachedResponse(200, headers, b"{}")

    async def show_kept(request: web.Request) -> web.StreamResponse:
        return kept.response()

    async def show_made(request: web.Request) -> web.StreamResponse:
        return web.Response(body=b"{}", headers=headers)

    app = web.Application()
    app.add_routes([web.get("/kept", show_kept), web.get("/made", show_made)])
    answers = await both(await aiohttp_server(app), "GET PATH HTTP/1.1\r\nHost: x\r\n\r\n")
    assert answers[0] == answers[1]
    assert answers[0].startswith(b"HTTP/1.1 200 OK\r\nLink: <a>\r\nLink: <b>\r\nserver: mine\r\nDate: then\r\n")


@pytest.mark.parametrize("value", ["a\r\nSet-Cookie: b", "a\nb", "a\0b"])
def test_no_line_can_be_put_into_a_header(value: str) -> None:
    with pytest.raises(ValueError, match="a header holds a control character"):
        CachedResponse(200, CIMultiDict({"X": value}), b"{}").encoded()
