"""Slow clients: each has a time limit, and none is disconnected while a handler works."""

import asyncio
import contextlib
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from aiohttp import ClientSession

from tests.support.project import Project
from tests.support.raw_http import connect, read_all
from tests.support.server_process import Server, hide_uvloop, serving, start

FEATURES = """
    import asyncio
    from aiohttp import web
    from petsage.feature import Contribution

    async def take(request):
        return web.json_response(len(await request.read()))

    async def wait(request):
        await asyncio.sleep(1)
        return web.Response(text="waited")

    async def wait_first(request):
        await asyncio.sleep(1)
        return web.json_response(len(await request.read()))

    async def huge(request):
        return web.Response(body=bytes(50_000_000))

    async def mirror(request):
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"first ")
        async for data in request.content.iter_any():
            await response.write(data)
        return response

    async def talk(request):
        ws = web.WebSocketResponse()
        await ws.prepare(request)
        async for message in ws:
            await ws.send_str(message.data)
        return ws

    def setup(core):
        return Contribution(routes=[
            web.post("/take", take), web.get("/wait", wait), web.post("/wait_first", wait_first),
            web.get("/huge", huge), web.post("/mirror", mirror), web.get("/talk", talk),
        ])
"""
TIMES = "header_timeout: 600ms, body_timeout: 600ms, idle_timeout: 700ms, send_timeout: 600ms"
LONGER_THAN_ANY = 1.0
HEAD = b"Host: x\r\n"


