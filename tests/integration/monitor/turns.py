"""Watching a monitor: which state changed when, and whether that was within its bound."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from petsage.bootstrap import load_core
from petsage.checks import Change, Monitor, Status

SLACK = 5.0
"""Seconds over a bound that a machine with other things to do may take; a fault of ours takes until a timeout."""

Entries = Mapping[str, Mapping[str, Any]]


@dataclass
class Turns:
    """The changes of a monitor's states, each with its moment on the monotonic clock."""

    monitor: Monitor
    seen: list[tuple[float, Change]] = field(default_factory=list)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def hear(self, change: Change) -> None:
        self.seen.append((time.monotonic(), change))
        self._news.set()

    async def all(self, names: Iterable[str], status: Status, within: float = 60) -> None:
        """Return when all these checks are of this status."""
        wanted = {*names}
        async with asyncio.timeout(within):
            while wanted != {state.name for state in self._states() if state.name in wanted and state.status is status}:
                self._news.clear()
                await self._news.wait()

    def failed(self) -> list[str]:
        """Return which checks turned to fail, in that order."""
        return [change.name for _, change in self.seen if change.now is Status.FAIL]

    def late(self, status: Status, since: float, bound: float) -> list[str]:
        """Return which changes to this status came more than `bound` seconds, and the slack, after `since`."""
        took = {change.name: moment - since for moment, change in self.seen if change.now is status}
        return [f"{name}: {status} after {seconds:.2f} s" for name, seconds in took.items() if seconds > bound + SLACK]

    def reasons(self, names: Iterable[str]) -> dict[str, str | None]:
        """Return the reasons of these checks."""
        return {name: self.monitor.snapshot().checks[name].reason for name in names}

    def forget(self) -> None:
        self.seen.clear()

    def _states(self) -> Iterable[Any]:
        return self.monitor.snapshot().checks.values()


@asynccontextmanager
async def watched(entries: Entries) -> AsyncIterator[Turns]:
    """Run the checks of a configuration, and watch them."""
    monitor: Monitor = load_core({"checks": entries}).checks()
    turns = Turns(monitor)
    monitor.subscribe(turns.hear)
    async with monitor:
        yield turns
