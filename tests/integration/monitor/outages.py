"""Outages of servers, as context managers: on exit the server answers again."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager

from tests.integration.kinds.servers import Network, Server

Outage = Callable[[Server, Network], AbstractAsyncContextManager[None]]


@asynccontextmanager
async def stopped(server: Server, net: Network) -> AsyncIterator[None]:
    await asyncio.to_thread(server.stop)
    try:
        yield
    finally:
        await asyncio.to_thread(server.start)


@asynccontextmanager
async def killed(server: Server, net: Network) -> AsyncIterator[None]:
    await asyncio.to_thread(server.kill)
    try:
        yield
    finally:
        await asyncio.to_thread(server.start)


@asynccontextmanager
async def paused(server: Server, net: Network) -> AsyncIterator[None]:
    with server.paused():
        yield


@asynccontextmanager
async def blackholed(server: Server, net: Network) -> AsyncIterator[None]:
    with net.dropping(server.port):
        yield


@contextmanager
def in_recovery(postgres: Server) -> Iterator[None]:
    """Restart PostgreSQL as a standby that waits for its archive: it accepts connections and refuses every login."""
    standby, conf = postgres.folder / "db" / "standby.signal", postgres.folder / "db" / "postgresql.conf"
    written = conf.read_text()
    postgres.stop()
    try:
        standby.touch()
        conf.write_text(f"{written}\nhot_standby = off\nrestore_command = 'false'\n")
        postgres.start()
        yield
    finally:
        postgres.stop()
        standby.unlink(missing_ok=True)
        conf.write_text(written)
        postgres.start()
