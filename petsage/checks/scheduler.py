"""Where in its interval a check is run, so that many do not run at once; the same phase gives the same places."""

import asyncio
import contextvars
from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count
from time import monotonic
from typing import Protocol

_GOLDEN = 0.6180339887498949
_FIRST_SPREAD, _SPREAD = 0.9, 0.1
"""By which part of the interval the next run may come early: the second run finds a place for all that follow."""


class Jitter:
    """Walks through its phases, from 0 to 1, beginning at the one given."""

    __slots__ = ("_phase", "_spread")

    def __init__(self, phase: float) -> None:
        self._phase = phase
        self._spread = _FIRST_SPREAD

    def first(self, within: float) -> float:
        """Return how many seconds to wait for the first run, at most those given."""
        return within * self._phase

    def gap(self, interval: float) -> float:
        """Return how many seconds to wait from one run to the next, at most the interval."""
        self._phase = (self._phase + _GOLDEN) % 1
        gap = interval * (1 - self._spread * self._phase)
        self._spread = _SPREAD
        return gap


_SLACK = 0.002
"""Seconds by which something may be woken early: event loops count in milliseconds."""

_LATE = 0.1
"""Seconds of delay from which a timer tells that the loop stood still."""

_LONGEST_STALL = 10.0
"""Seconds for which a stall of unknown cause is excused: after a long pause of the process, what it knew is stale."""


class Timed(Protocol):
    """Something that is woken at its time; `due` is that time, on the monotonic clock."""

    due: float

    def wake(self, now: float) -> None: ...  # noqa: D102 (said above)


class Scheduler:
    """Wakes each thing at its time; putting it in again replaces the time.

    `stalled_at` is when the event loop was last found to have stood still, and went on; `on_stall` hears for how many
    seconds. Whatever is woken runs in copies of `context`, that of `open`, whoever happened to set the timer.
    """

    def __init__(self, on_stall: Callable[[float], None]) -> None:
        self._on_stall = on_stall
        self.context = contextvars.Context()
        self.stalled_at = 0.0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._heap: list[tuple[float, int, Timed]] = []
        self._order = count()
        self._timer: asyncio.TimerHandle | None = None
        self._armed_for = self._awaited_at = float("inf")

    def open(self) -> None:
        """Begin to wake, in the running event loop."""
        self.context = contextvars.copy_context()
        self._loop = asyncio.get_running_loop()

    def close(self) -> None:
        """Wake nothing any more."""
        self._loop = None
        self._disarm()
        self._heap.clear()

    def put(self, thing: Timed, when: float) -> None:
        """Wake `thing` at `when`, and not at the time that was set before."""
        thing.due = when
        if self._loop is not None:
            heappush(self._heap, (when, next(self._order), thing))
            if when < self._armed_for:
                self._arm(self._loop)

    def stalled(self, seconds: float) -> None:
        """Take note that the event loop stood still for so many seconds, until now."""
        self.stalled_at = now = monotonic()
        self._awaited_at = max(self._awaited_at, now)
        self._on_stall(seconds)

    def catch_up(self) -> None:
        """See whether the timer is overdue: then the loop stood still, and has not come to it yet."""
        late = monotonic() - self._awaited_at
        if late > _LATE:
            self.stalled(min(late, _LONGEST_STALL))

    def _wake(self) -> None:
        self.catch_up()
        now = monotonic()
        try:
            while self._heap and self._heap[0][0] <= now + _SLACK:
                when, _, thing = heappop(self._heap)
                if thing.due == when:
                    thing.wake(now)
        finally:
            if self._loop is not None:
                self._arm(self._loop)

    def _arm(self, loop: asyncio.AbstractEventLoop) -> None:
        self._disarm()
        while self._heap and self._heap[0][0] != self._heap[0][2].due:
            heappop(self._heap)
        if self._heap:
            now, self._armed_for = monotonic(), self._heap[0][0]
            self._awaited_at = max(now, self._armed_for)
            self._timer = loop.call_later(self._awaited_at - now, self._wake, context=self.context)

    def _disarm(self) -> None:
        self._armed_for = self._awaited_at = float("inf")
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
