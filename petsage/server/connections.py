"""Open connections of a server: their limit, eviction in favor of new ones, and time limits."""

import asyncio
import logging
from time import monotonic

from petsage.logs import RepeatedEvent, get_logger
from petsage.server.eviction import Eviction
from petsage.server.refusals import Refusal
from petsage.server.timed_connection import TimedConnection
from petsage.settings import ServerSettings
from petsage.text import printable

logger = get_logger("petsage.server")

_MAX_CHECK_INTERVAL = 1.0
"""Seconds between two checks of all connections, at most."""


class Connections:
    """Connections of one server; `limit` is how many may be open at once."""

    def __init__(self, settings: ServerSettings, limit: int, loop: asyncio.AbstractEventLoop) -> None:
        self._settings = settings
        self._limit = limit
        self._loop = loop
        self._expected: set[TimedConnection] = set()
        self._open: set[TimedConnection] = set()
        self._evicted: set[TimedConnection] = set()
        self._eviction = Eviction(settings, self._open, self._evicted)
        self._timer: asyncio.TimerHandle | None = None
        level = logging.DEBUG if settings.access_log == "none" else logging.INFO
        self._malformed = RepeatedEvent(logger, level, "refused requests")
        self._slow = RepeatedEvent(logger, level, "clients that took too long")
        self._full = RepeatedEvent(logger, logging.WARNING, "connections closed in favor of new ones")
        self._exhausted = RepeatedEvent(logger, logging.WARNING, "connections that could not be accepted at once")

    # events of a connection

    def expect(self, connection: TimedConnection) -> None:
        """Count a connection that is about to open."""
        self._expected.add(connection)

    def opened(self, connection: TimedConnection) -> None:
        """Add a connection."""
        self._expected.discard(connection)
        self._open.add(connection)

    def closed(self, connection: TimedConnection) -> None:
        """Remove a connection."""
        self._expected.discard(connection)
        self._open.discard(connection)
        self._evicted.discard(connection)

    def refused(self, connection: TimedConnection, refusal: Refusal) -> None:
        """Count a refused request, and log the first of them."""
        values = (_name(connection), refusal.status, printable(refusal.detail))
        self._malformed.count(monotonic(), "refused a request from %s: %s, %s", *values)

    # eviction

    @property
    def full(self) -> bool:
        """Whether a new connection may be accepted only if another is evicted."""
        return len(self._open) - len(self._evicted) + len(self._expected) >= self._limit

    def evict_one(self, *, urgent: bool) -> bool:
        """Evict one connection in favor of a new one; return False if none may be evicted now.

        A connection whose request has arrived but was not read yet is kept, unless it is `urgent`.
        """
        connection = self._eviction.choose(urgent=urgent, connecting=bool(self._expected))
        if connection is None:
            return False
        text = "there are %d connections, the maximum: the one that is idle for longest is closed in favor of a new one"
        self._full.count(monotonic(), text, self._limit)
        self._evict(connection)
        return True

    def out_of_descriptors(self, error: OSError) -> None:
        """Evict a connection after the system had no descriptor for a new one."""
        self._exhausted.count(monotonic(), "cannot accept a connection: %s", error.strerror)
        connection = self._eviction.choose(urgent=True, connecting=bool(self._expected))
        if connection is not None:
            self._evict(connection)

    def _evict(self, connection: TimedConnection) -> None:
        self._evicted.add(connection)
        connection.evict()

    # time limits

    def start(self) -> None:
        """Check all connections regularly from now on."""
        settings = self._settings
        shortest = min(settings.header_timeout, settings.body_timeout, settings.idle_timeout, settings.send_timeout)
        interval = min(_MAX_CHECK_INTERVAL, shortest / 4)
        self._timer = self._loop.call_later(interval, self._check_all, interval)

    def stop(self) -> None:
        """Stop the checks, and log the events that were only counted."""
        if self._timer is not None:
            self._timer.cancel()
        for episode in self._episodes:
            episode.flush()

    def _check_all(self, interval: float) -> None:
        self._timer = self._loop.call_later(interval, self._check_all, interval)
        now = monotonic()
        self._eviction.forget_order()
        for connection in list(self._open):
            slow = connection.check(now, self._settings)
            if slow is not None:
                self._slow.count(now, "%s of %s took too long", slow, _name(connection))
        for episode in self._episodes:
            episode.tick(now)

    @property
    def _episodes(self) -> tuple[RepeatedEvent, ...]:
        return self._malformed, self._slow, self._full, self._exhausted


def _name(connection: TimedConnection) -> str:
    peer = connection.peername
    return printable(str(peer[0] if isinstance(peer, tuple) else peer or "a unix socket"))
