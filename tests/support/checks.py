"""What tests of the monitor are made with: clocks that stand still, checks that do what they are told."""

import asyncio
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

SELDOM = 3600.0
"""An interval at which nothing happens in a test unless it is asked for."""


@dataclass
class Clock:
    """Shows `now` until it is moved."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Scripted:
    """A check whose runs come to `outcomes`, one after the other, and to the last for ever."""

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
    """A check that waits to be let through, and counts how many of its runs are in flight."""

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
    """Return the threads in which checks are run; of an earlier test's some may be about to end."""
    return {thread for thread in threading.enumerate() if thread.name.startswith("check ")}


async def until(condition: Callable[[], object], within: float = 60) -> None:
    async with asyncio.timeout(within):
        while not condition():  # noqa: ASYNC110 (conditions of fakes have no event to wait for)
            await asyncio.sleep(0.002)
