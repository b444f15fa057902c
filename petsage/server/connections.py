"""All open connections: how many there may be, which one gives way to a new one, and whose time is over."""

import asyncio
import logging
from collections import deque
from operator import itemgetter
from time import monotonic

from petsage.logs import Episode, get_logger
from petsage.server.refusals import Refusal
from petsage.server.timed_connection import TimedConnection
from petsage.settings import ServerSettings
from petsage.text import printable

logger = get_logger("petsage.server")

_LOOKED_AT = 8
"""How many idle connections are looked at to find one that may be closed."""

_GRACE_SECONDS = 0.02
"""How long a client may take, in any case, from being accepted to what it has to say."""

_CHECKED_EACH = 1.0
"""Seconds between two looks at all connections, at the most."""


class Connections:
    """Keeps the connections of one server; `limit` is how many there may be at once."""

    def __init__(self, settings: ServerSettings, limit: int, loop: asyncio.AbstractEventLoop) -> None:
        self._settings = settings
        self._limit = limit
        self._loop = loop
        self._expected: set[TimedConnection] = set()
        self._open: set[TimedConnection] = set()
        self._idle: deque[tuple[float, TimedConnection]] = deque()  # in order, as it was when last looked for
        self._leaving: set[TimedConnection] = set()
        self._timer: asyncio.TimerHandle | None = None
        strangers = logging.DEBUG if settings.access_log == "none" else logging.INFO
        self._malformed = Episode(logger, strangers, "refused requests")
        self._slow = Episode(logger, strangers, "clients that took too long")
        self._full = Episode(logger, logging.WARNING, "connections that gave way to new ones")
        self._exhausted = Episode(logger, logging.WARNING, "connections that could not be accepted at once")

    # what a connection reports

    def expect(self, connection: TimedConnection) -> None:
        """Count a connection that is about to be opened."""
        self._expected.add(connection)

    def entered(self, connection: TimedConnection) -> None:
        """Keep a connection that has just been opened."""
        self._expected.discard(connection)
        self._open.add(connection)

    def left(self, connection: TimedConnection) -> None:
        """Forget a connection."""
        self._expected.discard(connection)
        self._open.discard(connection)
        self._leaving.discard(connection)

    def refused(self, connection: TimedConnection, refusal: Refusal) -> None:
        """Count a request that was no request."""
        values = (_name(connection), refusal.status, printable(refusal.detail))
        self._malformed.count(monotonic(), "refused a request from %s: %s, %s", *values)

    # room for new ones

    @property
    def full(self) -> bool:
        """Whether one more may be accepted only if another gives way to it."""
        return len(self._open) - len(self._leaving) + len(self._expected) >= self._limit

    def make_room(self, *, urgent: bool) -> bool:
        """Have one connection give way to a new one; return whether there is one that may.

        A connection whose request has arrived and was not read yet is spared, unless it is `urgent`.
        """
        connection = self._victim(urgent=urgent)
        if connection is None:
            return False
        text = "there are %d connections, as many as may be: the one that is idle for longest gives way to a new one"
        self._full.count(monotonic(), text, self._limit)
        self._dismiss(connection)
        return True

    def out_of_descriptors(self, error: OSError) -> None:
        """Close a connection, as the system would give no descriptor for a new one."""
        self._exhausted.count(monotonic(), "cannot accept a connection: %s", error.strerror)
        connection = self._victim(urgent=True)
        if connection is not None:
            self._dismiss(connection)

    def _dismiss(self, connection: TimedConnection) -> None:
        self._leaving.add(connection)
        connection.dismiss()

    def _victim(self, *, urgent: bool) -> TimedConnection | None:
        """Return the connection that is idle for longest, or None while all of these are spared for the moment.

        Where none is idle it is the one whose client has the least time left.
        """
        youngest = monotonic() - _GRACE_SECONDS
        idle = self._longest_idle()
        if idle and idle[0].since > youngest:
            return None
        for connection in idle:
            if connection.since <= youngest and (urgent or not connection.has_unread):
                return connection
        return None if idle else self._slowest(than=0 if self._expected else -1)

    def _longest_idle(self) -> list[TimedConnection]:
        """Return some idle connections, that for longest first.

        All are put into order only when those in order are used up: whoever is not among them is idle for less long.
        """
        found = self._still_idle()
        if not found:
            idle = [(connection.since, connection) for connection in self._open - self._leaving if connection.idle]
            self._idle.extend(sorted(idle, key=itemgetter(0)))
            found = self._still_idle()
        return found

    def _still_idle(self) -> list[TimedConnection]:
        """Return the first of those in order, without those that have had a request since."""
        found: list[TimedConnection] = []
        while self._idle and len(found) < _LOOKED_AT:
            since, connection = self._idle.popleft()
            if connection.since == since and connection.idle and self._stays(connection):
                found.append(connection)
        self._idle.extendleft((connection.since, connection) for connection in reversed(found))
        return found

    def _stays(self, connection: TimedConnection) -> bool:
        return connection in self._open and connection not in self._leaving

    def _slowest(self, *, than: int) -> TimedConnection | None:
        """Return the one whose client has the least time left; of several, the one that waits for most answers.

        One that was accepted a moment ago and has had no answer yet is spared. While others are on their way in, who
        may have nothing to say, only one that has more than `than` requests waiting gives way.
        """
        now = monotonic()
        working = [
            (connection.slack(now, self._settings), -connection.unanswered, connection)
            for connection in self._open - self._leaving
            if not connection.idle
            and connection.unanswered > than
            and (connection.has_been_answered or connection.since <= now - _GRACE_SECONDS)
        ]
        return min(working, key=itemgetter(0, 1))[2] if working else None

    # time

    def start(self) -> None:
        """Look at all connections from now on."""
        settings = self._settings
        shortest = min(settings.header_timeout, settings.body_timeout, settings.idle_timeout, settings.send_timeout)
        interval = min(_CHECKED_EACH, shortest / 4)
        self._timer = self._loop.call_later(interval, self._check_all, interval)

    def stop(self) -> None:
        """Look no more, and report what was only counted."""
        if self._timer is not None:
            self._timer.cancel()
        for episode in self._episodes:
            episode.flush()

    def _check_all(self, interval: float) -> None:
        self._timer = self._loop.call_later(interval, self._check_all, interval)
        now = monotonic()
        self._idle.clear()
        for connection in list(self._open):
            who = connection.check(now, self._settings)
            if who is not None:
                self._slow.count(now, "%s of %s took too long", who, _name(connection))
        for episode in self._episodes:
            episode.tick(now)

    @property
    def _episodes(self) -> tuple[Episode, ...]:
        return self._malformed, self._slow, self._full, self._exhausted


def _name(connection: TimedConnection) -> str:
    peer = connection.peername
    return printable(str(peer[0] if isinstance(peer, tuple) else peer or "a unix socket"))
