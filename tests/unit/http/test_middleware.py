"""Middleware: every error is a problem, without internal details."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import WSMsgType, web
from marshmallow import ValidationError
from pytest_aiohttp.plugin import AiohttpClient, AiohttpServer

from petsage.http import ProblemError, ProblemSchema, problem_middleware
from tests.support.orders_api import PROBLEM_HEADERS, app, listening, problem, seen, send_raw

Handler = Callable[[web.Request], Awaitable[Any]]


def raising(error: BaseException) -> Handler:
    """A handler that raises."""

    async def handler(request: web.Request) -> web.StreamResponse:
        raise error

    return handler


def returning(result: object) -> Handler:
    """A handler that returns."""

    async def handler(request: web.Request) -> Any:
        return result

    return handler


def errors(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    """What an operator would be woken by."""
    return [record for record in caplog.records if record.levelno >= logging.WARNING]


async def test_a_path_that_nothing_serves_is_404(aiohttp_client: AiohttpClient) -> None:
    client = await aiohttp_client(app())
    detail = "nothing is served at /n%C3%B6pe/%2F"
    expected = problem(404, "Not Found", detail, "/n%C3%B6pe/%2F")
    assert await seen(await client.get("/n%C3%B6pe/%2F?token=secret")) == (404, PROBLEM_HEADERS, expected)


async def test_a_method_that_is_not_allowed_is_405_and_keeps_allow(aiohttp_client: AiohttpClient) -> None:
    client = await aiohttp_client(app(web.get("/x", returning(None)), web.put("/x", returning(None))))
    expected = problem(405, "Method Not Allowed", "POST is not allowed here, only GET, HEAD, PUT", "/x")
    assert await seen(await client.post("/x")) == (405, {**PROBLEM_HEADERS, "Allow": "GET,HEAD,PUT"}, expected)


async def test_an_error_to_head_has_the_same_headers_and_no_body(aiohttp_client: AiohttpClient) -> None:
    client = await aiohttp_client(app())
    head, get = await client.head("/nope"), await client.get("/nope")
    assert await seen(head) == (404, PROBLEM_HEADERS, "")
    assert head.headers["Content-Length"] == get.headers["Content-Length"]


class Teapot(web.HTTPClientError):
    status_code = 418


@pytest.mark.parametrize(
    ("error", "title", "detail"),
    [
        (web.HTTPNotFound(text="there is no order 5"), "Not Found", "there is no order 5"),
        (web.HTTPForbidden(), "Forbidden", "Forbidden"),
        (web.HTTPConflict(reason="Taken already"), "Conflict", "Taken already"),
        (Teapot(), "I'm a Teapot", "I'm a Teapot"),
        (web.HTTPUnprocessableEntity(), "Unprocessable Content", "Unprocessable Content"),
        (web.HTTPServiceUnavailable(text="closed"), "Service Unavailable", "closed"),
        (web.HTTPBadGateway(text=""), "Bad Gateway", "Bad Gateway"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
async def test_an_http_exception_becomes_a_problem_with_its_own_text(
    aiohttp_client: AiohttpClient,
    error: web.HTTPException,
    title: str,
    detail: str,
) -> None:
    client = await aiohttp_client(app(web.get("/x", raising(error))))
    expected = problem(error.status, title, detail, "/x")
    assert await seen(await client.get("/x")) == (error.status, PROBLEM_HEADERS, expected)


async def test_headers_of_an_http_exception_are_sent_but_for_cookies_and_those_of_its_body(
    aiohttp_client: AiohttpClient,
) -> None:
    error = web.HTTPUnauthorized(headers={"WWW-Authenticate": "Bearer", "Retry-After": "3", "Content-Language": "en"})
    error.set_cookie("session", "secret")
    client = await aiohttp_client(app(web.get("/x", raising(error))))
    headers = {**PROBLEM_HEADERS, "WWW-Authenticate": "Bearer", "Retry-After": "3"}
    expected = problem(401, "Unauthorized", "Unauthorized", "/x")
    assert await seen(await client.get("/x")) == (401, headers, expected)


async def test_an_http_exception_with_a_form_of_its_own_passes(aiohttp_client: AiohttpClient) -> None:
    error = web.HTTPBadRequest(text='{"code": 7}', content_type="application/json")
    client = await aiohttp_client(app(web.get("/x", raising(error))))
    headers = {"Content-Type": "application/json; charset=utf-8"}
    assert await seen(await client.get("/x")) == (400, headers, {"code": 7})


async def test_a_redirect_passes_and_echoes_the_id(aiohttp_client: AiohttpClient) -> None:
    client = await aiohttp_client(app(web.get("/x", raising(web.HTTPFound("/y")))))
    response = await client.get("/x", allow_redirects=False, headers={"X-Request-ID": "abc"})
    headers = {"Content-Type": "text/plain; charset=utf-8", "Location": "/y", "X-Request-ID": "abc"}
    assert await seen(response) == (302, headers, "302: Found")


@pytest.mark.filterwarnings("error")
async def test_an_http_exception_that_is_returned_counts_as_raised(aiohttp_client: AiohttpClient) -> None:
    client = await aiohttp_client(app(web.get("/x", returning(web.HTTPGone()))))
    assert await seen(await client.get("/x")) == (410, PROBLEM_HEADERS, problem(410, "Gone", "Gone", "/x"))


async def test_a_returned_error_without_a_body_gets_one_and_keeps_its_headers(aiohttp_client: AiohttpClient) -> None:
    bare = web.Response(status=429, headers={"Retry-After": "1"})
    client = await aiohttp_client(app(web.get("/x", returning(bare))))
    expected = problem(429, "Too Many Requests", "Too Many Requests", "/x")
    assert await seen(await client.get("/x")) == (429, {**PROBLEM_HEADERS, "Retry-After": "1"}, expected)


async def test_a_returned_error_with_a_body_is_the_features_own_word(aiohttp_client: AiohttpClient) -> None:
    own = web.json_response({"status": "fail"}, status=503)
    client = await aiohttp_client(app(web.get("/x", returning(own))))
    headers = {"Content-Type": "application/json; charset=utf-8"}
    assert await seen(await client.get("/x")) == (503, headers, {"status": "fail"})


async def test_a_raised_problem_is_answered_with_all_its_members(aiohttp_client: AiohttpClient) -> None:
    error = ProblemError(503, "orders stopped", ref="0123abcd", headers={"Retry-After": "5"}, feature="orders")
    client = await aiohttp_client(app(web.get("/x", raising(error))))
    expected = problem(503, "Service Unavailable", "orders stopped", "/x", ref="0123abcd", feature="orders")
    assert await seen(await client.get("/x")) == (503, {**PROBLEM_HEADERS, "Retry-After": "5"}, expected)


@pytest.mark.parametrize("status", [200, 399, 600])
def test_a_problem_is_an_error(status: int) -> None:
    with pytest.raises(ValueError, match=f"a problem has a status from 400 to 599, not {status}"):
        raise ProblemError(status, "no")


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("nobody else holds this for a secret"),
        TimeoutError(),
        ValidationError("mine"),
        ConnectionResetError("database"),
    ],
    ids=repr,
)
async def test_an_unexpected_error_is_logged_once_and_withheld(
    aiohttp_client: AiohttpClient,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
) -> None:
    client = await aiohttp_client(app(web.get("/x", raising(error))))
    status, headers, document = await seen(await client.get("/x?token=secret"))
    ref = document["ref"]
    detail = f"something went wrong here; the log has it under {ref}"
    assert (status, document) == (500, problem(500, "Internal Server Error", detail, "/x", ref=ref))
    assert {**PROBLEM_HEADERS, "X-Request-ID": headers.get("X-Request-ID")} == {"X-Request-ID": None, **headers}
    [record] = errors(caplog)
    assert (record.name, record.levelname, record.message) == ("petsage.http", "ERROR", f"GET /x failed (ref {ref})")
    assert record.exc_info is not None
    assert record.exc_info[1] is error


UNREADABLE = "its traceback cannot be written, because the exception's own methods raise"


class _Unreadable(type):
    @property
    def __name__(cls) -> str:  # type: ignore[override]  # the same
        raise ValueError


class Evil(Exception, metaclass=_Unreadable):  # noqa: N818 (none of it can be read)
    def __str__(self) -> str:
        raise SystemExit

    @property  # type: ignore[misc]  # no class has such a one
    def __class__(self) -> type:
        raise ValueError


class EvilGroup(BaseExceptionGroup[BaseException]):
    @property
    def exceptions(self) -> Any:
        raise ValueError


@pytest.mark.parametrize(
    ("error", "logged"),
    [
        (SystemExit(3), "SystemExit: 3"),
        (KeyboardInterrupt(), "KeyboardInterrupt"),
        (BaseExceptionGroup("x", [SystemExit()]), "BaseExceptionGroup: x (1 sub-exception)"),
        (Evil(), f"Evil: {UNREADABLE}"),
        (
            EvilGroup("x", [KeyError()]),
            f"EvilGroup: {UNREADABLE}",
        ),
    ],
    ids=["exit", "interrupt", "group", "unreadable", "unreadable group"],
)
async def test_whatever_a_handler_raises_is_a_problem_and_a_log_line(
    aiohttp_client: AiohttpClient, caplog: pytest.LogCaptureFixture, error: BaseException, logged: str
) -> None:
    client = await aiohttp_client(app(web.get("/x", raising(error))))
    status, _, document = await seen(await client.get("/x"))
    ref = document["ref"]
    detail = f"something went wrong here; the log has it under {ref}"
    assert (status, document) == (500, problem(500, "Internal Server Error", detail, "/x", ref=ref))
    [record] = errors(caplog)
    assert record.message == f"GET /x failed (ref {ref})"
    assert logged in str(record.exc_text)
    assert (await client.get("/nope")).status == 404


async def test_a_handler_that_returns_no_response_is_named(
    aiohttp_client: AiohttpClient,
    caplog: pytest.LogCaptureFixture,
) -> None:
    client = await aiohttp_client(app(web.get("/x", returning(None))))
    assert (await client.get("/x")).status == 500
    [record] = errors(caplog)
    assert str(record.exc_info and record.exc_info[1]) == "the handler returned NoneType, which is not a response"


async def test_cancellation_passes() -> None:
    with pytest.raises(asyncio.CancelledError):
        await problem_middleware(web_request(), raising(asyncio.CancelledError()))


def web_request() -> web.Request:
    from aiohttp.test_utils import make_mocked_request  # noqa: PLC0415 (one test needs it)

    return make_mocked_request("GET", "/")


async def test_it_works_around_a_single_handler_of_a_foreign_application(aiohttp_client: AiohttpClient) -> None:
    async def wrapped(request: web.Request) -> web.StreamResponse:
        return await problem_middleware(request, raising(ProblemError(409, "taken")))

    foreign = web.Application()
    foreign.add_routes([web.get("/ours", wrapped), web.get("/theirs", raising(web.HTTPConflict()))])
    client = await aiohttp_client(foreign)
    assert await seen(await client.get("/ours")) == (409, PROBLEM_HEADERS, problem(409, "Conflict", "taken", "/ours"))
    theirs = (409, {"Content-Type": "text/plain; charset=utf-8"}, "409: Conflict")
    assert await seen(await client.get("/theirs")) == theirs


@pytest.mark.parametrize("error", [RuntimeError("broken"), web.HTTPNotFound(), ProblemError(404, "late")], ids=repr)
async def test_a_stream_that_breaks_in_the_middle_is_cut_off_and_logged_once(
    aiohttp_server: AiohttpServer,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
) -> None:
    async def stream(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"begun")
        raise error

    server = await aiohttp_server(app(web.get("/x", stream)))
    received = await send_raw(server.host, server.port or 0, b"GET /x HTTP/1.1\r\nHost: x\r\n\r\n")
    assert received.startswith(b"HTTP/1.1 200 OK\r\n")
    assert received.endswith(b"\r\n\r\n5\r\nbegun\r\n")
    [record] = errors(caplog)
    assert record.exc_info is not None
    assert record.exc_info[1] is error


async def test_a_client_that_disconnects_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "petsage.http")
    began, over = asyncio.Event(), asyncio.Event()

    async def read(request: web.Request) -> web.StreamResponse:
        began.set()
        try:
            await request.read()
        finally:
            over.set()
        return web.Response()

    async with listening(app(web.post("/x", read))) as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf")
        await asyncio.wait_for(began.wait(), 60)
        writer.transport.abort()
        await asyncio.wait_for(over.wait(), 60)
    assert errors(caplog) == []
    assert [one.message for one in caplog.records if one.name == "petsage.http"] == [
        "POST /x: the client closed the connection"
    ]


async def test_a_client_that_leaves_a_stream_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "petsage.http")
    over = asyncio.Event()

    async def stream(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            while True:
                await response.write(b"x" * 1000)
                await asyncio.sleep(0)
        finally:
            over.set()

    async with listening(app(web.get("/x", stream))) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /x HTTP/1.1\r\nHost: x\r\n\r\n")
        await reader.readline()
        writer.transport.abort()
        await asyncio.wait_for(over.wait(), 60)
    assert errors(caplog) == []
    assert [one.message for one in caplog.records if one.name == "petsage.http"] == [
        "GET /x: the client closed the connection"
    ]


async def test_a_websocket_that_breaks_is_closed_and_logged_once(
    aiohttp_client: AiohttpClient,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def talk(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_str(await socket.receive_str())
        raise RuntimeError("broken")

    client = await aiohttp_client(app(web.get("/x", talk)))
    async with client.ws_connect("/x") as socket:
        await socket.send_str("hello")
        assert await socket.receive_str() == "hello"
        assert (await socket.receive()).type in (WSMsgType.CLOSED, WSMsgType.CLOSE, WSMsgType.ERROR)
    [record] = errors(caplog)
    assert record.message.startswith("GET /x failed (ref ")


async def test_every_problem_is_one_by_its_schema(aiohttp_client: AiohttpClient) -> None:
    client = await aiohttp_client(app(web.get("/x", raising(RuntimeError()))))
    documents = [
        json.loads(await (await client.request(m, p)).read()) for m, p in [("GET", "/x"), ("PUT", "/x"), ("GET", "/")]
    ]
    assert [document["status"] for document in documents] == [500, 405, 404]
    assert ProblemSchema(many=True).validate(documents) == {}
