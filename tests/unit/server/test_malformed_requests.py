"""Invalid requests: responses by RFC 9110, 9112 and 9457, and log lines."""

import contextlib
import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.project import Project
from tests.support.raw_http import ask, connect, read_all
from tests.support.server_process import START_WITHIN, Server, hide_uvloop, serving, start

HOST = b"Host: x\r\n"
LIVE = b"GET /livez HTTP/1.1\r\n"
TAKE = b"POST /take HTTP/1.1\r\nHost: x\r\n"
VERSION = (505, "HTTP Version Not Supported", "only HTTP/1.1 and HTTP/1.0 are supported")
LINE = (400, "Bad Request", "malformed request line")
TARGET = (400, "Bad Request", "the request target is malformed")
NO_VERSION = (400, "Bad Request", "the request line has no HTTP version")
NO_HOST = (400, "Bad Request", "the Host field is not a host and port")
TLS = (400, "Bad Request", "the client speaks TLS, but this is a plain HTTP port")
METHOD = (501, "Not Implemented", "the method is not supported")
FIELD = (431, "Request Header Fields Too Large", "a header field is longer than 8190 bytes")

MALFORMED: dict[str, tuple[bytes, tuple[int, str, str]]] = {
    "HTTP/0.9": (b"GET /x\r\n", NO_VERSION),
    "HTTP/0.9 and an empty line": (b"GET /livez\r\n\r\n", NO_VERSION),
    "HTTP/0.9 after empty lines": (b"\r\n\r\nGET /livez\r\n", NO_VERSION),
    "HTTP/1.2": (b"GET /livez HTTP/1.2\r\n" + HOST + b"\r\n", VERSION),
    "HTTP/2.0": (b"GET /livez HTTP/2.0\r\n" + HOST + b"\r\n", VERSION),
    "HTTP/2.0 of a long target": (b"GET /" + b"a" * 3000 + b" HTTP/2.0\r\n" + HOST + b"\r\n", VERSION),
    "HTTP/3.0": (b"GET /livez HTTP/3.0\r\n" + HOST + b"\r\n", VERSION),
    "HTTP/2's preface": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", VERSION),
    "RTSP": (b"OPTIONS rtsp://x/ RTSP/1.0\r\n\r\n", VERSION),
    "another protocol": (b"GET /livez HTPT/1.1\r\n" + HOST + b"\r\n", VERSION),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00", TLS),
    "garbage": (b"garbage\r\n\r\n", LINE),
    "an unknown method": (b"FOO /livez HTTP/1.1\r\n" + HOST + b"\r\n", METHOD),
    "a method in small letters": (b"get /livez HTTP/1.1\r\n" + HOST + b"\r\n", METHOD),
    "a huge method": (b"F" * 70_000 + b" / HTTP/1.1\r\n" + HOST + b"\r\n", LINE),
    "CONNECT": (b"CONNECT x:443 HTTP/1.1\r\nHost: x:443\r\n\r\n", (501, "Not Implemented", "CONNECT is for proxies")),
    "an asterisk": (b"GET * HTTP/1.1\r\n" + HOST + b"\r\n", TARGET),
    "no authority": (b"GET http:// HTTP/1.1\r\n" + HOST + b"\r\n", TARGET),
    "NUL in the target": (b"GET /\0 HTTP/1.1\r\n" + HOST + b"\r\n", TARGET),
    "no ASCII in the target": (b"GET /\xff\xe9 HTTP/1.1\r\n" + HOST + b"\r\n", TARGET),
    "a long target": (
        b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n" + HOST + b"\r\n",
        (414, "URI Too Long", "the request target is longer than 8190 bytes"),
    ),
    "a long value": (LIVE + HOST + b"a: " + b"/" * 9000 + b"\r\n\r\n", FIELD),
    "a long name": (LIVE + HOST + b"a" * 9000 + b": b\r\n\r\n", FIELD),
    "many fields": (
        LIVE + HOST + b"a: b\r\n" * 200 + b"\r\n",
        (431, "Request Header Fields Too Large", "the request has too many header fields"),
    ),
    "a long head": (
        LIVE + HOST + b"".join(b"a%d: " % number + b"b" * 8000 + b"\r\n" for number in range(100)),
        (431, "Request Header Fields Too Large", "the head of the request is longer than 65536 bytes"),
    ),
    "no host": (LIVE + b"\r\n", (400, "Bad Request", "malformed request: Missing 'Host' header in request.")),
    "two hosts": (LIVE + HOST * 2 + b"\r\n", (400, "Bad Request", "malformed request: Duplicate 'Host' header found.")),
    "a path for a host": (LIVE + b"Host: a/b\r\n\r\n", NO_HOST),
    "a user for a host": (LIVE + b"Host: a@b\r\n\r\n", NO_HOST),
    "two words for a host": (LIVE + b"Host: a b\r\n\r\n", NO_HOST),
    "NUL in a value": (
        LIVE + HOST + b"a: \0\r\n\r\n",
        (400, "Bad Request", "malformed request: Invalid header value char"),
    ),
    "a space before the colon": (
        LIVE + b"Host : x\r\n\r\n",
        (400, "Bad Request", "malformed request: Invalid header token"),
    ),
    "no colon": (LIVE + b"Host x\r\n\r\n", (400, "Bad Request", "malformed request: Invalid header token")),
    "a folded value": (
        LIVE + HOST + b"a: b\r\n c\r\n\r\n",
        (400, "Bad Request", "malformed request: Unexpected whitespace after header value"),
    ),
    "bare line feeds": (b"GET /livez HTTP/1.1\nHost: x\n\n", LINE),
    "two lengths": (
        TAKE + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n",
        (400, "Bad Request", "malformed request: Duplicate Content-Length"),
    ),
    "a length below zero": (
        TAKE + b"Content-Length: -1\r\n\r\n",
        (400, "Bad Request", "malformed request: Invalid character in Content-Length"),
    ),
    "a length without end": (
        TAKE + b"Content-Length: " + b"9" * 40 + b"\r\n\r\n",
        (400, "Bad Request", "malformed request: Content-Length overflow"),
    ),
    "a length and chunks": (
        TAKE + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
        (400, "Bad Request", "malformed request: Transfer-Encoding can't be present with Content-Length"),
    ),
    "a coding that is not chunked": (
        TAKE + b"Transfer-Encoding: gzip\r\n\r\n0\r\n\r\n",
        (400, "Bad Request", "malformed request: Request has invalid `Transfer-Encoding`"),
    ),
    "a size that is none": (
        TAKE + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        (400, "Bad Request", "malformed request: Invalid character in chunk size"),
    ),
    "an expectation": (
        LIVE + HOST + b"Expect: nonsense\r\n\r\n",
        (417, "Expectation Failed", "the only supported expectation is 100-continue"),
    ),
}
TAKES = """
    from aiohttp import web
    from petsage.feature import Contribution

    async def take(request):
        return web.json_response(len(await request.read()))

    def setup(core):
        return Contribution(routes=[web.post("/take", take)])
"""


