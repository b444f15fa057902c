"""Signals at any moment, clients that never end, closed streams: the server ends."""

import asyncio
import json
import os
import pty
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from aiohttp import ClientSession, WSMsgType

from tests.support.project import Project
from tests.support.require import require
from tests.support.server_process import START_WITHIN, Server, serving, start

HANGS_AT_THE_END = """
    import asyncio, sys
    from contextlib import asynccontextmanager
    from petsage.feature import Contribution
    @asynccontextmanager
    async def life():
        yield
        print("leaving", file=sys.stderr, flush=True)
        await asyncio.sleep(600)
    def setup(core): return Contribution(lifespans=[life()])
"""
A_HUNG_THREAD = "asyncio.get_running_loop().run_in_executor(None, __import__('time').sleep, 600)"
SOCKETS = """
    import sys
    from aiohttp import web
    from petsage.feature import Contribution

    async def talk(request):
        ws = web.WebSocketResponse()
        await ws.prepare(request)
        async for message in ws:
            await ws.send_str(message.data)
        return ws

    async def take(request):
        return web.json_response(len(await request.read()))

    async def leave(request):
        sys.exit(3)

    def setup(core):
        return Contribution(routes=[web.get("/talk", talk), web.post("/take", take), web.get("/leave", leave)])
"""


STOPPING = """
    import asyncio
    from petsage.feature import CheckSpec, Contribution

    async def raising(error):
        raise error

    async def child():
        async with asyncio.TaskGroup() as group:
            group.create_task(raising(ERROR))
            await asyncio.sleep(10)

    def setup(core):
        return Contribution(checks=[CheckSpec("child", child)])
"""


def wait_for(server: Server, text: str) -> None:
    end = time.monotonic() + START_WITHIN
    while text not in server.log:
        assert server.process.poll() is None, server.log
        assert time.monotonic() < end, server.log
        time.sleep(0.005)


def test_a_second_signal_while_features_leave_ends_it_now(project: Project) -> None:
    project.add_feature("hangs.py", HANGS_AT_THE_END)
    name = project.write_config("server: {drain: 0s, shutdown: 1m}\n")
    with serving("--config", name, cwd=project.path) as server:
        server.process.send_signal(signal.SIGTERM)
        wait_for(server, "leaving")
        assert server.terminate(within=20) == 128 + signal.SIGTERM
    assert "Traceback" not in server.log


def test_a_second_signal_ends_a_start_that_cannot_be_cancelled(project: Project) -> None:
    project.add_feature(
        "late.py",
        """
        import asyncio, sys
        from contextlib import asynccontextmanager
        from petsage.feature import Contribution
        @asynccontextmanager
        async def life():
            while True:
                try:
                    print("coming up", file=sys.stderr, flush=True)
                    await asyncio.sleep(600)
                except asyncio.CancelledError:
                    print("not now", file=sys.stderr, flush=True)
            yield
        def setup(core): return Contribution(lifespans=[life()])
        """,
    )
    name = project.write_config("server: {shutdown: 1m}\n")
    server = start("--config", name, "--port", "0", cwd=project.path)
    wait_for(server, "coming up")
    server.process.send_signal(signal.SIGTERM)
    wait_for(server, "not now")
    assert server.terminate(within=20) == 128 + signal.SIGTERM
    assert "Traceback" not in server.log


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_while_features_are_imported_ends_it_at_once(project: Project, number: signal.Signals) -> None:
    project.add_feature(
        "slow_import.py", "import sys, time\nprint('importing', file=sys.stderr, flush=True)\ntime.sleep(600)"
    )
    server = start("--port", "0", cwd=project.path)
    wait_for(server, "importing")
    assert server.terminate(number, within=20) == 130
    assert server.log == "importing\ninterrupted\n"


