"""Eviction of connections, and exhausted descriptors, with few real connections."""

import signal
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from tests.support.project import Project
from tests.support.raw_http import ask, connect, read_all
from tests.support.require import require_program
from tests.support.server_process import Server, serving

FEATURE = """
    import asyncio
    from aiohttp import web
    from petsage.feature import Contribution

    async def take(request):
        return web.json_response(len(await request.read()))

    async def work(request):
        await asyncio.sleep(600)

    def setup(core):
        return Contribution(routes=[web.post("/take", take), web.get("/work", work)])
"""
LIVE = b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"
LAST = b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
WORK = b"GET /work HTTP/1.1\r\nHost: x\r\n\r\n"
BODY = b"POST /take HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n"


@contextmanager
def few(project: Project, number: int, *before: str) -> Iterator[Server]:
    project.add_feature("few.py", FEATURE)
    name = project.write_config(f"server: {{max_connections: {number}, drain: 0s, shutdown: 500ms}}\n")
    with serving("--config", name, cwd=project.path, before=before) as server:
        yield server


def answered(client: socket.socket, request: bytes = LIVE) -> bytes:
    client.sendall(request)
    return client.recv(65536)


def is_open(client: socket.socket) -> bool:
    client.settimeout(0)
    try:
        return client.recv(1) != b""
    except BlockingIOError:
        return True
    except ConnectionResetError:
        return False
    finally:
        client.settimeout(30)


def wait_until_closed(client: socket.socket) -> None:
    end = time.monotonic() + 30
    while is_open(client):
        assert time.monotonic() < end
        time.sleep(0.01)


def test_none_is_evicted_while_no_client_waits_for_its_place(project: Project) -> None:
    with few(project, 12) as server, ExitStack() as stack:
        clients = [stack.enter_context(connect(server.port)) for _ in range(4)]
        for client in clients:
            assert answered(client).endswith(b'{"status": "pass"}')
        server.process.send_signal(signal.SIGSTOP)
        clients += [
            stack.enter_context(connect(server.port)) for _ in range(8)
        ]  # accepted in one batch, the last to fit
        time.sleep(0.05)  # longer than the time in which a connection is not evicted
        server.process.send_signal(signal.SIGCONT)
        for client in reversed(clients):
            assert answered(client).endswith(b'{"status": "pass"}')
        assert server.terminate() == 0
    assert [line for line in server.lines if "in favor of a new one" in line] == []


def test_the_connection_that_is_idle_for_longest_is_evicted(project: Project) -> None:
    with few(project, 3) as server, ExitStack() as stack:
        clients = [stack.enter_context(connect(server.port)) for _ in range(3)]
        for client in (clients[1], clients[0], clients[2]):
            assert answered(client).endswith(b'{"status": "pass"}')
        assert ask(server.port, LAST).json == {"status": "pass"}
        wait_until_closed(clients[1])
        assert (is_open(clients[0]), is_open(clients[2])) == (True, True)
        assert answered(clients[0]).endswith(b'{"status": "pass"}')
        assert server.terminate() == 0
    said = [line for line in server.lines if "in favor of a new one" in line]
    assert len(said) == 1
    assert "WARNING petsage.server: there are 3 connections, the maximum: " in said[0]


def test_busy_connections_are_not_evicted_while_another_is_idle(project: Project) -> None:
    with few(project, 3) as server, ExitStack() as stack:
        busy, body = (stack.enter_context(connect(server.port)) for _ in range(2))
        busy.sendall(WORK)
        body.sendall(BODY)
        for _ in range(20):
            assert ask(server.port, LAST).json == {"status": "pass"}
        idle = [stack.enter_context(connect(server.port)) for _ in range(5)]
        assert ask(server.port, LAST).json == {"status": "pass"}
        wait_until_closed(idle[0])
        assert (is_open(busy), is_open(body)) == (True, True)
        body.sendall(bytes(1000))
        assert body.recv(65536).endswith(b"1000")


def test_without_an_idle_one_the_connection_with_the_least_time_is_evicted(project: Project) -> None:
    with few(project, 3) as server, ExitStack() as stack:
        busy, slow, fast = (stack.enter_context(connect(server.port)) for _ in range(3))
        busy.sendall(WORK)
        slow.sendall(BODY.replace(b"1000", b"99999"))
        fast.sendall(BODY.replace(b"1000", b"99999"))
        time.sleep(1.2)  # so that both bodies are seen to be waited for
        fast.sendall(bytes(5000))
        assert ask(server.port, LAST).json == {"status": "pass"}
        wait_until_closed(slow)
        assert (is_open(busy), is_open(fast)) == (True, True)


def test_where_all_have_time_the_connection_with_most_queued_requests_is_evicted(project: Project) -> None:
    with few(project, 5) as server, ExitStack() as stack:
        clients = [stack.enter_context(connect(server.port)) for _ in range(5)]
        for number, client in enumerate(clients):
            assert answered(client).endswith(b'{"status": "pass"}')
            client.sendall(WORK * (100 if number == 3 else 2))
        assert ask(server.port, LAST).json == {"status": "pass"}
        wait_until_closed(clients[3])
        assert [is_open(client) for client in clients] == [True, True, True, False, True]


def test_a_limit_of_one_answers_everybody_in_turn(project: Project) -> None:
    with few(project, 1) as server:
        for _ in range(10):
            assert ask(server.port, LAST).json == {"status": "pass"}


@pytest.mark.integration
def test_descriptors_that_others_have_taken_cost_idle_connections_and_one_line(project: Project) -> None:
    project.add_feature(
        "hungry.py",
        """
        import os, resource
        from aiohttp import web
        from petsage.feature import Contribution

        async def eat(request):
            taken = []
            try:
                while True:
                    taken.append(os.open("/dev/null", os.O_RDONLY))
            except OSError:
                return web.Response(text=str(len(taken)))

        def setup(core):
            return Contribution(routes=[web.get("/eat", eat)])
        """,
    )
    limited = (require_program("prlimit", "util-linux"), "--nofile=128")
    with few(project, 1000, *limited) as server, ExitStack() as stack:
        clients = [stack.enter_context(connect(server.port)) for _ in range(10)]
        for client in clients:
            assert answered(client).endswith(b'{"status": "pass"}')
        assert answered(clients[9], LAST.replace(b"/livez", b"/eat")).startswith(b"HTTP/1.1 200 OK")
        assert read_all(clients[9]).body == b""
        with connect(server.port) as one, connect(server.port) as other:
            assert answered(one).endswith(b'{"status": "pass"}')
            assert answered(other).endswith(b'{"status": "pass"}')
        wait_until_closed(clients[0])
        assert server.terminate() == 0
    assert server.log.count("cannot accept a connection: Too many open files") == 1
    assert len(server.lines) < 20
