"""The waiting itself: every subject is looked at in turns of its own, until all are ready at once or time is up."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from petsage.checks import CheckSpec, Status
from petsage.wait.check_target import running
from petsage.wait.http_target import ACCEPTED, Build, HttpTarget
from petsage.wait.status import TargetState, WaitTarget
from petsage.wait.target import Target


class Wait:
    """Looks at each subject every `interval` seconds, and calls `told` with each that has changed.

    Several subjects are not ready because each of them was ready some time: when the last one turns ready, all are
    looked at once more, at the same time, and one that has fallen back meanwhile keeps the waiting going.
    """

    def __init__(self, subjects: Iterable[WaitTarget], interval: float, told: Callable[[TargetState], None]) -> None:
        self.standings = [TargetState(subject) for subject in subjects]
        self._interval = interval
        self._told = told
        self._news = asyncio.Event()

    async def until_ready(self, timeout: float) -> bool:  # noqa: ASYNC109 (being late is an answer here, not an error)
        """Say whether all were ready at once within so many seconds."""
        watches = [asyncio.ensure_future(self._watch(standing)) for standing in self.standings]
        everybody = asyncio.ensure_future(self._all_at_once())
        try:
            done, _ = await asyncio.wait([*watches, everybody], timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
            return everybody in done
        finally:
            for task in (*watches, everybody):
                task.cancel()
            await asyncio.wait([*watches, everybody])

    async def _watch(self, standing: TargetState) -> None:
        while True:
            await self._look(standing)
            await asyncio.sleep(self._interval)

    async def _look(self, standing: TargetState) -> None:
        if await standing.look():
            self._told(standing)
            self._news.set()

    async def _all_at_once(self) -> None:
        while not (self._all_ready() and await self._confirmed()):
            self._news.clear()
            if not self._all_ready():
                await self._news.wait()

    async def _confirmed(self) -> bool:
        if len(self.standings) > 1:
            await asyncio.gather(*(self._look(standing) for standing in self.standings))
        return self._all_ready()

    def _all_ready(self) -> bool:
        return all(standing.sighting.ready for standing in self.standings)


def explained(standings: Iterable[TargetState]) -> Iterator[str]:
    """Yield lines that say of each subject that is not ready why, and what to look at next."""
    for standing in standings:
        if not standing.sighting.ready:
            yield f"  {standing.name}: {standing.sighting}"
            if standing.sighting.hint:
                yield f"      look at: {standing.sighting.hint}"


@dataclass(frozen=True, kw_only=True)
class Waited:
    """Whether all were ready at once in time, and how each stood at last."""

    ready: bool
    standings: Sequence[TargetState]


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is to be ready, by when, and what counts as ready; times are seconds."""

    targets: Sequence[Target] = ()
    specs: Sequence[CheckSpec] = ()
    accepted: Collection[Status] = ACCEPTED["warn"]
    build: Build = field(default_factory=Build)
    timeout: float = 60.0
    interval: float = 0.25


async def wait_for(
    wanted: Wanted,
    told: Callable[[TargetState], None] = lambda _: None,
    began: Callable[[Sequence[TargetState]], None] = lambda _: None,
) -> Waited:
    """Wait; `began` gets all that is waited for, `told` each that changes."""
    async with _subjects(wanted) as subjects:
        wait = Wait(subjects, wanted.interval, told)
        began(wait.standings)
        ready = await wait.until_ready(wanted.timeout)
        return Waited(ready=ready, standings=wait.standings)


@asynccontextmanager
async def _subjects(wanted: Wanted) -> AsyncIterator[list[WaitTarget]]:
    async with AsyncExitStack() as stack:
        urls = [HttpTarget(target, wanted.accepted, wanted.build) for target in wanted.targets]
        checks = await stack.enter_async_context(running(wanted.specs, wanted.accepted)) if wanted.specs else []
        yield [*urls, *checks]
