import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from petsage import __version__
from petsage.checks.kinds.http import Http
from petsage.redaction.secret import Secret
from tests.support.peers import (
    Handler,
    answering,
    failure,
    failure_code,
    peer,
    resetting,
    silent,
    threads,
    warning,
)

Server = Callable[[web.Application], Awaitable[TestServer]]
Ask = Callable[..., Http]

DOCUMENT = {"status": "pass", "checks": [{"name": "db", "ok": True, "count": 3, "last": None}]}


@pytest.fixture
async def ask(aiohttp_server: Server) -> Ask:
    async def echo(request: web.Request) -> web.Response:
        heard = {"method": request.method, "body": await request.text(), "headers": dict(request.headers)}
        return web.json_response(heard)

    async def slow(_: web.Request) -> web.Response:
        await asyncio.sleep(0.05)
        return web.Response(text="late")

    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(64):
            await response.write(bytes(65536))
        return response

    async def document(_: web.Request) -> web.Response:
        return web.json_response(DOCUMENT)

    async def status(request: web.Request) -> web.Response:
        return web.Response(status=int(request.match_info["code"]), headers={"Location": "/status/200"})

    app = web.Application()
    app.router.add_route("*", "/echo", echo)
    app.add_routes([web.get("/slow", slow), web.get("/endless", endless), web.get("/document", document)])
    app.add_routes([web.get("/status/{code}", status)])
    server = await aiohttp_server(app)

    def make(path: str, **settings: Any) -> Http:
        return Http(url=Secret(str(server.make_url(path))), **settings)

    return make


async def test_an_answer_in_the_two_hundreds_holds(ask: Ask) -> None:
    observed = await ask("/status/204").run()
    assert observed == {"status": 204, "latency_ms": observed["latency_ms"]}


@pytest.mark.parametrize("code", [301, 404, 503])
async def test_another_status_is_named_and_a_redirect_is_not_followed(ask: Ask, code: int) -> None:
    assert await failure(ask(f"/status/{code}").run) == f"answered {code}, not 200-299"


async def test_a_status_may_be_expected(ask: Ask) -> None:
    expected = ((200, 200), (400, 404))
    assert (await ask("/status/404", status=expected).run())["status"] == 404
    assert await failure(ask("/status/405", status=expected).run) == "answered 405, not 200, 400-404"


async def test_method_headers_and_body_are_sent(ask: Ask) -> None:
    members = {
        "method": "POST",
        "body": '{"a": 1}',
        "headers.X-Key": "hunter2",
        "headers.User-Agent": f"petsage/{__version__}",
    }
    check = ask("/echo", method="POST", body='{"a": 1}', headers={"X-Key": Secret("hunter2")}, json=members)
    assert (await check.run())["status"] == 200


async def test_proxies_of_the_environment_are_not_used(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert (await ask("/status/200").run())["status"] == 200


async def test_what_the_answer_contains_is_compared(ask: Ask) -> None:
    assert (await ask("/slow", contains="lat").run())["status"] == 200
    assert await failure(ask("/slow", contains="early").run) == "the answer does not contain 'early'"


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"status": "pass", "checks.0.ok": True, "checks.0.count": 3, "checks.0.last": None}, None),
        ({"checks.0.ok": 1}, "checks.0.ok is true, not 1"),
        ({"checks.0.count": "3"}, 'checks.0.count is 3, not "3"'),
        ({"checks.1.ok": True}, "the answer has no checks.1.ok"),
        ({"checks.-1.ok": True}, "the answer has no checks.-1.ok"),
        ({"status.x": 1}, "the answer has no status.x"),
    ],
)
async def test_members_of_the_answer_are_compared(ask: Ask, members: dict[str, object], reason: str | None) -> None:
    check = ask("/document", json=members)
    if reason is None:
        assert (await check.run())["status"] == 200
    else:
        assert await failure(check.run) == reason


async def test_an_answer_that_is_not_json_fails_with_the_reason(ask: Ask) -> None:
    assert await failure(ask("/slow", json={"a": 1}).run) == "the answer is not JSON"


async def test_of_a_long_answer_the_first_mebibyte_is_read(ask: Ask) -> None:
    assert await failure(ask("/endless", json={"a": 1}).run) == "the answer is longer than 1 MiB"
    assert await failure(ask("/endless", contains="x").run) == "the answer does not contain 'x'"


async def test_a_late_answer_is_a_warning(ask: Ask) -> None:
    reason = await warning(ask("/slow", contains="late", warn_above=0.01).run)
    assert reason.startswith("answered after ")
    assert reason.endswith(" ms, more than 10ms")


