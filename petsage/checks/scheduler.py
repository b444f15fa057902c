"""Timer queue of the runs, their jitter, and detection of event-loop stalls by late timers."""

import asyncio
import contextvars
from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count
from time import monotonic
from typing import Protocol

_GOLDEN = 0.6180339887498949
_FIRST_SPREAD, _SPREAD = 0.9, 0.1
"""Fraction of the interval by which a run may be early; the largest for the second run, to spread all later ones."""


class Jitter:
    """Pseudo-random delays, so that checks with equal intervals do not run at once.

    The same `phase`, from 0 to 1, gives the same delays.
    """

    __slots__ = ("_phase", "_spread")

    def __init__(self, phase: float) -> None:
        self._phase = phase
        self._spread = _FIRST_SPREAD

    def first(self, within: float) -> float:
        """Return the delay of the first run, at most `within`, in seconds."""
        return within * self._phase

    def gap(self, interval: float) -> float:
        """Return the seconds from the beginning of one run to that of the next, at most `interval`."""
        self._phase = (self._phase + _GOLDEN) % 1
        gap = interval * (1 - self._spread * self._phase)
        self._spread = _SPREAD
        return gap


_SLACK_SECONDS = 0.002
"""Seconds by which a timer may fire early: event loops round to milliseconds."""

_LATE_SECONDS = 0.1
"""A timer that is later than this means that the event loop was stalled."""

_MAX_STALL_SECONDS = 10.0
"""Maximum seconds by which a stall extends deadlines; after a longer pause of the process results are stale."""


class QueueEntry(Protocol):
    """Entry of the queue; `due` is when to fire it, on the monotonic clock."""

    due: float

    def fire(self, now: float) -> None: ...  # noqa: D102 (documented by the class)


class Scheduler:
    """Timer queue: fires each entry when it is due. Putting an entry in again replaces its time.

    `stalled_at` is the end of the last stall of the event loop, and `on_stall` is called with the seconds of each.
    Entries run in copies of `context`, which is that of `open`, not that of the code that put them in.
    """

    def __init__(self, on_stall: Callable[[float], None]) -> None:
        self._on_stall = on_stall
        self.context = contextvars.Context()
        self.stalled_at = 0.0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._heap: list[tuple[float, int, QueueEntry]] = []
        self._order = count()
        self._timer: asyncio.TimerHandle | None = None
        self._armed_for = self._expected_at = float("inf")

    def open(self) -> None:
        """Begin to fire entries, in the running event loop."""
        self.context = contextvars.copy_context()
        self._loop = asyncio.get_running_loop()

    def close(self) -> None:
        """Fire no more entries, and forget them."""
        self._loop = None
        self._disarm()
        self._heap.clear()

    def put(self, thing: QueueEntry, when: float) -> None:
        """Fire `thing` at `when` instead of the time that was set before."""
        thing.due = when
        if self._loop is not None:
            heappush(self._heap, (when, next(self._order), thing))
            if when < self._armed_for:
                self._arm(self._loop)

    def stalled(self, seconds: float) -> None:
        """Record that the event loop was stalled for so many seconds, until now."""
        self.stalled_at = now = monotonic()
        self._expected_at = max(self._expected_at, now)
        self._on_stall(seconds)

    def catch_up(self) -> None:
        """Record a stall if the timer is overdue and has not fired yet."""
        late = monotonic() - self._expected_at
        if late > _LATE_SECONDS:
            self.stalled(min(late, _MAX_STALL_SECONDS))

    def _fire_due(self) -> None:
        self.catch_up()
        now = monotonic()
        try:
            while self._heap and self._heap[0][0] <= now + _SLACK_SECONDS:
                when, _, thing = heappop(self._heap)
                if thing.due == when:
                    thing.fire(now)
        finally:
            if self._loop is not None:
                self._arm(self._loop)

    def _arm(self, loop: asyncio.AbstractEventLoop) -> None:
        self._disarm()
        while self._heap and self._heap[0][0] != self._heap[0][2].due:
            heappop(self._heap)
        if self._heap:
            now, self._armed_for = monotonic(), self._heap[0][0]
            self._expected_at = max(now, self._armed_for)
            self._timer = loop.call_later(self._expected_at - now, self._fire_due, context=self.context)

    def _disarm(self) -> None:
        self._armed_for = self._expected_at = float("inf")
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
