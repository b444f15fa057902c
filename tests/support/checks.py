"""Fakes for tests of the monitor: a clock that is set by hand, and scripted checks."""

import asyncio
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

SELDOM = 3600.0
"""An interval in which no run begins during a test unless the test asks for one."""


@dataclass
class Clock:
    """Clock that shows `now`."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Scripted:
    """Check whose runs end with `outcomes`, one after the other, and from then on with the last one."""

    outcomes: list[Mapping[str, object] | BaseException | None] = field(default_factory=lambda: [None])
    runs: int = 0

    async def run(self) -> Mapping[str, object] | None:
        outcome = self.outcomes[min(self.runs, len(self.outcomes) - 1)]
        self.runs += 1
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome


@dataclass
class Gated:
    """Check that waits for its `gate`, and counts its runs in flight."""

    gate: asyncio.Event = field(default_factory=asyncio.Event)
    runs: int = 0
    in_flight: int = 0
    most_in_flight: int = 0

    async def run(self) -> None:
        self.runs += 1
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            await self.gate.wait()
        finally:
            self.in_flight -= 1


def threads_of_checks() -> set[threading.Thread]:
    """Return the threads that run checks; some of an earlier test may not have ended yet."""
    return {thread for thread in threading.enumerate() if thread.name.startswith("check ")}


async def until(condition: Callable[[], object], within: float = 60) -> None:
    async with asyncio.timeout(within):
        while not condition():  # noqa: ASYNC110 (conditions of fakes have no event to wait for)
            await asyncio.sleep(0.002)
