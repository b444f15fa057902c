"""Accept connections within the descriptor limit of the process."""

import asyncio
import errno
import resource
import select
import socket
from collections.abc import Callable
from pathlib import Path

from petsage.server.connections import Connections
from petsage.server.timed_connection import TimedConnection

RESERVE_MIN = 32
"""Descriptors that are kept for checks, logs and files, at least."""

RESERVE_MAX = 256
"""Descriptors that are kept for them, at most."""

BATCH = 16
"""Connections that are accepted in one iteration of the event loop."""


def connection_limit(wanted: int) -> int:
    """Return `wanted`, or the number of connections that the descriptor limit allows, at least one."""
    allowed = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if allowed == resource.RLIM_INFINITY:
        return wanted
    return max(1, min(wanted, spare_descriptors(allowed, _descriptors_in_use())))


def spare_descriptors(allowed: int, used: int) -> int:
    """Return how many of `allowed` descriptors may be connections; a quarter is kept for others, from 32 to 256."""
    return allowed - used - BATCH - min(max(RESERVE_MIN, allowed // 4), RESERVE_MAX)


def _descriptors_in_use() -> int:
    try:
        return sum(1 for _ in Path("/dev/fd").iterdir())
    except OSError:
        return RESERVE_MIN


BACKLOG = 1024
"""Connections that may wait in the system's queue; the system may allow fewer (net.core.somaxconn)."""

_EXHAUSTED = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
_MAX_EVICTED = 4
"""Connections that are evicted in one iteration of the event loop.

With one at a time, a client behind many new connections would wait for as many iterations.
"""

_PAUSE_SECONDS = 0.005
"""How long no connection is accepted after none could be evicted, or no descriptor was free."""


def _is_waiting(listener: socket.socket) -> bool:
    """Return whether a client waits in the system's queue."""
    poll = select.poll()
    poll.register(listener, select.POLLIN)
    return bool(poll.poll(0))


class Acceptor:
    """Accepts the connections of bound sockets."""

    def __init__(
        self,
        listeners: list[socket.socket],
        connections: Connections,
        make_connection: Callable[[], TimedConnection],
    ) -> None:
        self._listeners = listeners
        self._connections = connections
        self._make_connection = make_connection
        self._loop = asyncio.get_running_loop()
        self._connecting: set[asyncio.Task[None]] = set()
        self._pauses: dict[socket.socket, asyncio.TimerHandle] = {}
        self._kept_unread = self._stopped = False

    def listen(self, listener: socket.socket) -> None:
        """Start listening. Raise OSError."""
        listener.setblocking(False)  # noqa: FBT003 (the name of the standard library)
        listener.listen(BACKLOG)
        self._loop.add_reader(listener, self._accept, listener)

    async def stop(self) -> None:
        """Accept the connections that wait in the system's queue, and no more after them."""
        self._stopped = True
        for listener in self._listeners:
            if listener in self._pauses:
                self._pauses.pop(listener).cancel()
            self._loop.remove_reader(listener)
            for _ in range(BACKLOG // BATCH):
                if not self._accept(listener):
                    break
                await asyncio.sleep(0)
        while self._connecting:
            await asyncio.wait(self._connecting)

    def _accept(self, listener: socket.socket) -> bool:
        """Accept a batch of connections; return whether more may be waiting."""
        for number in range(BATCH):
            if self._connections.full:
                if not _is_waiting(listener):  # without a new client, none is evicted
                    return False
                if number == _MAX_EVICTED or not self._evict(listener):
                    return True
            client = self._next(listener)
            if client is None:
                return False
            self._start(client)
            if len(self._connecting) == 1:  # no other is connecting: most likely none waits
                break
        return True

    def _evict(self, listener: socket.socket) -> bool:
        evicted = self._connections.evict_one(urgent=self._kept_unread)
        self._kept_unread = not evicted  # what is unread now will have been read by the next time
        if not evicted:
            self._pause(listener)
        return evicted

    def _next(self, listener: socket.socket) -> socket.socket | None:
        try:
            return listener.accept()[0]
        except OSError as error:
            if error.errno in _EXHAUSTED:
                self._connections.out_of_descriptors(error)
                self._pause(listener)
            return None

    def _start(self, client: socket.socket) -> None:
        client.setblocking(False)  # noqa: FBT003 (the name of the standard library)
        connection = self._make_connection()
        self._connections.expect(connection)
        task = self._loop.create_task(self._connect(client, connection))
        self._connecting.add(task)
        task.add_done_callback(self._connecting.discard)

    async def _connect(self, client: socket.socket, connection: TimedConnection) -> None:
        try:
            await self._loop.connect_accepted_socket(lambda: connection, client)
        except OSError:  # the client has closed it
            self._connections.closed(connection)
            client.close()

    def _pause(self, listener: socket.socket) -> None:
        if not self._stopped:
            self._loop.remove_reader(listener)
            self._pauses[listener] = self._loop.call_later(_PAUSE_SECONDS, self._resume, listener)

    def _resume(self, listener: socket.socket) -> None:
        del self._pauses[listener]
        self._loop.add_reader(listener, self._accept, listener)
