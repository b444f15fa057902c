"""Bodies: limited however they are read, and not read in vain."""

import asyncio
import json
import zlib
from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any

import pytest
from aiohttp import web
from aiohttp.compression_utils import ZLibDecompressor
from aiohttp.typedefs import Handler
from marshmallow import Schema, fields
from pytest_aiohttp import AiohttpServer

from petsage.app import attach, create_app
from petsage.http import ProblemError, operation
from tests.support.orders_api import app, problem, send_raw
from tests.support.project import Project

MOST = 1000
FORM = "multipart/form-data; boundary=b"
START = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n'
END = b"\r\n--b--\r\n"
Read = Callable[[web.Request], Awaitable[Any]]


@pytest.fixture(autouse=True)
def linger(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Close soon after answers to clients that send nothing more; those that do are marked."""
    if "patient" not in request.fixturenames:
        monkeypatch.setattr("petsage.http.body_streams.DISCARD_SECONDS", 0.01)


@pytest.fixture
def patient() -> None:
    """Leave the time that clients are given as it is."""


async def read(request: web.Request) -> Any:
    return await request.read()


async def text(request: web.Request) -> Any:
    return await request.text()


async def as_json(request: web.Request) -> Any:
    return await request.json(loads=str)


async def content_read(request: web.Request) -> Any:
    return await request.content.read()


async def content_read_some(request: web.Request) -> Any:
    return b"".join([piece async for piece in request.content.iter_chunked(100)])


async def content_iter_any(request: web.Request) -> Any:
    return b"".join([piece async for piece in request.content.iter_any()])


async def content_iter_chunks(request: web.Request) -> Any:
    return b"".join([piece async for piece, _ in request.content.iter_chunks()])


async def content_lines(request: web.Request) -> Any:
    return b"".join([line async for line in request.content])


async def content_exactly(request: web.Request) -> Any:
    return await request.content.readexactly(MOST) + await request.content.read()


async def content_nowait(request: web.Request) -> Any:
    await request.content.wait_eof()
    return request.content.read_nowait()


async def released(request: web.Request) -> Any:
    await request.release()
    return b"x" * MOST


async def a_clone(request: web.Request) -> Any:
    return await request.clone(client_max_size=0).read()


async def post(request: web.Request) -> Any:
    return next(iter((await request.post()).values()))


async def multipart(request: web.Request) -> Any:
    return b"".join([bytes(await part.read(decode=True)) async for part in await request.multipart()])  # type: ignore[union-attr]


async def multipart_chunks(request: web.Request) -> Any:
    pieces = []
    async for part in await request.multipart():
        while piece := await part.read_chunk(100):  # type: ignore[union-attr]
            pieces.append(piece)
    return b"".join(pieces)


PLAIN: list[Read] = [
    read,
    text,
    as_json,
    content_read,
    content_read_some,
    content_iter_any,
    content_iter_chunks,
    content_lines,
    content_exactly,
    content_nowait,
    released,
    a_clone,
]
OF_PARTS: list[Read] = [post, multipart, multipart_chunks]


def reading(way: Read) -> web.RouteDef:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(text=str(len(await way(request))))

    return web.post("/", handler)


def whole(body: bytes) -> bytes:
    return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)


def chunked(body: bytes) -> bytes:
    return b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)


def deflated(body: bytes) -> bytes:
    return b"Content-Encoding: deflate\r\n" + whole(zlib.compress(body))


def gzipped_chunks(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=31)
    return b"Content-Encoding: gzip\r\n" + chunked(packer.compress(body) + packer.flush())


FORMS = [whole, chunked, deflated, gzipped_chunks]


@cache
def bomb(form: Callable[[bytes], bytes]) -> bytes:
    """20 MB, of which 20 kB are sent: the server has them all at once."""
    return form(b"x" * 20_000_000)


def request_of(sent: bytes, *, path: str = "/", method: str = "POST", media_type: str = "text/plain") -> bytes:
    return f"{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Type: {media_type}\r\n".encode() + sent


async def ask(server: Any, sent: bytes) -> tuple[int, dict[str, str], Any]:
    """Send bytes, wait for the server to close, and return status, headers and body."""
    received = await send_raw(server.host, server.port, sent)
    head, _, body = received.partition(b"\r\n\r\n")
    status, *lines = head.decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    return int(status.split()[1]), headers, json.loads(body) if "json" in headers["Content-Type"] else body.decode()


TOO_LARGE = problem(413, "Content Too Large", f"the body is larger than {MOST} bytes", "/")


@pytest.mark.parametrize("way", PLAIN, ids=lambda way: way.__name__)
@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
async def test_every_way_to_read_a_body_meets_the_limit(
    aiohttp_server: AiohttpServer, way: Read, form: Callable[[bytes], bytes]
) -> None:
    server = await aiohttp_server(app(reading(way), client_max_size=MOST))
    allowed = request_of(b"Connection: close\r\n" + form(b"x" * MOST))
    status, _, body = await ask(server, allowed)
    assert (status, body) == (200, str(MOST))
    for size in (MOST + 1, 10 * MOST):
        status, headers, body = await ask(server, request_of(form(b"x" * size)))
        assert (status, headers["Connection"], body) == (413, "close", TOO_LARGE)


@pytest.mark.parametrize("way", OF_PARTS, ids=lambda way: way.__name__)
@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
async def test_every_way_to_read_parts_meets_the_limit(
    aiohttp_server: AiohttpServer, way: Read, form: Callable[[bytes], bytes]
) -> None:
    server = await aiohttp_server(app(reading(way), client_max_size=MOST))
    left = MOST - len(START) - len(END)
    allowed = request_of(b"Connection: close\r\n" + form(START + b"x" * left + END), media_type=FORM)
    status, _, body = await ask(server, allowed)
    assert (status, body) == (200, str(left))
    for size in (left + 1, 10 * MOST):
        status, headers, body = await ask(server, request_of(form(START + b"x" * size + END), media_type=FORM))
        assert (status, headers["Connection"], body) == (413, "close", TOO_LARGE)


@pytest.mark.parametrize("way", [read, content_read, content_read_some, multipart_chunks], ids=lambda way: way.__name__)
@pytest.mark.usefixtures("patient")
async def test_five_megabytes_are_refused_and_the_client_that_sends_them_gets_to_know(
    aiohttp_server: AiohttpServer, way: Read
) -> None:
    server = await aiohttp_server(app(reading(way)))
    for form in (whole, chunked):
        sent = request_of(form(START + b"x" * 5_000_000 + END), media_type=FORM)
        status, headers, body = await ask(server, sent)
        assert (status, headers["Connection"]) == (413, "close")
        assert body == problem(413, "Content Too Large", "the body is larger than 1048576 bytes", "/")


async def test_parts_that_are_inflated_one_by_one_meet_the_limit_together(aiohttp_server: AiohttpServer) -> None:
    packer = zlib.compressobj(wbits=-15)
    packed = packer.compress(b"x" * (MOST // 2)) + packer.flush()
    part = b"--b\r\nContent-Encoding: deflate\r\n\r\n" + packed + b"\r\n"
    server = await aiohttp_server(app(reading(multipart), client_max_size=MOST))
    answers = []
    for count in (2, 3):
        sent = b"Connection: close\r\n" + whole(part * count + b"--b--\r\n")
        answers.append(await ask(server, request_of(sent, media_type="multipart/mixed; boundary=b")))
    assert [(status, body) for status, _, body in answers] == [(200, str(MOST)), (413, TOO_LARGE)]


async def test_a_handler_that_goes_on_after_a_refusal_gets_it_again(aiohttp_server: AiohttpServer) -> None:
    async def stubborn(request: web.Request) -> web.Response:
        refused = 0
        for _ in range(3):
            try:
                await request.read()
            except web.HTTPRequestEntityTooLarge:
                refused += 1
        return web.Response(text=str(refused))

    server = await aiohttp_server(app(web.post("/", stubborn), client_max_size=MOST))
    status, headers, body = await ask(server, request_of(chunked(b"x" * 10_000)))
    assert (status, headers["Connection"], body) == (200, "close", "3")


@pytest.fixture
def inflated(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many bytes each call of aiohttp's inflater made."""
    counts: list[int] = []
    inflate = ZLibDecompressor.decompress_sync

    def counting(self: ZLibDecompressor, data: Any, *args: Any, **kwargs: Any) -> bytes:
        made = inflate(self, data, *args, **kwargs)
        counts.append(len(made))
        return made

    monkeypatch.setattr(ZLibDecompressor, "decompress_sync", counting)
    return counts


class NumberSchema(Schema):
    number = fields.Integer(required=True)


@operation(summary="Nothing is read", query=NumberSchema(), responses={200: NumberSchema()})
async def of_query(request: web.Request, query: Any) -> Any:
    raise AssertionError


async def ignoring(request: web.Request) -> web.Response:
    return web.Response(text="fine")


async def raising(request: web.Request) -> web.Response:
    raise ProblemError(401, "who are you?")


async def breaking(request: web.Request) -> web.Response:
    raise RuntimeError("broken")


async def redirecting(request: web.Request) -> web.Response:
    raise web.HTTPFound("/elsewhere")


async def streaming(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/plain"})
    await response.prepare(request)
    await response.write(b"fine")
    return response


async def looking(request: web.Request) -> web.Response:
    return web.Response(text=(await request.content.readexactly(4)).decode())


ROUTES = [
    web.route("*", "/ignoring", ignoring),
    web.get("/only-get", ignoring),
    web.route("*", "/raising", raising),
    web.route("*", "/breaking", breaking),
    web.route("*", "/redirecting", redirecting),
    web.route("*", "/streaming", streaming),
    web.route("*", "/looking", looking),
    web.route("*", "/query", of_query),
]
UNREAD = {
    "/ignoring": 200,
    "/nothing-is-there": 404,
    "/only-get": 405,
    "/raising": 401,
    "/breaking": 500,
    "/redirecting": 302,
    "/streaming": 200,
    "/looking": 200,
    "/query": 422,
}


@pytest.mark.parametrize("path", UNREAD)
@pytest.mark.parametrize("form", [deflated, gzipped_chunks], ids=lambda form: form.__name__)
async def test_an_unread_body_is_not_decompressed_and_the_connection_ends(
    aiohttp_server: AiohttpServer, inflated: list[int], path: str, form: Callable[[bytes], bytes]
) -> None:
    server = await aiohttp_server(app(*ROUTES))
    packed = bomb(form)
    smuggled = b"GET /ignoring HTTP/1.1\r\nHost: x\r\n\r\n"
    received = await send_raw(server.host, server.port or 0, request_of(packed, path=path) + smuggled)
    assert received.startswith(b"HTTP/1.1 %d " % UNREAD[path])
    assert received.count(b"HTTP/1.1 ") == 1
    assert sum(inflated) < 4_000_000


@pytest.mark.parametrize("path", ["/ignoring", "/nothing-is-there", "/only-get", "/raising", "/query"])
@pytest.mark.usefixtures("patient")
async def test_a_client_that_is_still_sending_an_unread_body_gets_the_response(
    aiohttp_server: AiohttpServer, path: str
) -> None:
    server = await aiohttp_server(app(*ROUTES))
    reader, writer = await asyncio.open_connection(server.host, server.port)
    writer.write(request_of(b"Content-Length: 20000000\r\n\r\n", path=path))
    for _ in range(20):
        writer.write(b"x" * 1_000_000)
        await writer.drain()
    answer = await asyncio.wait_for(reader.read(), 60)
    writer.close()
    assert answer.startswith(b"HTTP/1.1 %d " % UNREAD[path])
    assert b"\r\nConnection: close\r\n" in answer.replace(b"\r\n\r\n", b"\r\n")


@pytest.mark.parametrize(
    ("sent", "answers"),
    [
        (request_of(b"\r\n", method="GET", path="/ignoring"), 2),
        (request_of(whole(b""), path="/ignoring"), 2),
        (request_of(whole(b"good"), path="/looking"), 2),
        (request_of(whole(b"good "), path="/looking"), 1),
        (request_of(whole(b"good"), path="/ignoring"), 1),
        (request_of(whole(b"good"), method="GET", path="/ignoring"), 1),
        (request_of(chunked(b"good"), path="/ignoring"), 1),
    ],
)
async def test_the_connection_is_kept_when_nothing_is_left_unread(
    aiohttp_server: AiohttpServer, sent: bytes, answers: int
) -> None:
    server = await aiohttp_server(app(*ROUTES))
    last = b"GET /ignoring HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    received = await send_raw(server.host, server.port or 0, sent + last)
    assert received.count(b"HTTP/1.1 200 OK") == answers


@web.middleware
async def late(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Somebody else's middleware, which looks at what is answered."""
    response = await handler(request)
    response.headers["X-Late"] = "yes"
    return response


FEATURE = """
from aiohttp import web
from petsage.feature import Contribution

async def read(request):
    return web.Response(text=str(len(await request.content.read())))

async def ignore(request):
    return web.Response(text="fine")

def setup(core):
    return Contribution(routes=[web.post("/read", read), web.get("/ignore", ignore)])
"""


def their_app(**options: Any) -> web.Application:
    async def take(request: web.Request) -> web.Response:
        return web.Response(text=str(len(await request.content.read())))

    theirs = web.Application(middlewares=[late], **options)
    theirs.add_routes([web.post("/take", take), web.post("/theirs", ignoring)])
    return theirs


@pytest.mark.parametrize(
    ("max_body", "client_max_size", "most"), [("1KB", 0, 1000), ("1KB", 500, 500), ("500B", 1000, 500)]
)
async def test_attached_features_take_the_lower_of_both_limits(
    aiohttp_server: AiohttpServer, project: Project, max_body: str, client_max_size: int, most: int
) -> None:
    project.add_feature("bodies.py", FEATURE)
    theirs = their_app(client_max_size=client_max_size)
    attach(theirs, project.load(server={"max_body": max_body}))
    server = await aiohttp_server(theirs)
    allowed = await ask(server, request_of(b"Connection: close\r\n" + whole(b"x" * most), path="/read"))
    assert (allowed[0], allowed[2]) == (200, str(most))
    for form in FORMS:
        status, headers, body = await ask(server, request_of(form(b"x" * (most + 1)), path="/read"))
        assert (status, headers["Connection"], headers["X-Late"]) == (413, "close", "yes")
        assert body == problem(413, "Content Too Large", f"the body is larger than {most} bytes", "/read")


async def test_attached_features_do_not_inflate_what_they_do_not_read(
    aiohttp_server: AiohttpServer, project: Project, inflated: list[int]
) -> None:
    project.add_feature("bodies.py", FEATURE)
    theirs = their_app()
    attach(theirs, project.load())
    server = await aiohttp_server(theirs)
    sent = request_of(bomb(deflated), method="GET", path="/ignore")
    status, headers, body = await ask(server, sent)
    assert (status, headers["Connection"], headers["X-Late"], body) == (200, "close", "yes", "fine")
    assert sum(inflated) < 4_000_000


async def test_other_routes_of_the_application_are_not_changed(aiohttp_server: AiohttpServer, project: Project) -> None:
    theirs = their_app(client_max_size=0)
    attach(theirs, project.load(server={"max_body": "1KB"}))
    server = await aiohttp_server(theirs)
    sent = request_of(whole(b"x" * 5000), path="/theirs")
    sent += request_of(b"Connection: close\r\n" + whole(b"x" * 5000), path="/take")
    received = await send_raw(server.host, server.port or 0, sent)
    assert received.count(b"HTTP/1.1 200 OK") == 2
    assert received.endswith(b"\r\n\r\n5000")


async def test_every_built_in_route_ends_the_connection_after_an_unread_body(
    aiohttp_server: AiohttpServer, project: Project, inflated: list[int]
) -> None:
    server = await aiohttp_server(create_app(project.load()))
    packed = bomb(deflated)
    paths = ["/smoke-test", "/smoke-test/", "/livez", "/readyz", "/startupz", "/health", "/readyz/none", "/docs"]
    for path in [*paths, "/openapi.json", "/nothing-is-there"]:
        for method in ("GET", "POST"):
            status, headers, _ = await ask(server, request_of(packed, method=method, path=path))
            assert (status in (200, 404, 405, 503), headers["Connection"]) == (True, "close")
    assert sum(inflated) < 20 * 4_000_000