@pytest.fixture(scope="module", params=["asyncio", "uvloop"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    path: Path = tmp_path_factory.mktemp("home")
    project = Project(path)
    project.add_feature("slowly.py", FEATURES)
    env = {"PYTHONPATH": str(hide_uvloop(path))} if request.param == "asyncio" else {}
    name = project.write_config(f"server: {{drain: 0s, {TIMES}}}\n")
    with serving("--config", name, cwd=path, env=env) as running:
        yield running


def drip(client: socket.socket, data: bytes = b"a") -> bytes:
    """Send a byte each tenth of a second until something comes; return it."""
    client.settimeout(0.1)
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            client.sendall(data)
            return client.recv(65536)
        except TimeoutError:
            continue
        except ConnectionError:
            return b""
    raise AssertionError("it is still open")


def document(answer: bytes) -> tuple[bytes, bytes]:
    return answer.partition(b"\r\n")[0], answer.rpartition(b"\r\n\r\n")[2]


def test_a_connection_without_a_request_is_closed(server: Server) -> None:
    with connect(server.port) as client:
        assert client.recv(1) == b""


def test_a_kept_connection_is_closed_when_no_request_follows(server: Server) -> None:
    with connect(server.port) as client:
        client.sendall(b"GET /livez HTTP/1.1\r\n" + HEAD + b"\r\n")
        assert read_all(client).json == {"status": "pass"}


@pytest.mark.parametrize("sent", [b"G", b"GET /", b"GET /livez HTTP/1.1\r\n", b"GET /livez HTTP/1.1\r\nHost: x\r\na: "])
def test_a_dripping_head_is_answered_with_408(server: Server, sent: bytes) -> None:
    with connect(server.port) as client:
        client.sendall(sent)
        answer = drip(client) if len(sent) > 1 else client.recv(65536)
    start, body = document(answer)
    assert start == b"HTTP/1.1 408 Request Timeout"
    assert b'"detail": "the head of the request was not complete within 0.6 s"' in body


def test_the_second_head_has_its_time_too(server: Server) -> None:
    with connect(server.port) as client:
        client.sendall(b"GET /livez HTTP/1.1\r\n" + HEAD + b"\r\n")
        assert client.recv(65536).endswith(b'{"status": "pass"}')
        client.sendall(b"GET /livez HTTP/1.1\r\n")
        assert drip(client).startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize(
    "how", [b"Content-Length: 100000\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n186a0\r\n"], ids=["length", "chunks"]
)
def test_a_dripping_body_is_a_408_problem_of_its_operation(server: Server, how: bytes) -> None:
    with connect(server.port) as client:
        client.sendall(b"POST /take HTTP/1.1\r\n" + HEAD + how)
        start, body = document(drip(client))
    assert start == b"HTTP/1.1 408 Request Timeout"
    assert b'"detail": "the body did not arrive in time", "instance": "/take"' in body


def test_a_slow_body_that_keeps_up_the_rate_is_taken(server: Server) -> None:
    with connect(server.port) as client:
        client.sendall(b"POST /take HTTP/1.1\r\n" + HEAD + b"Connection: close\r\nContent-Length: 8000\r\n\r\n")
        for _ in range(10):
            client.sendall(bytes(800))
            time.sleep(0.1)
        assert read_all(client).json == 8000


def sockets(server: Server) -> set[str]:
    """Return what tells the server's open sockets apart."""
    found = set()
    for entry in Path(f"/proc/{server.process.pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # closed meanwhile
            found.add(str(entry.readlink()))
    return found


def wait_until(holds: Callable[[], object]) -> None:
    end = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_response_that_is_not_read_is_aborted(server: Server) -> None:
    before = sockets(server)
    with connect(server.port) as client:
        client.sendall(b"GET /huge HTTP/1.1\r\n" + HEAD + b"\r\n")
        wait_until(lambda: sockets(server) - before)
        ours = sockets(server) - before
        wait_until(lambda: not ours & sockets(server))
        received = 0
        with contextlib.suppress(ConnectionResetError):
            while data := client.recv(1 << 20):
                received += len(data)
    assert 0 < received < 50_000_000


def test_an_answer_that_is_read_slowly_arrives_whole(server: Server) -> None:
    with connect(server.port) as client:
        client.sendall(b"GET /huge HTTP/1.1\r\n" + HEAD + b"Connection: close\r\n\r\n")
        received = 0
        for _ in range(10):
            received += len(client.recv(1 << 20))
            time.sleep(0.1)
        while data := client.recv(1 << 20):
            received += len(data)
    assert received > 50_000_000


@pytest.mark.parametrize(
    ("request_line", "body", "answer"),
    [(b"GET /wait", b"", b"waited"), (b"POST /wait_first", b"Content-Length: 3\r\n", b"3")],
    ids=["without a body", "with one"],
)
def test_a_handler_that_works_for_long_is_not_cut_off(
    server: Server, request_line: bytes, body: bytes, answer: bytes
) -> None:
    with connect(server.port) as client:
        client.sendall(request_line + b" HTTP/1.1\r\n" + HEAD + b"Connection: close\r\n" + body + b"\r\n")
        client.sendall(b"abc" if body else b"")
        assert read_all(client).body == answer


def test_a_body_that_is_a_stream_takes_its_time_once_the_handler_answers(server: Server) -> None:
    with connect(server.port) as client:
        client.sendall(b"POST /mirror HTTP/1.1\r\n" + HEAD + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n")
        assert client.recv(65536).startswith(b"HTTP/1.1 200 OK\r\n")
        time.sleep(LONGER_THAN_ANY)
        client.sendall(b"4\r\nlast\r\n0\r\n\r\n")
        assert b"last" in read_all_bytes(client)


async def test_a_websocket_may_be_silent(server: Server) -> None:
    async with ClientSession() as session, session.ws_connect(f"{server.url}/talk") as ws:
        await asyncio.sleep(LONGER_THAN_ANY)
        await ws.send_str("still here")
        assert (await ws.receive(10)).data == "still here"


def test_over_a_unix_socket_it_is_the_same(project: Project) -> None:
    path = project.path / "s"
    name = project.write_config(f"server: {{unix_socket: {path}, drain: 0s, {TIMES}}}\n")
    server = start("--config", name, cwd=project.path)
    try:
        server.wait_until_listening()
        for sent in (b"", b"GET /livez HTTP/1.1\r\n", b"GET /x\r\n"):
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(30)
                client.connect(str(path))
                client.sendall(sent)
                found = read_all_bytes(client)[:12]
            assert found == {b"": b"", b"GET /x\r\n": b"HTTP/1.1 400"}.get(sent, b"HTTP/1.1 408")
        assert server.terminate() == 0
    finally:
        server.process.kill()
        server.wait()
    assert "refused a request from a unix socket: 408, " in server.log


def read_all_bytes(client: socket.socket) -> bytes:
    return b"".join(iter(lambda: client.recv(65536), b""))


def test_the_log_has_the_first_of_them_and_counts_the_others(project: Project) -> None:
    name = project.write_config(f"server: {{drain: 0s, {TIMES}}}\n")
    with serving("--config", name, cwd=project.path) as server:
        clients = [connect(server.port) for _ in range(5)]
        for client in clients:
            assert client.recv(1) == b""
            client.close()
        assert server.terminate() == 0
    first = "a first request of 127.0.0.1 took too long"
    counted = "more clients that took too long are counted and reported once a minute"
    assert [line.partition("petsage.server: ")[2] for line in server.lines if "too long" in line] == [
        f"{first}; {counted}\n",
        "4 more clients that took too long\n",
    ]
