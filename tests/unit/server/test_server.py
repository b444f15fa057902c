"""The server as a process: start, drain, stop, and errors."""

import asyncio
import json
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress

import pytest
from aiohttp import ClientConnectionError, ClientError, ClientResponse, ClientSession, TCPConnector

from tests.support.checks import until
from tests.support.project import Project
from tests.support.server_process import Server, hide_uvloop, serving, start

SLOW = """
    import asyncio
    from aiohttp import web
    from petsage.feature import Contribution

    async def slow(request):
        await asyncio.sleep(float(request.query["for"]))
        return web.Response(text="whole")

    async def stream(request):
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"tick\\n")
            await asyncio.sleep(0.05)

    def setup(core):
        return Contribution(routes=[web.get("/slow", slow), web.get("/stream", stream)])
"""


def test_it_says_where_it_listens_and_what_it_serves(project: Project) -> None:
    with serving("--config", project.write_config("server: {drain: 0s}"), cwd=project.path) as server:
        assert server.get("/smoke-test").json["status"] == "ok"
        assert server.get("/smoke-test").headers["Server"] == "PetSage"
        assert server.terminate() == 0
    assert re.search(r"petsage \d\S* listens on http://127\.0\.0\.1:\d+\n", server.log)
    assert "serving api_docs, " in server.log
    assert "smoke_test" in server.log
    assert "Traceback" not in server.log


def test_even_an_answer_to_garbage_names_no_versions(project: Project) -> None:
    with serving(cwd=project.path) as server:
        for garbage in (b"\x16\x03\x01 nonsense\r\n\r\n", b"GET / HTTP/1.1\r\nHost: x\r\nExpect: nonsense\r\n\r\n"):
            with socket.create_connection(("127.0.0.1", server.port), timeout=10) as client:
                client.sendall(garbage)
                head = client.recv(65536).decode("latin-1")
            assert re.match(r"HTTP/1\.[01] 4\d\d ", head)
            assert "aiohttp" not in head
            assert "Python" not in head
    assert "Traceback" not in server.log
    assert "ERROR" not in server.log