@pytest.mark.parametrize("redirection", ["<&- >&- 2>&-", "</dev/full >/dev/full 2>/dev/full"])
def test_streams_that_are_closed_or_full_change_nothing(project: Project, redirection: str) -> None:
    project.add_feature("hangs.py", HANGS_AT_THE_END.replace("yield", "THREAD; yield").replace("THREAD", A_HUNG_THREAD))
    path = project.path / "s"
    name = project.write_config(f"server: {{unix_socket: {path}, drain: 0s, shutdown: 100ms}}\n")
    command = f'exec "{sys.executable}" -m petsage serve --config "{name}" {redirection}'
    process = subprocess.Popen(["/bin/sh", "-c", command], cwd=project.path)
    try:
        assert _answers(path)
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait()


def _answers(path: Path) -> bool:
    end = time.monotonic() + START_WITHIN
    while time.monotonic() < end:
        with socket.socket(socket.AF_UNIX) as client:
            if client.connect_ex(str(path)) == 0:
                client.settimeout(10)
                client.sendall(b"GET /smoke-test HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                return client.recv(12) == b"HTTP/1.1 200"
        time.sleep(0.02)
    return False


@pytest.mark.parametrize(("at_a_terminal", "drain"), [(True, "2m"), (False, "1s")])
def test_the_first_sigint_ends_it_now_at_a_terminal_and_drains_elsewhere(
    project: Project,
    at_a_terminal: bool,  # noqa: FBT001 (a parameter of the test)
    drain: str,
) -> None:
    name = project.write_config(f"server: {{drain: {drain}}}\n")
    own, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "petsage", "serve", "--config", name, "--port", "0"],
        cwd=project.path,
        stdin=theirs if at_a_terminal else subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    os.close(theirs)
    server = Server(process)
    try:
        server.wait_until_listening()
        begun = time.monotonic()
        assert server.terminate(signal.SIGINT, within=60) == 0
        assert time.monotonic() - begun >= 1 or at_a_terminal
    finally:
        process.kill()
        os.close(own)


