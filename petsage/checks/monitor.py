"""Monitor: runs checks in the background, and keeps their states for readers."""

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from random import Random
from typing import Self

from petsage.checks.registry import CheckRegistry, Listener
from petsage.checks.scheduled_check import ScheduledCheck
from petsage.checks.scheduler import Scheduler
from petsage.checks.spec import CheckSpec
from petsage.checks.state import Snapshot

_MAX_FIRST_DELAY_SECONDS, _FIRST_DELAY_PER_CHECK_SECONDS = 0.8, 0.001
"""Seconds within which all first runs begin, at most, and the seconds that each check adds."""

_CANCEL_GRACE_SECONDS, _ABANDON_GRACE_SECONDS = 0.5, 0.2
"""Time that a cancelled run has to clean up, and to end after it was abandoned."""

NO_DEADLINE = 86400.0
"""Deadline, in seconds, of a caller of `Monitor.fresh` who waits for every run: each ends by its own timeout before."""


class Monitor:
    """Asynchronous context manager that runs checks while it is entered; it can be entered once.

    Checks can be added and removed at any time; `only` decides for each added one whether it runs. Leaving takes less
    than a second, even if checks hang, and joins no thread. `clock` is a monotonic clock in seconds, by which states go
    stale even while the monitor does not run; `wall`, in seconds since the epoch, is for display. The same `seed` gives
    the same schedule.
    """

    def __init__(
        self,
        specs: Iterable[CheckSpec] = (),
        *,
        only: Callable[[CheckSpec], bool] = lambda _: True,
        seed: int | None = None,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._registry = CheckRegistry(clock, wall, catch_up=lambda: self._scheduler.catch_up())  # noqa: PLW0108 (set below)
        self._scheduler = Scheduler(on_stall=self._registry.extend_deadlines)
        self._only = only
        self._scheduled: dict[str, ScheduledCheck] = {}
        self._seed = Random().getrandbits(64) if seed is None else seed  # noqa: S311 (jitter is no secret)
        self._gathered: dict[frozenset[asyncio.Future[None]], asyncio.Future[list[None]]] = {}
        self._entered = self._running = False
        for spec in specs:
            self.add(spec)

    def add(self, spec: CheckSpec) -> None:
        """Add a check, and run it unless it is disabled or rejected by `only`. Raise CheckSpecError for a duplicate."""
        spec = spec if self._only(spec) else replace(spec, enabled=False)
        record = self._registry.add(spec)
        if spec.enabled:
            phase = Random(f"{self._seed}/{spec.name}").random()  # noqa: S311 (jitter is no secret)
            scheduled = self._scheduled[spec.name] = ScheduledCheck(
                record, self._scheduler, self._registry.deliver, phase
            )
            if self._running:
                scheduled.schedule(time.monotonic(), self._first_delay())

    def remove(self, name: str) -> None:
        """Stop running a check and remove it; do nothing for an unknown name."""
        self._registry.remove(name)
        scheduled = self._scheduled.pop(name, None)
        if scheduled is not None:
            scheduled.retire()

    def spec(self, name: str) -> CheckSpec | None:
        """Return the spec of the check of this name, or None if it is unknown."""
        return self._registry.spec(name)

    def remove_of(self, feature: str) -> None:
        """Remove the checks of a feature, with those that the feature itself has added."""
        for name in self._registry.names_of(feature):
            self.remove(name)

    async def __aenter__(self) -> Self:
        if self._entered:
            raise RuntimeError("a Monitor can be entered only once: create another one")
        self._entered = self._running = True
        self._registry.expect()
        self._scheduler.open()
        now, seconds = time.monotonic(), self._first_delay()
        for scheduled in self._scheduled.values():
            scheduled.schedule(now, seconds)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._running = False
        self._scheduler.close()
        tasks = {task for scheduled in self._scheduled.values() if (task := scheduled.stop()) is not None}
        try:
            tasks = await _wait_for(tasks, _CANCEL_GRACE_SECONDS)
        finally:
            for scheduled in self._scheduled.values():
                scheduled.abandon()
        await _wait_for(tasks, _ABANDON_GRACE_SECONDS)

    def snapshot(self) -> Snapshot:
        """Return the states of all checks; the same object until a state changes or goes stale."""
        return self._registry.snapshot()

    def details(self) -> Snapshot:
        """Return the states of all checks with their last runs; the same object until the next result."""
        return self._registry.details()

    async def fresh(
        self,
        names: Iterable[str] | None = None,
        deadline: float = 0.8,
        *,
        floor: float = 0.0,
        wanted: Callable[[], bool] | None = None,
    ) -> Snapshot:
        """Wait until the checks of these names, or all, have a fresh result; return the states of all with details.

        A result is fresh if its run began after this call, or at most `floor` seconds before. Callers share runs: a
        check has one run at a time, and all callers that came before the next one began wait for the same one.
        Cancelling a caller cancels no run. No run is begun for a caller while `wanted` returns false. A check without
        a fresh result after `deadline` seconds has its last known state. Raise KeyError for an unknown name.
        """
        now = time.monotonic()
        checks = [*self._scheduled.values()] if names is None else [self._scheduled[name] for name in names]
        if wanted is not None:
            await _notice_closed_connections()
        while wanted is None or wanted():
            left = now + deadline - time.monotonic()
            pending = self._pending_runs(checks, now - floor)
            if not pending or left <= 0:
                break
            await asyncio.wait([self._gather(pending)], timeout=left)
        return self.details()

    def _pending_runs(self, checks: Iterable[ScheduledCheck], since: float) -> frozenset[asyncio.Future[None]]:
        """Begin a run of each check without a result since `since`; return futures that are done when the runs end."""
        if not self._running:
            return frozenset()
        present = [scheduled for scheduled in checks if self._scheduled.get(scheduled.record.spec.name) is scheduled]
        return frozenset(waiter for scheduled in present if (waiter := scheduled.fresh(since)) is not None)

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` at each change of a status, in the event loop; return a function that unsubscribes it."""
        return self._registry.subscribe(listener)

    def _gather(self, pending: frozenset[asyncio.Future[None]]) -> asyncio.Future[list[None]]:
        """Return a future of all these, shared by all callers that wait for the same ones."""
        shared = self._gathered.get(pending)
        if shared is None:
            shared = self._gathered[pending] = asyncio.gather(*pending)
            shared.add_done_callback(lambda _: self._gathered.pop(pending))
        return shared

    def _first_delay(self) -> float:
        return min(_MAX_FIRST_DELAY_SECONDS, _FIRST_DELAY_PER_CHECK_SECONDS * len(self._scheduled))


async def _notice_closed_connections() -> None:
    """Let the event loop read what arrived after a request, to notice which clients have closed their connection."""
    for _ in range(2):
        await asyncio.sleep(0)


async def _wait_for(tasks: set[asyncio.Task[None]], seconds: float) -> set[asyncio.Task[None]]:
    """Wait at most `seconds` for tasks to end; return those that have not ended."""
    if not tasks:
        return tasks
    _, pending = await asyncio.wait(tasks, timeout=seconds)
    return pending
