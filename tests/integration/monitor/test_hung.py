"""A running server with checks that hang for ever: ten thousand probes later it has no thread and no file more."""

import asyncio
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.integration.kinds.servers import until
from tests.support.project import Project
from tests.support.server_process import Server, serving

pytestmark = pytest.mark.integration

PROBES, CLIENTS = 10_000, 10
DEADLINE = 1.0  # the timeout of a kubelet's probe by default

FEATURE = """
    import asyncio
    import threading
    from aiohttp import web
    from petsage.feature import CheckSpec, Contribution

    async def waits():
        await asyncio.Event().wait()

    async def ignores():
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                continue

    def sits():
        threading.Event().wait()

    async def sound():
        await asyncio.sleep(0)

    async def counts(request):
        addresses = await asyncio.get_running_loop().getaddrinfo("localhost", 80)
        return web.json_response({"tasks": len(asyncio.all_tasks()), "resolves": bool(addresses)})

    def setup(core):
        often = {"interval": 0.1, "timeout": 0.1}
        checks = [CheckSpec(check.__name__, check, **often) for check in (waits, ignores, sits, sound)]
        return Contribution(routes=[web.get("/counts", counts)], checks=checks)
"""
HUNG = ["orders.waits", "orders.ignores", "orders.sits"]
RED = {"status": "fail", "failing": HUNG}


@contextmanager
def with_hung_checks(project: Project) -> Iterator[Server]:
    project.add_feature("orders.py", FEATURE)
    (project.path / "config.yml").write_text("server: {drain: 0s, shutdown: 2s}")
    with serving("--config", "config.yml", cwd=project.path) as server:
        until(lambda: server.get("/readyz").json == RED, "it does not see that checks hang")
        yield server


@pytest.fixture
def server(project: Project) -> Iterator[Server]:
    with with_hung_checks(project) as server:
        yield server


def counted(server: Server) -> tuple[int, int, int]:
    """Return how many threads, open files and tasks the server has; one of the files is our connection."""
    of_process = Path(f"/proc/{server.process.pid}")
    counts = server.get("/counts").json
    assert counts["resolves"]
    return len([*(of_process / "task").iterdir()]), len([*(of_process / "fd").iterdir()]), counts["tasks"]


async def probe(server: Server, times: int) -> float:
    """Ask for readiness so many times over one connection; return how long the slowest answer took."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    slowest = 0.0
    for _ in range(times):
        asked = time.monotonic()
        writer.write(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        body = await reader.readexactly(int(head.partition("content-length: ")[2].split("\r\n")[0]))
        slowest = max(slowest, time.monotonic() - asked)
        assert (head.split()[1], json.loads(body)) == ("503", RED)
    writer.close()
    await writer.wait_closed()
    return slowest


async def test_ten_thousand_probes_of_a_server_with_hung_checks_leak_nothing(server: Server) -> None:
    await asyncio.to_thread(counted, server)
    threads, files, tasks = await asyncio.to_thread(counted, server)

    slowest = max(await asyncio.gather(*(probe(server, PROBES // CLIENTS) for _ in range(CLIENTS))))
    assert slowest < DEADLINE

    def as_before() -> bool:
        """The run that times out again and again is there or not, hence the task."""
        now = counted(server)
        return now[0] == threads and now[1] <= files and abs(now[2] - tasks) <= 1

    await asyncio.to_thread(until, as_before, "the probes have leaked something")
    assert server.get("/readyz/orders.sound").status == 200


async def test_a_server_with_hung_checks_stops_in_time_and_well(project: Project) -> None:
    with with_hung_checks(project) as server:
        began = time.monotonic()
        assert server.terminate() == 0
        took = time.monotonic() - began
    assert "Traceback" not in server.log
    assert took < 30, "the hung checks would hold it up for ever"
