"""`fall: 3, rise: 2` against servers that come and go: the state turns at the result that decides, and at no other."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from petsage.bootstrap import load
from petsage.checks import Change, Status
from tests.integration.kinds.servers import Server
from tests.support.checks import until

pytestmark = pytest.mark.integration

PASS, FAIL = Status.PASS, Status.FAIL

UPS_AND_DOWNS = "UDDUDDDUDUU"
STATES = [PASS, PASS, PASS, PASS, PASS, PASS, FAIL, FAIL, FAIL, FAIL, PASS]
"""Two failures turn nothing, and a success between begins the count anew; so it is with one success on the way up."""


async def test_a_real_server_that_flaps_turns_the_state_at_the_third_failure_and_the_second_success(
    redis: Server,
) -> None:
    entry = {"kind": "redis", "host": redis.address, "port": redis.port, "interval": "1h", "fall": 3, "rise": 2}
    states: list[Status] = []
    running = True
    async with load({"checks": {"redis": entry}}).core.monitor() as monitor:
        for wanted in UPS_AND_DOWNS:
            if running != (wanted == "U"):
                running = wanted == "U"
                await asyncio.to_thread(redis.start if running else redis.stop)
            states.append((await monitor.fresh(["redis"], deadline=10)).checks["redis"].status)
    assert states == STATES


class Flapping:
    """A peer that greets, or hangs up at once, by turns, and counts its guests; in the end it greets for ever."""

    def __init__(self) -> None:
        self.guests = 0
        self.port = 0

    async def receive(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.guests += 1
        if UPS_AND_DOWNS[self.guests - 1 : self.guests] != "D":
            writer.write(b"hello\n")
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


@asynccontextmanager
async def flapping() -> AsyncIterator[Flapping]:
    peer = Flapping()
    async with await asyncio.start_server(peer.receive, "127.0.0.1", 0) as server:
        peer.port = server.sockets[0].getsockname()[1]
        yield peer


async def test_a_peer_that_flaps_turns_the_state_at_the_very_run_that_decides() -> None:
    turns: list[tuple[int, Status, int]] = []
    async with flapping() as peer:
        entry = {"kind": "tcp", "host": "127.0.0.1", "port": peer.port, "expect": "hello"}
        every = {"interval": "40ms", "timeout": "10s", "fall": 3, "rise": 2}
        monitor = load({"checks": {"peer": {**entry, **every}}}).core.monitor()

        def hear(change: Change) -> None:
            turns.append((peer.guests, change.now, change.failures))

        monitor.subscribe(hear)
        async with monitor:
            await until(lambda: peer.guests > len(UPS_AND_DOWNS) + 3)
    assert turns == [(1, PASS, 0), (7, FAIL, 3), (11, PASS, 4)]