@contextmanager
def _pid_1(project: Project, *arguments: str, env: dict[str, str]) -> Iterator[tuple[Server, Callable[[], int]]]:
    """Start the server as PID 1 of a namespace; the function returns its PID outside."""
    unshare = ["unshare", "--user", "--map-root-user", "--pid", "--fork", "--mount-proc", "--kill-child"]
    tried = subprocess.run([*unshare, "true"], check=False, capture_output=True)
    require(tried.returncode == 0, "unshare cannot make a PID namespace: apt-get install util-linux, and allow it")
    process = subprocess.Popen(
        [*unshare, sys.executable, "-m", "petsage", *arguments],
        cwd=project.path,
        env={**os.environ, **env},
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield Server(process), lambda: int(Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text())
    finally:
        process.kill()
        process.wait()


def test_as_pid_1_it_ends_on_a_signal(project: Project) -> None:
    project.add_feature("tells.py", "import os, sys\nprint('pid', os.getpid(), file=sys.stderr, flush=True)")
    name = project.write_config("server: {drain: 0s}\n")
    with _pid_1(project, "serve", "--config", name, "--port", "0", env={}) as (server, child):
        server.wait_until_listening()
        os.kill(child(), signal.SIGTERM)
        assert server.wait() == 0
    assert "pid 1\n" in server.log
    assert "draining for 0 s" in server.log


def test_as_pid_1_it_hears_a_signal_that_comes_before_anything_is_imported(project: Project) -> None:
    early = project.path / "early"
    early.mkdir()
    (early / "aiohttp.py").write_text(
        "import sys, time\nprint('importing', file=sys.stderr, flush=True)\ntime.sleep(600)"
    )
    with _pid_1(project, "serve", env={"PYTHONPATH": str(early)}) as (server, child):
        wait_for(server, "importing")
        os.kill(child(), signal.SIGTERM)
        assert server.wait() == 130
    assert server.log == "importing\ninterrupted\n"


@pytest.mark.slow
async def test_a_websocket_can_be_opened_while_it_drains_and_is_cut_at_the_end(project: Project) -> None:
    project.add_feature("sockets.py", SOCKETS)
    name = project.write_config("server: {drain: 3s, shutdown: 500ms}\n")
    with serving("--config", name, cwd=project.path) as server:
        async with ClientSession() as session, session.ws_connect(f"{server.url}/talk") as before:
            server.process.send_signal(signal.SIGTERM)
            await asyncio.to_thread(wait_for, server, "draining")
            async with session.ws_connect(f"{server.url}/talk") as during:
                for ws in (before, during):
                    await ws.send_str("hello")
                    assert (await ws.receive(10)).data == "hello"
                assert (await during.receive(10)).type in {WSMsgType.CLOSE, WSMsgType.CLOSED, WSMsgType.CLOSING}
        assert await asyncio.to_thread(server.wait) == 0
    assert "Traceback" not in server.log


@pytest.mark.parametrize(
    ("shutdown", "sent"),
    [
        ("500ms", b"POST /take HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf"),
        ("1m", b"GET /smoke-test HTTP/1.1\r\nHos"),
        ("1m", b""),
        ("1m", b"GET /smoke-test HTTP/1.1\r\nHost: x\r\n\r\n"),
    ],
    ids=["a body", "a head", "nothing", "kept alive"],
)
def test_a_request_that_is_half_sent_holds_nothing_up(project: Project, shutdown: str, sent: bytes) -> None:
    project.add_feature("sockets.py", SOCKETS)
    name = project.write_config(f"server: {{drain: 0s, shutdown: {shutdown}}}\n")
    with (
        serving("--config", name, cwd=project.path) as server,
        socket.create_connection(("127.0.0.1", server.port), timeout=10) as client,
    ):
        client.sendall(sent)
        assert server.get("/smoke-test").status == 200
        assert server.terminate(within=20) == 0
    assert "Traceback" not in server.log


def test_a_body_whose_rest_comes_during_the_shutdown_is_answered(project: Project) -> None:
    project.add_feature("sockets.py", SOCKETS)
    name = project.write_config("server: {drain: 100ms, shutdown: 10s}\n")
    with serving("--config", name, cwd=project.path) as server:
        with (
            socket.create_connection(("127.0.0.1", server.port), timeout=10) as client,
            socket.create_connection(("127.0.0.1", server.port), timeout=10) as idle,
        ):
            client.sendall(b"POST /take HTTP/1.1\r\nHost: x\r\nContent-Length: 8\r\n\r\nhalf")
            assert server.get("/smoke-test").status == 200
            server.process.send_signal(signal.SIGTERM)
            assert idle.recv(1) == b""
            client.sendall(b"half")
            answer = client.recv(65536).decode()
        assert server.wait() == 0
    assert (answer[:15], "\r\nConnection: close\r\n" in answer, answer[-5:]) == ("HTTP/1.1 200 OK", True, "\r\n\r\n8")


def test_a_body_that_is_too_large_is_a_problem(project: Project) -> None:
    project.add_feature("sockets.py", SOCKETS)
    name = project.write_config("server: {max_body: 1KiB, drain: 0s}\n")
    with serving("--config", name, cwd=project.path) as server:
        for extra in (0, 1):
            with socket.create_connection(("127.0.0.1", server.port), timeout=10) as client:
                head = f"POST /take HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {1024 + extra}\r\n\r\n"
                client.sendall(head.encode() + b"x" * (1024 + extra))
                with client.makefile("rb") as stream:
                    answer = stream.read().decode()
            if extra:
                assert answer.startswith("HTTP/1.1 413 ")
                assert json.loads(answer.partition("\r\n\r\n")[2])["detail"] == "the body is larger than 1024 bytes"
            else:
                assert answer.endswith("\r\n\r\n1024")


def test_a_handler_that_calls_exit_gets_a_500_and_ends_nothing(project: Project) -> None:
    project.add_feature("sockets.py", SOCKETS)
    with serving("--config", project.write_config("server: {drain: 0s}"), cwd=project.path) as server:
        with socket.create_connection(("127.0.0.1", server.port), timeout=5) as client:
            client.sendall(b"GET /leave HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            assert client.recv(100).startswith(b"HTTP/1.1 500")
        assert server.get("/smoke-test").status == 200
        assert server.terminate() == 0
    assert "GET /leave failed (ref " in server.log


@pytest.mark.parametrize("error", ["SystemExit(3)", "KeyboardInterrupt()"])
def test_a_task_of_a_check_that_stops_the_loop_ends_alone(project: Project, error: str) -> None:
    project.add_feature("stopping.py", STOPPING.replace("ERROR", error))
    with serving("--config", project.write_config("server: {drain: 0s}"), cwd=project.path) as server:
        deadline = time.monotonic() + START_WITHIN
        while server.get("/readyz").json != {"status": "fail", "failing": ["stopping.child"]}:
            assert time.monotonic() < deadline, server.log
        assert server.get("/smoke-test").status == 200
        assert server.terminate() == 0
    assert f"a task raised {error} and ended; others continue" in server.log


def test_no_request_can_forge_a_log_line(project: Project) -> None:
    name = project.write_config("server: {access_log: all, drain: 0s}\n")
    requests = (
        b"GET /a%0d%0aERROR%20forged HTTP/1.1\r\nHost: x\r\nX-Request-ID: a b\r\nUser-Agent: \xe2\x80\xa8x\r\n\r\n",
        b"GET /\xe2\x80\xa8 HTTP/1.1\r\nHost: x\r\nX-Request-ID: " + b"a" * 129 + b"\r\n\r\n",
    )
    with serving("--config", name, cwd=project.path) as server:
        for request in requests:
            with socket.create_connection(("127.0.0.1", server.port), timeout=10) as client:
                client.sendall(request)
                assert re.match(rb"HTTP/1\.[01] 4\d\d ", client.recv(65536))
        assert server.terminate() == 0
    assert "Traceback" not in server.log
    for line in server.log.splitlines():
        assert re.match(r"\d{4}-\d\d-\d\d \S+ (INFO|ERROR|WARNING) \S+: ", line), line
        assert line.isascii()
        assert line.isprintable()


def test_it_runs_where_nothing_can_be_written_and_only_ascii_is_known(project: Project) -> None:
    project.write_config("features: {smoke_test: {message: größe}}\nserver: {drain: 0s}\n")
    project.path.chmod(0o555)
    env = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONDONTWRITEBYTECODE": ""}
    try:
        with serving(cwd=project.path, env=env) as server:
            assert server.get("/smoke-test").json["message"] == "größe"
            assert server.terminate() == 0
    finally:
        project.path.chmod(0o755)
    assert "Traceback" not in server.log


def test_in_a_deleted_folder_it_reports_one_line(project: Project) -> None:
    gone = project.path / "gone"
    gone.mkdir()
    command = f'cd "{gone}" && rmdir "{gone}" && exec "{sys.executable}" -P -m petsage serve'
    told = subprocess.run(["/bin/sh", "-c", command], check=False, capture_output=True, text=True)
    assert (told.returncode, told.stderr) == (1, "the working directory cannot be used (no such file)\n")


@pytest.mark.parametrize("make", [Path.mkdir, Path.touch], ids=["a folder", "a file"])
def test_a_file_that_is_not_a_socket_is_not_removed(project: Project, make: Callable[[Path], None]) -> None:
    path = project.path / "precious"
    make(path)
    server = start("--config", project.write_config(f"server: {{unix_socket: {path}}}"), cwd=project.path)
    assert server.wait() == 1
    assert server.log == (
        f"petsage: cannot listen on unix:{path}: a file of that name is not a socket: choose another path\n"
    )
    assert path.exists()


def test_of_two_that_start_at_once_the_later_listener_says_the_port_is_taken(project: Project) -> None:
    with socket.socket() as bound:  # as another server that is not up yet
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(("127.0.0.1", 0))
        project.add_feature(
            "slow_import.py", "import sys\nprint('importing', file=sys.stderr, flush=True)\nsys.stdin.readline()"
        )
        server = start("--host", "127.0.0.1", "--port", str(bound.getsockname()[1]), cwd=project.path)
        bound.listen()
        assert server.wait() == 1
    assert "another program listens there" in server.log
    assert "Traceback" not in server.log
