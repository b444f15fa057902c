"""Changes of a monitor's states: which changed when, and whether that was within its bound."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from petsage.bootstrap import load
from petsage.checks import Change, Monitor, Status

SLACK = 5.0
"""Seconds over a bound that a busy machine may take; a real fault takes until a timeout."""

Entries = Mapping[str, Mapping[str, Any]]


@dataclass
class StateChanges:
    """Changes of a monitor's states, each with its time on the monotonic clock."""

    monitor: Monitor
    seen: list[tuple[float, Change]] = field(default_factory=list)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def record(self, change: Change) -> None:
        self.seen.append((time.monotonic(), change))
        self._changed.set()

    async def wait_for_all(self, names: Iterable[str], status: Status, within: float = 60) -> None:
        """Return when all these checks have this status."""
        wanted = {*names}
        async with asyncio.timeout(within):
            while wanted != {state.name for state in self._states() if state.name in wanted and state.status is status}:
                self._changed.clear()
                await self._changed.wait()

    def failed(self) -> list[str]:
        """Return the names of the checks that changed to fail, in order."""
        return [change.name for _, change in self.seen if change.now is Status.FAIL]

    def late(self, status: Status, since: float, bound: float) -> list[str]:
        """Return the changes to this status that came more than `bound` seconds and the slack after `since`."""
        took = {change.name: moment - since for moment, change in self.seen if change.now is status}
        return [f"{name}: {status} after {seconds:.2f} s" for name, seconds in took.items() if seconds > bound + SLACK]

    def reasons(self, names: Iterable[str]) -> dict[str, str | None]:
        """Return the reasons of these checks."""
        return {name: self.monitor.snapshot().checks[name].reason for name in names}

    def clear(self) -> None:
        self.seen.clear()

    def _states(self) -> Iterable[Any]:
        return self.monitor.snapshot().checks.values()


@asynccontextmanager
async def watch_checks(entries: Entries) -> AsyncIterator[StateChanges]:
    """Run the checks of a configuration, and record the changes of their states."""
    monitor: Monitor = load({"checks": entries}).core.monitor()
    changes = StateChanges(monitor)
    monitor.subscribe(changes.record)
    async with monitor:
        yield changes
