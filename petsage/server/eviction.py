"""Choice of the connection that is closed in favor of a new one."""

from collections import deque
from operator import itemgetter
from time import monotonic

from petsage.server.timed_connection import TimedConnection, Timeouts

_MAX_EXAMINED = 8
"""Idle connections that are examined to find one that may be evicted."""

_GRACE_SECONDS = 0.02
"""Time after its acceptance in which a connection is not evicted."""


class Eviction:
    """Order in which connections are evicted.

    `opened` are the open connections and `evicted` those of them that are closing; the caller changes both sets.
    """

    def __init__(self, settings: Timeouts, opened: set[TimedConnection], evicted: set[TimedConnection]) -> None:
        self._settings = settings
        self._open = opened
        self._evicted = evicted
        self._idle: deque[tuple[float, TimedConnection]] = deque()  # by idle time, as of the last sort

    def forget_order(self) -> None:
        """Sort the idle connections anew when the next one is chosen."""
        self._idle.clear()

    def choose(self, *, urgent: bool, connecting: bool) -> TimedConnection | None:
        """Return the connection that is idle for longest, or None if no idle one may be evicted yet.

        If none is idle, return the one whose client has the least time left. A connection whose request has arrived but
        was not read yet is left out, unless it is `urgent`. While others are `connecting`, and may be idle later,
        a busy connection is chosen only if it has queued requests.
        """
        youngest = monotonic() - _GRACE_SECONDS
        idle = self._longest_idle()
        if idle and idle[0].since > youngest:
            return None
        for connection in idle:
            if connection.since <= youngest and (urgent or not connection.has_unread):
                return connection
        return None if idle else self._slowest(than=0 if connecting else -1)

    def _longest_idle(self) -> list[TimedConnection]:
        """Return up to `_MAX_EXAMINED` idle connections, longest idle first.

        All are sorted again only when the sorted ones are used up: those not among them became idle later.
        """
        found = self._still_idle()
        if not found:
            idle = [(connection.since, connection) for connection in self._open - self._evicted if connection.idle]
            self._idle.extend(sorted(idle, key=itemgetter(0)))
            found = self._still_idle()
        return found

    def _still_idle(self) -> list[TimedConnection]:
        """Return the first of the sorted connections that have had no request since they were sorted."""
        found: list[TimedConnection] = []
        while self._idle and len(found) < _MAX_EXAMINED:
            since, connection = self._idle.popleft()
            if connection.since == since and connection.idle and self._is_open(connection):
                found.append(connection)
        self._idle.extendleft((connection.since, connection) for connection in reversed(found))
        return found

    def _is_open(self, connection: TimedConnection) -> bool:
        return connection in self._open and connection not in self._evicted

    def _slowest(self, *, than: int) -> TimedConnection | None:
        """Return the connection whose client has the least time left; of several, the one with most queued requests.

        New connections that have had no response yet are left out, and so are those with at most `than` queued
        requests.
        """
        now = monotonic()
        working = [
            (connection.slack(now, self._settings), -connection.unanswered, connection)
            for connection in self._open - self._evicted
            if not connection.idle
            and connection.unanswered > than
            and (connection.has_been_answered or connection.since <= now - _GRACE_SECONDS)
        ]
        return min(working, key=itemgetter(0, 1))[2] if working else None
