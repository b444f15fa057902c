"""Two hundred checks of one dead host delay no other check."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path

import pytest

from petsage.bootstrap import load
from petsage.checks import Status
from tests.integration.kinds.servers import Network, free_port
from tests.support.checks import until
from tests.support.peers import open_files, threads
from tests.support.state_changes import watch_checks

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(600)]

DEAD = 200
INTERVAL, TIMEOUT = 1.0, 0.4
NEIGHBOUR = 0.05


class Guests:
    """A healthy peer, and the times of its connections."""

    def __init__(self) -> None:
        self.moments: list[float] = []
        self.port = 0

    def receive(self, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.moments.append(time.monotonic())
        writer.close()

    def longest_wait(self) -> float:
        return max(after - before for before, after in pairwise(self.moments))


@asynccontextmanager
async def healthy() -> AsyncIterator[Guests]:
    guests = Guests()
    async with await asyncio.start_server(guests.receive, "127.0.0.1", 0) as server:
        guests.port = server.sockets[0].getsockname()[1]
        yield guests


def tasks_of_checks() -> int:
    return sum(task.get_name().startswith("check ") for task in asyncio.all_tasks())


async def test_two_hundred_checks_of_a_dead_host_delay_no_other(net: Network) -> None:
    port = free_port()
    dead = {"kind": "tcp", "host": net.address, "port": port, "interval": "1s", "timeout": "400ms"}
    silence = f"timed out after 0.4 s: no answer from {net.address}:{port}"
    with net.dropping(port):
        async with healthy() as guests:
            neighbour = {"kind": "tcp", "host": "127.0.0.1", "port": guests.port, "interval": "50ms"}
            entries = {"neighbour": neighbour} | {f"dead{number}": dead for number in range(DEAD)}
            running, files = threads(), open_files()
            async with watch_checks(entries) as changes:
                began = time.monotonic()
                await changes.wait_for_all(entries.keys() - {"neighbour"}, Status.FAIL)
                assert changes.late(Status.FAIL, began, 1 + TIMEOUT) == []
                assert {*changes.reasons(entries).values()} == {None, silence}
                most_tasks = most_files = 0
                until_then = len(guests.moments) + 2 * INTERVAL / NEIGHBOUR

                def counted() -> bool:
                    nonlocal most_tasks, most_files
                    most_tasks = max(most_tasks, tasks_of_checks())
                    most_files = max(most_files, len([*Path("/proc/self/fd").iterdir()]) - len(files))
                    assert threads() - running == set()
                    return len(guests.moments) > until_then

                await until(counted)
                assert sorted(changes.failed()) == sorted(entries.keys() - {"neighbour"})
            assert most_tasks <= DEAD + 1
            assert most_files <= DEAD + 4, "a socket a run, and those of the neighbour's two ends"
            await until(lambda: (tasks_of_checks(), open_files() - files) == (0, set()))
            assert guests.longest_wait() < DEAD * TIMEOUT / 4, "one dead check after the other takes 80 s"


async def test_two_hundred_runs_in_flight_do_not_hold_up_the_end(net: Network) -> None:
    port = free_port()
    dead = {"kind": "tcp", "host": net.address, "port": port, "timeout": "60s"}
    files = open_files()
    with net.dropping(port):
        monitor = load({"checks": {f"dead{number}": dead for number in range(DEAD)}}).core.monitor()
        async with monitor:
            await until(lambda: len(open_files() - files) >= DEAD)
            assert tasks_of_checks() == DEAD
            leaving = time.monotonic()
        assert time.monotonic() - leaving < 30, "their timeout is 60 s"
        await until(lambda: (tasks_of_checks(), open_files() - files) == (0, set()))
