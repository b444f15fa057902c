"""The monitor: runs checks in the background; whoever asks how they stand only reads."""

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from random import Random
from typing import Self

from petsage.checks.model import Runnable
from petsage.checks.registry import CheckRegistry, Listener
from petsage.checks.scheduled_check import ScheduledCheck
from petsage.checks.scheduler import Scheduler
from petsage.checks.spec import CheckSpec
from petsage.checks.state import Snapshot

_FIRST_WITHIN, _FIRST_EACH = 0.8, 0.001
"""The first runs begin within so many seconds, sooner where there are few checks."""

_GRACE, _LAST_GRACE = 0.5, 0.2
"""How many seconds a cancelled run has for tidying up, and for ending once it is abandoned."""


class Monitor:
    """Runs checks from the moment it is entered, once, until it is left; checks can be added at any time.

    Leaving takes less than a second, whatever hangs, and joins no thread. States go stale by `clock`, which must be
    monotonic, whether the monitor runs or not; `wall`, in seconds since the epoch, is only shown. The same `seed`
    gives the same schedule.
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
        self._board = CheckRegistry(clock, wall, catch_up=lambda: self._agenda.catch_up())  # noqa: PLW0108 (the agenda is not there yet)
        self._agenda = Scheduler(on_stall=self._board.excuse)
        self._only = only
        self._jobs: dict[str, ScheduledCheck] = {}
        self._seed = Random().getrandbits(64) if seed is None else seed  # noqa: S311 (jitter is no secret)
        self._awaited: dict[frozenset[asyncio.Future[None]], asyncio.Future[list[None]]] = {}
        self._entered = self._running = False
        for spec in specs:
            self.add(spec)

    def add(self, spec: CheckSpec) -> None:
        """Run one more check; raise `CheckSpecError`, with the origin of both, if another has its name."""
        spec = spec if self._only(spec) else replace(spec, enabled=False)
        record = self._board.add(spec)
        if spec.enabled:
            phase = Random(f"{self._seed}/{spec.name}").random()  # noqa: S311 (jitter is no secret)
            job = self._jobs[spec.name] = ScheduledCheck(record, self._agenda, self._board.deliver, phase)
            if self._running:
                job.schedule(time.monotonic(), self._first_within())

    def remove(self, name: str) -> None:
        """Run a check no more, and forget it; an unknown name is forgotten already."""
        self._board.remove(name)
        job = self._jobs.pop(name, None)
        if job is not None:
            job.retire()

    def check(self, name: str) -> Runnable | None:
        """Return the check of this name, None for an unknown one."""
        return self._board.check(name)

    def remove_of(self, feature: str) -> None:
        """Run the checks of a feature no more, those that it has added itself among them."""
        for name in self._board.names_of(feature):
            self.remove(name)

    async def __aenter__(self) -> Self:
        if self._entered:
            raise RuntimeError("a monitor is entered once")
        self._entered = self._running = True
        self._board.expect()
        self._agenda.open()
        now, within = time.monotonic(), self._first_within()
        for job in self._jobs.values():
            job.schedule(now, within)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._running = False
        self._agenda.close()
        tasks = {task for job in self._jobs.values() if (task := job.stop()) is not None}
        try:
            tasks = await _ended(tasks, _GRACE)
        finally:
            for job in self._jobs.values():
                job.abandon()
        await _ended(tasks, _LAST_GRACE)

    def snapshot(self) -> Snapshot:
        """Return how all checks stand; the same object until a state changes or goes stale."""
        return self._board.snapshot()

    def details(self) -> Snapshot:
        """Return how all checks stand and what their last runs came to; the same object until the next result."""
        return self._board.details()

    async def fresh(
        self,
        names: Iterable[str] | None = None,
        deadline: float = 0.8,
        *,
        floor: float = 0.0,
        wanted: Callable[[], bool] | None = None,
    ) -> Snapshot:
        """Return how all checks stand once those of these names, or all, have a fresh result.

        Fresh is the result of a run that began after this call, or at most `floor` seconds before it. Callers share
        runs: a check has one run in flight, and all who came before the next began wait for that one. A caller that
        goes away cancels nothing; `wanted` is asked before a run is begun for it, and no run is while it says no. What
        has no fresh result after `deadline` seconds is as last known. Raise KeyError for an unknown name.
        """
        now = time.monotonic()
        jobs = [*self._jobs.values()] if names is None else [self._jobs[name] for name in names]
        if wanted is not None:
            await _news_of_connections()
        while wanted is None or wanted():
            left = now + deadline - time.monotonic()
            awaited = self._awaited_by(jobs, now - floor)
            if not awaited or left <= 0:
                break
            await asyncio.wait([self._all_of(awaited)], timeout=left)
        return self.details()

    def _awaited_by(self, jobs: Iterable[ScheduledCheck], since: float) -> frozenset[asyncio.Future[None]]:
        """Have the checks run that have no result of a run since then; return what tells that a run is over."""
        if not self._running:
            return frozenset()
        present = [job for job in jobs if self._jobs.get(job.record.spec.name) is job]
        return frozenset(waiter for job in present if (waiter := job.fresh(since)) is not None)

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` at each change of a status, in the event loop; return what ends that."""
        return self._board.subscribe(listener)

    def _all_of(self, awaited: frozenset[asyncio.Future[None]]) -> asyncio.Future[list[None]]:
        """Return what is done when all these are, the same for all who wait for the same."""
        shared = self._awaited.get(awaited)
        if shared is None:
            shared = self._awaited[awaited] = asyncio.gather(*awaited)
            shared.add_done_callback(lambda _: self._awaited.pop(awaited))
        return shared

    def _first_within(self) -> float:
        return min(_FIRST_WITHIN, _FIRST_EACH * len(self._jobs))


async def _news_of_connections() -> None:
    """Let the event loop notice which clients have left: what arrived with a request is read in its next turns."""
    for _ in range(2):
        await asyncio.sleep(0)


async def _ended(tasks: set[asyncio.Task[None]], within: float) -> set[asyncio.Task[None]]:
    """Wait for tasks to end, for so many seconds; return those that have not."""
    if not tasks:
        return tasks
    _, pending = await asyncio.wait(tasks, timeout=within)
    return pending
