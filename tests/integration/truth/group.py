"""A server with the checks that watch it, and what can be done to it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from tests.integration.kinds.servers import Server
from tests.integration.truth.rules import Rules

Trouble = Callable[[], AbstractAsyncContextManager[None]]


@dataclass
class Group:
    """Checks by the names of their rows, and troubles by the names of their conditions.

    Entering a trouble returns when it is there; leaving it returns when it is gone, or, of `restarting`, when the
    server has been started.
    """

    name: str
    entries: Mapping[str, Mapping[str, Any]]
    troubles: Mapping[str, Trouble]
    restarting: frozenset[str] = field(default=frozenset())


@dataclass(frozen=True)
class Peers:
    """Ports of misbehaving peers in the servers' network, by behaviour."""

    rules: Rules
    ports: Mapping[str, int]

    def instead_of(self, ports: list[int], behaviour: str) -> Trouble:
        """Let another peer answer on the ports."""
        return lambda: self.rules.redirecting(ports, self.ports[behaviour])

    def stream_troubles(self, ports: list[int]) -> dict[str, Trouble]:
        """Return the troubles of any server that is reached by TCP."""
        return {
            "packets dropped": lambda: self.rules.dropping(ports),
            "reset": self.instead_of(ports, "resets"),
            "accepts and closes": self.instead_of(ports, "closes"),
            "silent": self.instead_of(ports, "silent"),
            "drips": self.instead_of(ports, "drips"),
            "cut off": self.instead_of(ports, "cuts"),
            "stalls": self.instead_of(ports, "stalls"),
            "another protocol": self.instead_of(ports, "other"),
        }


_ports = count(20_001)


def new_port() -> int:
    """Return a port that no server in the servers' network has."""
    return next(_ports)


RESTARTING = frozenset({"stopped", "restarted"})


def process_troubles(server: Server) -> dict[str, Trouble]:
    """Return the troubles of any server that is a process."""

    @asynccontextmanager
    async def stopped() -> AsyncIterator[None]:
        await asyncio.to_thread(server.stop)
        try:
            yield
        finally:
            await asyncio.to_thread(server.start)

    @asynccontextmanager
    async def restarted() -> AsyncIterator[None]:
        await asyncio.to_thread(server.kill)
        await asyncio.to_thread(server.start)
        yield

    return {"stopped": stopped, "paused": lambda: in_thread(server.paused()), "restarted": restarted}


@asynccontextmanager
async def in_thread(manager: AbstractContextManager[object]) -> AsyncIterator[None]:
    """Enter and leave a blocking context manager in a thread."""
    await asyncio.to_thread(manager.__enter__)
    try:
        yield
    finally:
        await asyncio.to_thread(manager.__exit__, None, None, None)