@pytest.mark.parametrize("arguments", [("--port", "PORT"), ("--host", "127.0.0.1", "--port", "PORT")])
def test_a_port_that_is_taken_is_one_clear_line(project: Project, arguments: tuple[str, ...]) -> None:
    with socket.socket() as taken:
        taken.bind(("0.0.0.0", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        server = start(*(port if word == "PORT" else word for word in arguments), cwd=project.path)
        assert server.wait() == 1
    host = "127.0.0.1" if "--host" in arguments else "0.0.0.0"
    assert server.log == (
        f"petsage: cannot listen on {host}:{port}: another program listens there: "
        "stop it, or choose another port with --port or server.port\n"
    )


@pytest.mark.parametrize(
    ("host", "reason"),
    [
        ("192.0.2.1", "this machine has no such address: choose another with --host or server.host"),
        ("no.such.host.invalid", "the name does not resolve: choose another with --host or server.host"),
        ("a..b", "the name does not resolve: choose another with --host or server.host"),
    ],
)
def test_an_address_that_cannot_be_had_is_one_clear_line(project: Project, host: str, reason: str) -> None:
    server = start("--host", host, "--port", "8080", cwd=project.path)
    assert server.wait() == 1
    assert server.log == f"petsage: cannot listen on {host}:8080: {reason}\n"


@pytest.mark.parametrize("host", ["::", "0.0.0.0", "localhost"])
def test_the_host_is_listened_at(project: Project, host: str) -> None:
    server = start("--host", host, "--port", "0", cwd=project.path)
    try:
        server.wait_until_listening()
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as client:
            client.sendall(b"GET /smoke-test HTTP/1.1\r\nHost: x\r\n\r\n")
            assert client.recv(15) == b"HTTP/1.1 200 OK"
    finally:
        server.process.kill()
        server.wait()


def test_a_bad_configuration_is_reported_line_by_line(project: Project) -> None:
    name = project.write_config("server:\n  prot: 1\n  drain: soon\n")
    server = start("--config", name, cwd=project.path)
    assert server.wait() == 1
    assert server.log == (
        f"{name}:2:3: server.prot: unknown key (did you mean 'port'?)\n"
        f"{name}:3:3: server.drain: not a duration (write it like 250ms, 10s or 1m30s)\n"
    )


def test_a_unix_socket_is_served_a_stale_one_replaced_a_live_one_left_alone(project: Project) -> None:
    path = project.path / "s.sock"
    name = project.write_config(f"server: {{unix_socket: {path}, drain: 0s}}\n")
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(path))
    first = start("--config", name, cwd=project.path)
    try:
        first.wait_until_listening()
        probe = [sys.executable, "-m", "petsage.probe", f"unix:{path}:/smoke-test"]
        asked = subprocess.run(probe, check=False, capture_output=True, text=True)
        assert (asked.returncode, asked.stdout[:17]) == (0, '200 {"status": "o')
        second = start("--config", name, cwd=project.path)
        assert second.wait() == 1
        assert second.log.startswith(f"petsage: cannot listen on unix:{path}: another program listens there")
        assert first.terminate() == 0
        assert not path.exists()
    finally:
        first.process.kill()
        first.wait()


async def ask_until_gone(server: Server, session: ClientSession, answers: list[str], lost: list[str]) -> None:
    """Ask again and again; a request counts as lost when it was sent and got no whole answer."""
    while True:
        try:
            async with session.get(f"{server.url}/slow?for=0.01") as answer:
                answers.append(await answer.text())
        except ClientConnectionError as error:
            if isinstance(error.__cause__, ConnectionRefusedError) or "Connect call failed" in str(error):
                return
            lost.append(repr(error))
            return


@pytest.mark.parametrize("python_loop", [True, False], ids=["asyncio", "uvloop"])
async def test_sigterm_under_load_loses_no_request(project: Project, python_loop: bool) -> None:  # noqa: FBT001 (a parameter of the test)
    project.add_feature("slow.py", SLOW)
    name = project.write_config("server: {drain: 1s, shutdown: 2m, access_log: none}\n")
    env = {"PYTHONPATH": str(hide_uvloop(project.path))} if python_loop else {}
    with serving("--config", name, cwd=project.path, env=env) as server:
        answers: list[str] = []
        lost: list[str] = []
        async with (
            ClientSession(connector=TCPConnector(limit=0)) as kept_alive,
            ClientSession(connector=TCPConnector(limit=0, force_close=True)) as fresh,
            asyncio.TaskGroup() as clients,
        ):
            for session in [kept_alive, fresh] * 10:
                clients.create_task(ask_until_gone(server, session, answers, lost))
            await until(lambda: len(answers) >= 100)
            before, begun = len(answers), time.monotonic()
            server.process.send_signal(signal.SIGTERM)
        status = await asyncio.to_thread(server.wait)  # not for as long as the shutdown may take
        took = time.monotonic() - begun
    assert (lost, set(answers), status) == ([], {"whole"}, 0)
    assert took >= 1
    assert len(answers) > before + 20, "twenty were on their way"


@pytest.mark.slow
async def test_draining_answers_close_their_connections_and_the_rest_gets_its_time(project: Project) -> None:
    project.add_feature("slow.py", SLOW)
    name = project.write_config("server: {drain: 2s, shutdown: 10s}\n")
    with serving("--config", name, cwd=project.path) as server:
        async with ClientSession() as session:
            before = await session.get(f"{server.url}/smoke-test")
            in_flight = asyncio.create_task(session.get(f"{server.url}/slow?for=3.5"))
            await asyncio.sleep(0.2)
            server.process.send_signal(signal.SIGTERM)
            await until(lambda: "draining" in server.log)
            during = await session.get(f"{server.url}/smoke-test")
            assert (before.headers.get("Connection"), during.headers.get("Connection")) == (None, "close")
            assert (before.status, during.status) == (200, 200)
            assert await (await in_flight).text() == "whole"
        assert await asyncio.to_thread(server.wait) == 0


async def ticks(stream: ClientResponse) -> int:
    """Count the lines that come until the stream is cut."""
    lines = 0
    with suppress(ClientError):
        async for _ in stream.content:
            lines += 1
    return lines


async def test_an_open_stream_is_cut_at_the_end_of_the_shutdown_and_not_later(project: Project) -> None:
    project.add_feature("slow.py", SLOW)
    name = project.write_config("server: {drain: 0s, shutdown: 1s}\n")

    with serving("--config", name, cwd=project.path) as server:
        async with ClientSession() as session, session.get(f"{server.url}/stream") as stream:
            await stream.content.readline()
            ending, begun = asyncio.create_task(asyncio.to_thread(server.terminate)), time.monotonic()
            lines = await ticks(stream)
            assert await ending == 0
            assert time.monotonic() - begun >= 1
    assert lines <= 30, "20 a second at the most: waiting twice would let 40 through"


def test_a_second_signal_ends_it_now(project: Project) -> None:
    name = project.write_config("server: {drain: 1m, shutdown: 1m}\n")
    with serving("--config", name, cwd=project.path) as server:
        server.process.send_signal(signal.SIGTERM)
        while "draining" not in server.log:
            assert server.process.poll() is None
        assert server.terminate(signal.SIGTERM, within=20) == 128 + signal.SIGTERM


def test_a_signal_while_features_come_up_ends_it_cleanly(project: Project) -> None:
    project.add_feature(
        "late.py",
        """
        import asyncio, sys
        from contextlib import asynccontextmanager
        from petsage.feature import Contribution
        @asynccontextmanager
        async def life():
            print("coming up", file=sys.stderr, flush=True)
            try:
                await asyncio.sleep(100)
                yield
            finally:
                print("cleaned up", file=sys.stderr, flush=True)
        def setup(core): return Contribution(lifespans=[life()])
        """,
    )
    server = start("--port", "0", cwd=project.path)
    while "coming up" not in server.log:
        assert server.process.poll() is None
    assert server.terminate() == 0
    assert "cleaned up" in server.log
    assert "Traceback" not in server.log


def test_what_hangs_is_named_and_ended_with_the_process(project: Project) -> None:
    project.add_feature(
        "hangs.py",
        """
        import asyncio, threading, time
        from contextlib import asynccontextmanager
        from petsage.feature import Contribution

        async def stubborn():
            while True:
                try:
                    await asyncio.sleep(100)
                except asyncio.CancelledError:
                    pass

        @asynccontextmanager
        async def life():
            stubborn_task = asyncio.create_task(stubborn(), name="stubborn")
            asyncio.get_running_loop().run_in_executor(None, time.sleep, 600)
            yield
            await stubborn()

        def setup(core): return Contribution(lifespans=[life()])
        """,
    )
    name = project.write_config("server: {drain: 0s, shutdown: 500ms}\n")
    with serving("--config", name, cwd=project.path) as server:
        assert server.terminate(within=20) == 0
    assert "feature hangs did not stop in time and is cancelled" in server.log
    assert "still running at exit, and ended with the process: task " in server.log
    assert "thread blocking call_0" in server.log


def test_a_task_that_calls_exit_ends_itself_alone(project: Project) -> None:
    project.add_feature(
        "exits.py",
        """
        import asyncio, sys
        from contextlib import asynccontextmanager
        from petsage.feature import Contribution
        async def child():
            await asyncio.sleep(0.2)
            sys.exit(3)
        @asynccontextmanager
        async def life():
            async with asyncio.TaskGroup() as group:
                group.create_task(child())
                yield
        def setup(core): return Contribution(lifespans=[life()])
        """,
    )
    with serving("--config", project.write_config("server: {drain: 0s}"), cwd=project.path) as server:
        while server.get("/smoke-test").status == 200:
            assert server.process.poll() is None
        assert [failure["feature"] for failure in server.get("/smoke-test").json["failures"]] == ["exits"]
        assert server.terminate() == 0


def test_log_lines_are_json_when_asked_for_and_carry_the_request(project: Project) -> None:
    name = project.write_config("log: {format: json}\nserver: {access_log: all, drain: 0s}\n")
    with serving("--config", name, cwd=project.path) as server:
        server.get("/smoke-test", headers={"X-Request-ID": "from-the-client"})
        assert server.terminate() == 0
    lines = [json.loads(line) for line in server.lines]
    assert [line["request_id"] for line in lines if "/smoke-test" in line["message"]] == ["from-the-client"]
    assert all({"time", "level", "logger", "message"} <= line.keys() for line in lines)


@pytest.mark.parametrize(("mode", "logged"), [("all", [200, 404]), ("failures", [404]), ("none", [])])
def test_the_access_log_keeps_what_its_mode_says(project: Project, mode: str, logged: list[int]) -> None:
    name = project.write_config(f"server: {{access_log: {mode}, drain: 0s}}\n")
    with serving("--config", name, cwd=project.path) as server:
        server.get("/smoke-test")
        server.get("/nope")
        assert server.terminate() == 0
    assert [int(found) for found in re.findall(r'"GET /\S+" (\d+)', server.log)] == logged
