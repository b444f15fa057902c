"""What is due when, kept by one timer of the event loop."""

import asyncio
import contextvars
from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count
from time import monotonic
from typing import Protocol

_SLACK = 0.002
"""Seconds by which something may be woken early: event loops count in milliseconds."""

_LATE = 0.1
"""Seconds of delay from which a timer tells that the loop stood still."""

_LONGEST_STALL = 10.0
"""Seconds for which a stall of unknown cause is excused: after a long pause of the process, what it knew is stale."""


class Due(Protocol):
    """Something that is woken at its time; `due` is that time, on the monotonic clock."""

    due: float

    def wake(self, now: float) -> None: ...  # noqa: D102 (said above)


class Agenda:
    """Wakes each thing at its time; putting it in again replaces the time.

    `stalled_at` is when the event loop was last found to have stood still, and went on; `on_stall` hears for how many
    seconds. Whatever is woken runs in copies of `context`, that of `open`, whoever happened to set the timer.
    """

    def __init__(self, on_stall: Callable[[float], None]) -> None:
        self._on_stall = on_stall
        self.context = contextvars.Context()
        self.stalled_at = 0.0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._heap: list[tuple[float, int, Due]] = []
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

    def put(self, thing: Due, when: float) -> None:
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
