import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from petsage import __version__
from petsage.checks.kinds.http import Http
from petsage.secret import Secret
from tests.checks.kinds.peers import answering, failure, peer, threads, warning

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


async def test_an_answer_that_is_not_json_is_told(ask: Ask) -> None:
    assert await failure(ask("/slow", json={"a": 1}).run) == "the answer is not JSON"


async def test_of_a_long_answer_the_first_mebibyte_is_read(ask: Ask) -> None:
    assert await failure(ask("/endless", json={"a": 1}).run) == "the answer is longer than 1 MiB"
    assert await failure(ask("/endless", contains="x").run) == "the answer does not contain 'x'"


async def test_a_late_answer_is_a_warning(ask: Ask) -> None:
    reason = await warning(ask("/slow", contains="late", warn_above=0.01).run)
    assert reason.startswith("answered after ")
    assert reason.endswith(" ms, more than 10ms")


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"SSH-2.0-OpenSSH\r\n\r\n", "127.0.0.1:{} answered something that is not HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", "127.0.0.1:{} broke off in the middle of its answer"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"a" * 70000, "127.0.0.1:{} answered something that is not HTTP"),
        (b"HTTP/1.1 200", "127.0.0.1:{} closed the connection without an answer"),
    ],
)
async def test_an_answer_that_is_none_is_told(answer: bytes, reason: str) -> None:
    async with peer(answering(answer)) as port:
        check = Http(url=Secret(f"http://127.0.0.1:{port}"), contains="x")
        assert await failure(check.run) == reason.format(port)


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