@pytest.fixture(scope="module", params=["asyncio", "uvloop"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    path: Path = tmp_path_factory.mktemp("home")
    project = Project(path)
    project.add_feature("takes.py", TAKES)
    env = {"PYTHONPATH": str(hide_uvloop(path))} if request.param == "asyncio" else {}
    name = project.write_config("server: {drain: 0s, access_log: all}\n")
    with serving("--config", name, cwd=path, env=env) as running:
        yield running


def document(expected: tuple[int, str, str]) -> dict[str, Any]:
    status, title, detail = expected
    return {"type": "about:blank", "title": title, "status": status, "detail": detail}


@pytest.mark.parametrize(("sent", "expected"), MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_request_gets_a_problem_of_http_1_1(
    server: Server, sent: bytes, expected: tuple[int, str, str]
) -> None:
    got = ask(server.port, sent)
    assert (got.start, got.json) == (f"HTTP/1.1 {expected[0]} {expected[1]}", document(expected))
    del got.headers["Date"]
    assert got.headers == {
        "Content-Type": "application/problem+json",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Content-Length": str(len(got.body)),
        "Server": "PetSage",
        "Connection": "close",
    }


@pytest.mark.parametrize("name", ["HTTP/0.9", "HTTP/2.0", "HTTP/2's preface", "garbage", "no host", "an expectation"])
def test_it_is_the_same_byte_by_byte(server: Server, name: str) -> None:
    sent, expected = MALFORMED[name]
    got = ask(server.port, *(sent[place : place + 1] for place in range(len(sent))))
    assert (got.start, got.json) == (f"HTTP/1.1 {expected[0]} {expected[1]}", document(expected))


def test_a_refused_head_request_has_no_body(server: Server) -> None:
    got = ask(server.port, b"HEAD /livez HTTP/1.1\r\nHost: a/b\r\n\r\n")
    assert (got.start, got.body, int(got.headers["Content-Length"]) > 0) == ("HTTP/1.1 400 Bad Request", b"", True)


@pytest.mark.parametrize(
    "sent",
    [
        b"GET http://x/livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"\r\n\r\nGET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"GET /livez HTTP/1.0\r\n\r\n",
        b"GET /livez HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n",
        b"GET /livez HTTP/1.1\r\nHost: [::1]:80\r\nConnection: close\r\n\r\n",
        b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close, Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\r\n",
    ],
    ids=["absolute-form", "empty lines first", "HTTP/1.0", "an empty host", "an IPv6 host", "h2c"],
)
def test_what_is_unusual_and_allowed_is_answered(server: Server, sent: bytes) -> None:
    got = ask(server.port, sent)
    assert (got.start[8:], got.json) == (" 200 OK", {"status": "pass"})


def test_a_body_that_comes_at_once_is_not_taken_for_a_long_head(server: Server) -> None:
    got = ask(server.port, TAKE + b"Content-Length: 1000000\r\nConnection: close\r\n\r\n" + b"a" * 1_000_000)
    assert (got.start, got.json) == ("HTTP/1.1 200 OK", 1_000_000)


def test_pipelined_requests_are_answered_in_turn_and_garbage_behind_them_is_refused(server: Server) -> None:
    with connect(server.port) as client:
        client.sendall((LIVE + HOST + b"\r\n") * 3)
        received = b""
        while received.count(b'{"status": "pass"}') < 3:
            received += client.recv(65536)
        client.sendall(b"GET /livez HTTP/2.0\r\n" + HOST + b"\r\n")
        got = read_all(client)
    assert (got.start, got.json) == ("HTTP/1.1 505 HTTP Version Not Supported", document(VERSION))


def test_a_body_that_turns_out_malformed_is_a_problem_at_once(server: Server) -> None:
    with connect(server.port) as client:
        client.sendall(TAKE + b"Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n")
        assert client.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"zz\r\n")
        got = read_all(client)
    assert (got.start, got.headers["Connection"]) == ("HTTP/1.1 400 Bad Request", "close")
    assert got.json == {
        "type": "about:blank",
        "title": "Bad Request",
        "status": 400,
        "detail": "the body does not match its Content-Encoding or Transfer-Encoding",
        "instance": "/take",
    }


def test_aiohttps_parser_in_python_serves_and_refuses_the_same(project: Project) -> None:
    name = project.write_config("server: {drain: 0s}\n")
    with serving("--config", name, cwd=project.path, env={"AIOHTTP_NO_EXTENSIONS": "1"}) as server:
        assert ask(server.port, LIVE + HOST + b"Connection: close\r\n\r\n").json == {"status": "pass"}
        assert ask(server.port, b"GET /livez HTTP/1.0\r\n\r\n").json == {"status": "pass"}
        for kind in ("HTTP/0.9", "HTTP/2.0", "HTTP/2's preface", "no host", "a path for a host", "an expectation"):
            sent, expected = MALFORMED[kind]
            assert ask(server.port, sent).json == document(expected)
        chunk = ask(server.port, MALFORMED["a size that is none"][0]).json
    assert chunk == document((400, "Bad Request", "malformed request: Invalid chunk"))


LOGGED = r"^\S+ \S+ INFO petsage.server: (.*)$"
STARTS = ("petsage ", "serving ", "stopped", "draining ")


def of_strangers(server: Server) -> list[str]:
    found = re.findall(LOGGED, server.log, flags=re.MULTILINE)
    return [line for line in found if not line.startswith(STARTS)]


def test_the_log_has_the_first_of_them_and_counts_the_others(project: Project) -> None:
    name = project.write_config("server: {drain: 0s, access_log: all}\n")
    with serving("--config", name, cwd=project.path) as server:
        for sent, _ in MALFORMED.values():
            ask(server.port, sent)
        assert server.terminate() == 0
    first = "refused a request from 127.0.0.1: 400, the request line has no HTTP version"
    counted = "more refused requests are counted and reported once a minute"
    assert of_strangers(server) == [f"{first}; {counted}", f"{len(MALFORMED) - 1} more refused requests"]
    assert "aiohttp.access" not in server.log
    assert "aiohttp.server" not in server.log


def test_refused_requests_are_not_logged_without_an_access_log(project: Project) -> None:
    with serving("--config", project.write_config("server: {access_log: none, drain: 0s}"), cwd=project.path) as server:
        be_malformed(server.port)
        assert server.terminate() == 0
    assert of_strangers(server) == []
    assert "aiohttp" not in server.log


def test_refused_requests_are_not_logged_at_level_error(project: Project) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    name = project.write_config("log: {level: error}\nserver: {access_log: all, drain: 0s}\n")
    server = start("--config", name, "--host", "127.0.0.1", "--port", str(port), cwd=project.path)
    try:
        wait_until_it_answers(server, port)
        be_malformed(port)
        assert server.terminate() == 0
    finally:
        server.process.kill()
        server.wait()
    assert server.log == ""


def be_malformed(port: int) -> None:
    for sent, expected in MALFORMED.values():
        assert ask(port, sent).start.split()[1] == str(expected[0])
    assert ask(port, b"a.a@" * 16_000 + b"\r\n\r\n").start == "HTTP/1.1 400 Bad Request"
    with connect(port) as client:  # chunks after a head that nobody waits for the body of
        client.sendall(b"GET /livez HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        assert client.recv(12) == b"HTTP/1.1 200"
        client.sendall(b"zz\r\n")
        while client.recv(65536):
            pass


def wait_until_it_answers(server: Server, port: int) -> None:
    end = time.monotonic() + START_WITHIN
    while time.monotonic() < end:
        assert server.process.poll() is None, server.log
        with contextlib.suppress(ConnectionRefusedError):
            connect(port).close()
            return
        time.sleep(0.02)
    raise AssertionError("it does not listen")


HELD = """
    import gc
    from aiohttp import web
    from petsage.feature import Contribution

    async def held(request):
        return web.json_response(sum(type(one).__name__ == "TimedConnection" for one in gc.get_objects()))

    def setup(core):
        gc.disable()
        return Contribution(routes=[web.get("/held", held)])
"""


def test_a_malformed_request_leaves_nothing_to_the_garbage_collection(project: Project) -> None:
    project.add_feature("held.py", HELD)
    with serving("--config", project.write_config("server: {drain: 0s}\n"), cwd=project.path) as server:
        for sent in (b"POST /livez HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", b"", LIVE + HOST):
            for _ in range(10):
                with connect(server.port) as client:
                    client.sendall(sent)
                    client.sendall(b"zz\r\n" * 4000)
                    client.recv(1)
        end = time.monotonic() + 30
        while (held := server.get("/held").json) > 2 and time.monotonic() < end:
            time.sleep(0.1)
    assert held <= 2
