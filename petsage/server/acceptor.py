"""How many connections there may be: fewer than the descriptors that the system lets this process have."""

import asyncio
import errno
import resource
import socket
from collections.abc import Callable
from pathlib import Path

from petsage.server.connections import Connections
from petsage.server.timed_connection import TimedConnection

RESERVE_MIN = 32
"""Descriptors that are left for checks, logs and files, at the least."""

RESERVE_MAX = 256
BATCH = 16
"""Connections that are accepted at one go, before those that give way to them are closed."""


def connection_limit(wanted: int) -> int:
    """Return `wanted`, or as many connections as the descriptor limit leaves room for, at least one."""
    allowed = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if allowed == resource.RLIM_INFINITY:
        return wanted
    return max(1, min(wanted, spare_descriptors(allowed, _descriptors_in_use())))


def spare_descriptors(allowed: int, used: int) -> int:
    """Return what is left of `allowed` descriptors; a quarter is kept for others, 32 at the least, 256 at the most."""
    return allowed - used - BATCH - min(max(RESERVE_MIN, allowed // 4), RESERVE_MAX)


def _descriptors_in_use() -> int:
    try:
        return sum(1 for _ in Path("/dev/fd").iterdir())
    except OSError:
        return RESERVE_MIN


BACKLOG = 1024
"""Connections that may wait in the system's queue; it may allow fewer (net.core.somaxconn)."""

_EXHAUSTED = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
_MAX_REPLACED = 4
"""For how many at one go others give way: with one, who waits behind a crowd of them waits for as many turns."""

_PAUSE_SECONDS = 0.005
"""How long nobody is accepted once there is no room for anybody."""


class Acceptor:
    """Accepts the clients of bound sockets."""

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
        self._entering: set[asyncio.Task[None]] = set()
        self._pauses: dict[socket.socket, asyncio.TimerHandle] = {}
        self._spared = self._stopped = False

    def listen(self, listener: socket.socket) -> None:
        """Begin to listen. Raise OSError."""
        listener.setblocking(False)  # noqa: FBT003 (the name of the standard library)
        listener.listen(BACKLOG)
        self._loop.add_reader(listener, self._accept, listener)

    async def stop(self) -> None:
        """Accept whoever has connected by now, and nobody after them."""
        self._stopped = True
        for listener in self._listeners:
            if listener in self._pauses:
                self._pauses.pop(listener).cancel()
            self._loop.remove_reader(listener)
            for _ in range(BACKLOG // BATCH):
                if not self._accept(listener):
                    break
                await asyncio.sleep(0)
        while self._entering:
            await asyncio.wait(self._entering)

    def _accept(self, listener: socket.socket) -> bool:
        """Accept some; return whether more may be waiting. Where others have to give way, it is a few at a time."""
        for number in range(BATCH):
            full = self._connections.full
            if full and (number == _MAX_REPLACED or not self._make_room(listener)):
                return True
            client = self._next(listener)
            if client is None:
                return False
            self._enter(client)
            if len(self._entering) == 1:  # nobody else is on the way in: hardly anybody else waits
                break
        return True

    def _make_room(self, listener: socket.socket) -> bool:
        made = self._connections.make_room(urgent=self._spared)
        self._spared = not made  # whoever is spared this time has been read the next time
        if not made:
            self._pause(listener)
        return made

    def _next(self, listener: socket.socket) -> socket.socket | None:
        try:
            return listener.accept()[0]
        except OSError as error:
            if error.errno in _EXHAUSTED:
                self._connections.out_of_descriptors(error)
                self._pause(listener)
            return None

    def _enter(self, client: socket.socket) -> None:
        client.setblocking(False)  # noqa: FBT003 (the name of the standard library)
        connection = self._make_connection()
        self._connections.expect(connection)
        task = self._loop.create_task(self._connect(client, connection))
        self._entering.add(task)
        task.add_done_callback(self._entering.discard)

    async def _connect(self, client: socket.socket, connection: TimedConnection) -> None:
        try:
            await self._loop.connect_accepted_socket(lambda: connection, client)
        except OSError:  # it is gone already
            self._connections.left(connection)
            client.close()

    def _pause(self, listener: socket.socket) -> None:
        if not self._stopped:
            self._loop.remove_reader(listener)
            self._pauses[listener] = self._loop.call_later(_PAUSE_SECONDS, self._resume, listener)

    def _resume(self, listener: socket.socket) -> None:
        del self._pauses[listener]
        self._loop.add_reader(listener, self._accept, listener)
