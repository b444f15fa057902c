"""One run of the server: listen, serve, drain and stop."""

import asyncio
import socket
from functools import partial
from typing import cast

from aiohttp import web

from petsage import __version__
from petsage.app import create_app
from petsage.bootstrap import Loaded
from petsage.core.inventory import Inventory, State
from petsage.core.lifecycle import Phase
from petsage.http import access_log_class
from petsage.logs import get_logger
from petsage.server.acceptor import Acceptor, connection_limit
from petsage.server.connections import Connections
from petsage.server.refusal_response import refusing_invalid
from petsage.server.shutdown import CLEANUP_SECONDS, SETTLE_SECONDS, Signals, finish_requests
from petsage.server.sockets import ListenError, address, close_listeners
from petsage.server.timed_connection import TimedConnection
from petsage.settings import ServerSettings

logger = get_logger("petsage.server")


class ServerRun:
    """One run of the server, from starting the features to stopping them."""

    def __init__(self, loaded: Loaded, listeners: list[socket.socket]) -> None:
        self._core = core = loaded.core
        self._listeners = listeners
        self._settings: ServerSettings = core.settings().server
        self._signals = Signals()
        self._runner = web.AppRunner(create_app(loaded), handle_signals=False, shutdown_timeout=SETTLE_SECONDS)
        self._connections: Connections | None = None
        self._acceptor: Acceptor | None = None

    async def run(self) -> int:
        """Serve until a signal; return the exit status. Raise `ListenError`."""
        self._signals.install(asyncio.get_running_loop())
        try:
            if await self._set_up():
                await self._listen()
                await self._signals.stop.wait()
                await self._drain()
        finally:
            await self._close()
        return self._signals.exit_status

    async def _set_up(self) -> bool:
        """Start the features; return False if a signal came first."""
        setup = asyncio.ensure_future(self._runner.setup())
        stop = asyncio.ensure_future(self._signals.stop.wait())
        await asyncio.wait((setup, stop), return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        if not setup.done():
            setup.cancel()
            await self._signals.unless_now(setup)
            return False
        await setup
        return True

    async def _listen(self) -> None:
        acceptor = self._make_acceptor()
        for listener in self._listeners:
            try:
                acceptor.listen(listener)
            except OSError as error:
                raise ListenError(address(listener), error) from error
        logger.info("petsage %s listens on %s", __version__, ", ".join(map(address, self._listeners)))
        inventory: Inventory = self._core.inventory()
        logger.info("serving %s", ", ".join(entry.name for entry in inventory if entry.state is State.MOUNTED))

    def _make_acceptor(self) -> Acceptor:
        server, loop = cast(web.Server, self._runner.server), asyncio.get_running_loop()  # set up before
        server.request_handler = refusing_invalid(server.request_handler)
        limit = connection_limit(self._settings.max_connections)
        if limit < self._settings.max_connections:
            logger.info("the descriptor limit (ulimit -n) allows %d connections", limit)
        self._connections = Connections(self._settings, limit, loop)
        self._connections.start()
        make_connection = partial(
            TimedConnection,
            self._connections,
            server,
            loop,
            access_log_class=access_log_class(self._settings.access_log),
            keepalive_timeout=self._settings.idle_timeout + self._settings.header_timeout,
        )
        self._acceptor = Acceptor(self._listeners, self._connections, make_connection)
        return self._acceptor

    async def _drain(self) -> None:
        """Fail readiness while requests are still served; each response closes its connection."""
        self._core.lifecycle().advance(Phase.DRAINING)
        logger.info("draining for %g s", self._settings.drain)
        await self._signals.now_within(self._settings.drain)

    async def _close(self) -> None:
        """Close the listeners, finish requests in flight, and stop the features, within `server.shutdown` in all."""
        end = asyncio.get_running_loop().time() + self._settings.shutdown
        await self._stop_listening()
        await finish_requests(self._runner.server, self._signals, end)
        await self._stop_features(end)
        if self._connections is not None:
            self._connections.stop()
        logger.info("stopped")

    async def _stop_features(self, end: float) -> None:
        """Stop the features until `end` or a second signal, but for at least `CLEANUP_SECONDS`."""
        loop = asyncio.get_running_loop()
        cleanup, earliest_end = asyncio.ensure_future(self._runner.cleanup()), loop.time() + CLEANUP_SECONDS
        await self._signals.unless_now(cleanup, max(0, end - loop.time()))
        await asyncio.wait((cleanup,), timeout=max(0, earliest_end - loop.time()))
        if not cleanup.done():
            logger.error("not all features stopped in time: the rest is cancelled")
            cleanup.cancel()
            await asyncio.wait((cleanup,))
        if not cleanup.cancelled():
            await cleanup

    async def _stop_listening(self) -> None:
        if self._acceptor is not None:
            await self._acceptor.stop()
        close_listeners(self._listeners, self._settings.unix_socket)
