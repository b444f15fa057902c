"""The probes on the real monitor: what must hold when checks hang, are many, or talk too much."""

import asyncio
import logging
import resource
import socket
import threading
import time
from asyncio import get_running_loop
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from aiohttp import ClientSession, TCPConnector
from pytest_aiohttp import AiohttpClient

from petsage.checks import CheckSpec, Monitor, Snapshot
from tests.support.checks import SELDOM, Clock, Gated, Scripted, threads_of_checks, until
from tests.support.health import BEARER, a_core, fetch, probes, probes_with_token
from tests.support.peers import open_files, threads
from tests.support.project import Client


class Counting(Monitor):
    """Knows how many have asked for a fresh run so far."""

    asked = 0

    async def fresh(self, names: Iterable[str] | None = None, deadline: float = 0.8, **options: Any) -> Snapshot:
        self.asked += 1
        return await super().fresh(names, deadline, **options)


@pytest.fixture
def many_files() -> Iterator[None]:
    """Allow a few thousand open sockets."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 4096 if hard == resource.RLIM_INFINITY else min(4096, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.usefixtures("many_files")
async def test_a_thousand_fresh_questions_during_a_run_share_the_next(aiohttp_client: AiohttpClient) -> None:
    check = Gated()
    monitor = Counting([CheckSpec("db", check, interval=SELDOM, timeout=60)])
    server = await probes_with_token(aiohttp_client, a_core(monitor), deadline=60.0)
    async with monitor, ClientSession(server.make_url("/"), connector=TCPConnector(limit=0), headers=BEARER) as session:
        await until(lambda: check.in_flight)

        async def ask() -> tuple[int, str]:
            async with session.get("/readyz?fresh") as answer:
                return answer.status, await answer.text()

        asking = [asyncio.ensure_future(ask()) for _ in range(1000)]
        await until(lambda: monitor.asked == 1000, within=60)
        check.gate.set()
        assert await asyncio.gather(*asking) == [(200, '{"status": "pass"}')] * 1000
    assert (check.runs, check.most_in_flight) == (2, 1)


class Blocking:
    """A check that blocks the event loop at each run."""

    runs = 0

    async def run(self) -> None:
        self.runs += 1
        time.sleep(0.15)  # noqa: ASYNC251 (that is what it is about)


ASK = f"GET /readyz?fresh HTTP/1.1\r\nHost: x\r\nAuthorization: {BEARER['Authorization']}\r\n\r\n".encode()


def ask_and_leave(address: tuple[str, int], clients: int) -> None:
    """Ask from so many connections, and close them at once."""
    sockets = [socket.create_connection(address) for _ in range(clients)]
    for one in sockets:
        one.sendall(ASK)
    for one in sockets:
        one.close()


@pytest.mark.filterwarnings("default")
async def test_clients_that_ask_and_leave_start_no_run_each(aiohttp_client: AiohttpClient) -> None:
    check = Blocking()
    monitor = Counting([CheckSpec("db", check, interval=SELDOM, timeout=60)])
    client = await probes_with_token(aiohttp_client, a_core(monitor), deadline=60.0)
    async with monitor:
        await until(lambda: check.runs == 1)
        address = (client.host, client.port or 0)
        await get_running_loop().run_in_executor(None, ask_and_leave, address, 50)
        await until(lambda: monitor.asked == 50)
        assert (await fetch(client, "/readyz?fresh", BEARER))[0] == 200
        # the first of them may be asked about before its leaving is known; then comes the one that stays
        assert check.runs <= 3


async def test_a_question_whose_client_has_left_by_the_time_its_run_is_due_starts_none(
    aiohttp_client: AiohttpClient,
) -> None:
    check = Gated()
    monitor = Counting([CheckSpec("db", check, interval=SELDOM, timeout=60)])
    client = await probes_with_token(aiohttp_client, a_core(monitor), deadline=60.0)
    async with monitor:
        await until(lambda: check.in_flight)
        writers = [(await asyncio.open_connection(client.host, client.port))[1] for _ in range(5)]
        for writer in writers:
            writer.write(ASK)
        await until(lambda: monitor.asked == 5)
        for writer in writers:
            writer.transport.abort()
        assert (await fetch(client, "/livez"))[0] == 200
        check.gate.set()
        await until(lambda: monitor.snapshot().checks["db"].status == "pass")
        assert (await fetch(client, "/readyz"))[0] == 200
    assert check.runs == 1


async def test_a_result_younger_than_the_floor_is_fresh(aiohttp_client: AiohttpClient) -> None:
    check = Scripted()
    monitor = Monitor([CheckSpec("db", check, interval=SELDOM)])
    patient = await probes_with_token(aiohttp_client, a_core(monitor), fresh_floor=SELDOM)
    eager = await probes_with_token(aiohttp_client, a_core(monitor))
    async with monitor:
        await until(lambda: monitor.snapshot().checks["db"].status == "pass")
        assert [await fetch(patient, "/readyz?fresh", BEARER) for _ in range(3)] == [(200, '{"status": "pass"}')] * 3
        assert check.runs == 1
        assert await fetch(eager, "/readyz?fresh", BEARER) == (200, '{"status": "pass"}')
        assert check.runs == 2


async def test_a_fresh_answer_comes_at_the_deadline_with_what_is_known(aiohttp_client: AiohttpClient) -> None:
    slow, quick = Gated(), Scripted()
    monitor = Monitor(
        [CheckSpec("slow", slow, interval=SELDOM, timeout=60), CheckSpec("quick", quick, interval=SELDOM)]
    )
    client = await probes_with_token(aiohttp_client, a_core(monitor), deadline=0.05)
    async with monitor:
        await until(lambda: slow.runs and monitor.snapshot().checks["quick"].status == "pass")
        assert await fetch(client, "/readyz?fresh", BEARER) == (503, '{"status": "pending", "pending": ["slow"]}')
        assert (slow.runs, quick.runs) == (1, 2)


@pytest.mark.filterwarnings("default")
async def test_a_client_that_goes_away_spoils_nothing(
    aiohttp_client: AiohttpClient, caplog: pytest.LogCaptureFixture
) -> None:
    check = Gated()
    monitor = Monitor([CheckSpec("db", check, interval=SELDOM, timeout=60)])
    client = await probes_with_token(aiohttp_client, a_core(monitor), deadline=30.0)
    async with monitor:
        await until(lambda: check.in_flight)
        _, writer = await asyncio.open_connection(client.host, client.port)
        writer.write(ASK)
        await writer.drain()
        writer.transport.abort()
        asking = asyncio.ensure_future(fetch(client, "/readyz?fresh", BEARER))
        assert (await fetch(client, "/livez"))[0] == 200
        check.gate.set()
        assert await asking == (200, '{"status": "pass"}')
    assert check.runs == 2  # the one that went on, and one for who stayed
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


async def _asked(client: Client, path: str, count: int) -> set[bytes]:
    """Ask so many times over one connection, a hundred at a time; return the bodies."""
    reader, writer = await asyncio.open_connection(client.host, client.port)
    found: set[bytes] = set()
    for _ in range(count // 100):
        writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode() * 100)
        for _ in range(100):
            head = await reader.readuntil(b"\r\n\r\n")
            length = head.partition(b"Content-Length: ")[2].partition(b"\r\n")[0]
            found.add(await reader.readexactly(int(length)))
    writer.close()
    await writer.wait_closed()
    return found


async def test_ten_thousand_probes_of_checks_that_hang_cost_nothing(aiohttp_client: AiohttpClient) -> None:
    never, asked, let_go, earlier = Gated(), threading.Event(), threading.Event(), threads_of_checks()

    def hang() -> None:
        asked.set()
        let_go.wait()

    specs = [
        CheckSpec("never", never, interval=0.05, timeout=0.02),
        CheckSpec("thread", hang, interval=0.05, timeout=0.02),
        CheckSpec("fine", Scripted(), interval=0.05),
    ]
    monitor = Monitor(specs)
    client = await probes(aiohttp_client, a_core(monitor))
    try:
        async with monitor:
            await until(lambda: asked.is_set() and _are_hung(monitor))
            await fetch(client, "/readyz")
            running, tasks, files = threads(), len(asyncio.all_tasks()), open_files()
            bodies = await _asked(client, "/readyz", 10_000)
            await fetch(client, "/readyz")
            assert [thread.name for thread in threads_of_checks() - earlier] == ["check thread"]
            assert threads() - running == set()
            await until(lambda: open_files() - files == set())  # the server's end of the connection
            # a run of `fine` or `never` may go on at either moment
            await until(lambda: abs(len(asyncio.all_tasks()) - tasks) <= 2)
            assert bodies == {b'{"status": "fail", "failing": ["never", "thread"]}'}
            assert await fetch(client, "/readyz/fine") == (200, '{"status": "pass"}')
            assert await get_running_loop().getaddrinfo("localhost", 80, type=socket.SOCK_STREAM)
    finally:
        let_go.set()


def _are_hung(monitor: Monitor) -> bool:
    checks = monitor.snapshot().checks
    return [checks[name].status for name in ("never", "thread", "fine")] == ["fail", "fail", "pass"]


async def test_no_check_passes_when_the_monitor_is_dead(aiohttp_client: AiohttpClient) -> None:
    clock = Clock()
    monitor = Monitor([CheckSpec("db", Scripted(), interval=SELDOM, max_age=30)], clock=clock)
    client = await probes(aiohttp_client, a_core(monitor), details="always")
    async with monitor:
        await until(lambda: monitor.snapshot().checks["db"].status == "pass")
    assert (await fetch(client, "/readyz"))[0] == 200
    clock.now += 29
    assert (await fetch(client, "/readyz"))[0] == 200
    clock.now += 2
    assert await fetch(client, "/readyz") == (503, '{"status": "fail", "failing": ["db"]}')
    assert '"reason": "stale"' in (await fetch(client, "/readyz?verbose"))[1]


async def test_a_password_in_an_exception_is_shown_nowhere_and_its_ref_finds_the_error(
    aiohttp_client: AiohttpClient, caplog: pytest.LogCaptureFixture
) -> None:
    error = RuntimeError("cannot reach postgres://app:hunter2@db/pets")
    monitor = Monitor([CheckSpec("db", Scripted([error]), interval=SELDOM, probes=["live", "ready", "startup"])])
    client = await probes(aiohttp_client, a_core(monitor))
    async with monitor:
        await until(lambda: monitor.snapshot().checks["db"].status == "fail")
        paths = ["/livez", "/readyz", "/startupz", "/readyz/db", "/health"]
        asked = [f"{path}?{query}" for path in paths for query in ("", "verbose")]
        asked += [f"{path}&format={one}" for path in asked for one in ("text", "health%2Bjson")]
        for path in asked:
            answer = await client.get(path)
            whole = f"{answer.headers} {await answer.text()}"
            assert (answer.status, "hunter2" in whole, "RuntimeError" in whole) == (503, False, False), path
        ref = (await (await client.get("/readyz?verbose")).json())["checks"]["db"]["ref"]
    found = [logging.Formatter().format(record) for record in caplog.records if ref in record.getMessage()]
    assert any("cannot reach postgres://app:********@db/pets" in line for line in found)
    assert "hunter2" not in caplog.text


async def test_the_answer_shows_a_result_as_soon_as_it_is_there(aiohttp_client: AiohttpClient) -> None:
    check = Scripted([None, {"latency_ms": 2}])
    monitor = Monitor([CheckSpec("db", check, interval=SELDOM)])
    client = await probes(aiohttp_client, a_core(monitor), details="always")
    async with monitor:
        await until(lambda: check.runs == 1)
        assert "observed" not in (await fetch(client, "/readyz?verbose"))[1]
        await monitor.fresh(["db"])
        assert '"observed": {"latency_ms": 2}' in (await fetch(client, "/readyz?verbose"))[1]