def saying(*pieces: bytes) -> Handler:
    """Answer a question in pieces, each of which is sent when the other has had time to read the one before."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.02)

    return handle


OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n"
NOT_HTTP = ("protocol", "127.0.0.1:{} answered something that is not HTTP")
BROKEN_OFF = ("closed", "127.0.0.1:{} broke off in the middle of its answer")
NO_ANSWER = ("closed", "127.0.0.1:{} closed the connection without an answer")
ENCODING = ("protocol", "127.0.0.1:{} sent a body that is not in the encoding that its headers name")

ANSWERS = {
    "another protocol": ([b"SSH-2.0-OpenSSH\r\n\r\n"], NOT_HTTP),
    "endless header": ([OK + b"X: " + b"a" * 70000], NOT_HTTP),
    "two lengths": ([OK + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\nok"], NOT_HTTP),
    "nothing": ([b""], NO_ANSWER),
    "a part of the status": ([b"HTTP/1.1 200"], NO_ANSWER),
    "a part of the headers": ([OK + b"Content-Length: 2\r\n"], NO_ANSWER),
    "less than its length": ([OK + b"Content-Length: 9\r\n\r\nabc"], BROKEN_OFF),
    "less, in two pieces": ([OK + b"Content-Length: 9\r\n\r\n", b"abc"], BROKEN_OFF),
    "chunks without an end": ([CHUNKED], BROKEN_OFF),
    "a part of a chunk": ([CHUNKED, b"9\r\nab"], BROKEN_OFF),
    "a chunk that is none": ([CHUNKED, b"zz\r\nok"], NOT_HTTP),
    "more than its length": ([OK + b"Content-Length: 2\r\n\r\nokGARBAGE\r\n\r\n"], NOT_HTTP),
    "more after its chunks": ([CHUNKED + b"0\r\n\r\nGARBAGE\r\n\r\n"], NOT_HTTP),
    "a body where there is none": ([b"HTTP/1.1 204 No Content\r\n\r\nGARBAGE\r\n\r\n"], NOT_HTTP),
    "no gzip": ([OK + b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\n", b"abcd"], ENCODING),
}


@pytest.mark.parametrize("condition", [{}, {"contains": "ok"}, {"json": {"a": 1}}], ids=["none", "contains", "json"])
@pytest.mark.parametrize("name", ANSWERS)
async def test_an_invalid_or_incomplete_answer_fails_with_the_reason(name: str, condition: dict[str, Any]) -> None:
    pieces, (code, reason) = ANSWERS[name]
    async with peer(saying(*pieces)) as port:
        check = Http(url=Secret(f"http://127.0.0.1:{port}"), **condition)
        assert await failure(check.run) == reason.format(port)
        assert await failure_code(check.run) == code


async def test_an_answer_that_ends_in_its_middle_by_a_reset_is_not_taken_for_whole() -> None:
    async def breaking(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"x")
        writer.write(OK + b"\r\nas long as the connection lasts")
        await resetting(reader, writer)

    async with peer(breaking) as port:
        check = Http(url=Secret(f"http://127.0.0.1:{port}"), method="POST", body="xy")
        assert await failure_code(check.run) == "reset"


async def test_an_answer_that_stalls_in_its_middle_is_waited_for() -> None:
    async def stalling(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(OK + b"Content-Length: 9\r\n\r\nabc")
        await silent(reader, writer)

    async with peer(stalling) as port:
        run = asyncio.ensure_future(Http(url=Secret(f"http://127.0.0.1:{port}")).run())
        done, _ = await asyncio.wait([run], timeout=0.3)
        assert not done
        run.cancel()
        with pytest.raises(asyncio.CancelledError) as cancelled:
            await run
    assert cancelled.value.__notes__ == [f"no complete answer from 127.0.0.1:{port}"]


@pytest.mark.parametrize(
    "pieces",
    [
        [OK + b"Content-Length: 2\r\n\r\nok"],
        [OK + b"Content-Length: 2\r\n\r\n", b"o", b"k"],
        [CHUNKED, b"0\r\n\r\n"],
        [OK + b"\r\nok"],
    ],
)
async def test_an_answer_that_comes_in_pieces_holds_when_it_is_whole(pieces: list[bytes]) -> None:
    async with peer(saying(*pieces)) as port:
        check = Http(url=Secret(f"http://127.0.0.1:{port}"), contains="ok")
        assert (await check.run())["status"] == 200


async def test_of_an_answer_without_end_a_mebibyte_is_enough_where_nothing_else_is_expected(ask: Ask) -> None:
    assert (await ask("/endless").run())["status"] == 200


@pytest.mark.parametrize(
    ("path", "settings", "code"),
    [
        ("/status/503", {}, "status"),
        ("/document", {"contains": "nowhere"}, "content"),
        ("/document", {"json": {"status": "fail"}}, "content"),
        ("/document", {"json": {"nowhere": 1}}, "content"),
        ("/slow", {"json": {"a": 1}}, "content"),
        ("/endless", {"json": {"a": 1}}, "content"),
    ],
)
async def test_an_answer_that_is_not_as_expected_has_a_code(
    ask: Ask, path: str, settings: dict[str, Any], code: str
) -> None:
    assert await failure_code(ask(path, **settings).run) == code


async def test_a_reason_shows_no_password_of_the_url(ask: Ask) -> None:
    async with peer(answering(b"")) as port:
        reason = await failure(Http(url=Secret(f"http://user:hunter2@127.0.0.1:{port}")).run)
    assert reason == f"127.0.0.1:{port} closed the connection without an answer"


async def test_a_run_takes_no_thread(ask: Ask) -> None:
    check, before = ask("/status/200"), threads()
    for _ in range(5):
        await check.run()
    assert threads() - before == set()


async def test_an_authority_that_is_missing_is_named_at_each_run(tmp_path: Path) -> None:
    missing, empty = tmp_path / "missing.pem", tmp_path / "empty.pem"
    empty.write_text("")
    for _ in range(2):
        check = Http(url=Secret("https://127.0.0.1:1"), ca_file=missing)
        assert await failure(check.run) == f"{missing} cannot be read: No such file or directory"
    check = Http(url=Secret("https://127.0.0.1:1"), ca_file=empty)
    assert await failure(check.run) == f"{empty} holds no certificates"
