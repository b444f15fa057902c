"""Wait for targets: each is polled in a task of its own, until all are ready at once or the timeout has passed."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from petsage.checks import CheckSpec, Status
from petsage.wait.status import TargetState, WaitTarget
from petsage.wait.target_url import TargetUrl
from petsage.wait.targets import ACCEPTED, ExpectedBuild, HttpTarget, check_targets


@dataclass(frozen=True, kw_only=True)
class WaitOptions:
    """What to wait for, for how long, and which statuses count as ready.

    Attributes:
        urls: The URLs to request.
        specs: The checks to run in this process.
        accepted: The statuses that count as ready.
        build: The version and release that the URLs must report.
        timeout: Seconds after which the wait ends.
        interval: Seconds between two polls of one target.
    """

    urls: Sequence[TargetUrl] = ()
    specs: Sequence[CheckSpec] = ()
    accepted: Collection[Status] = ACCEPTED["warn"]
    build: ExpectedBuild = field(default_factory=ExpectedBuild)
    timeout: float = 60.0
    interval: float = 0.25


@dataclass(frozen=True, kw_only=True)
class WaitResult:
    """Whether all targets were ready at once in time, and the last state of each."""

    ready: bool
    states: Sequence[TargetState]


async def wait_for(
    options: WaitOptions,
    on_change: Callable[[TargetState], None] = lambda _: None,
    on_start: Callable[[Sequence[TargetState]], None] = lambda _: None,
) -> WaitResult:
    """Wait until all targets are ready at once, or until the timeout.

    Args:
        options: What to wait for.
        on_change: Called with a target's state after each change of its status.
        on_start: Called once, with the states of all targets, before the first poll.
    """
    async with _targets(options) as targets:
        waiter = _Waiter(targets, options.interval, on_change)
        on_start(waiter.states)
        ready = await waiter.wait(options.timeout)
        return WaitResult(ready=ready, states=waiter.states)


def explain_not_ready(states: Iterable[TargetState]) -> Iterator[str]:
    """Yield lines that name each target that is not ready, the reason, and what to look at next."""
    not_ready = [state for state in states if not state.status.ready]
    if not not_ready:
        yield "  each of them was ready, but never all at the same time"
    for state in not_ready:
        yield f"  {state.name}: {state.status}"
        if state.status.hint:
            yield f"      look at: {state.status.hint}"


class _Waiter:
    """Polls each target every `interval` seconds, and calls `on_change` with each whose status has changed.

    Several targets count as ready only if they are ready at the same time: when the last one becomes ready,
    all are polled once more, at the same time, and the wait goes on if one of them is no longer ready.
    """

    def __init__(
        self, targets: Iterable[WaitTarget], interval: float, on_change: Callable[[TargetState], None]
    ) -> None:
        self.states = [TargetState(target) for target in targets]
        self._interval = interval
        self._on_change = on_change
        self._changed = asyncio.Event()

    async def wait(self, timeout: float) -> bool:  # noqa: ASYNC109 (a timeout is a result here, not an error)
        """Return whether all targets were ready at once within `timeout` seconds."""
        polls = [asyncio.ensure_future(self._poll_forever(state)) for state in self.states]
        all_ready = asyncio.ensure_future(self._until_all_ready())
        try:
            done, _ = await asyncio.wait([*polls, all_ready], timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
            return all_ready in done
        finally:
            for task in (*polls, all_ready):
                task.cancel()
            await asyncio.wait([*polls, all_ready])

    async def _poll_forever(self, state: TargetState) -> None:
        while True:
            await self._poll(state)
            await asyncio.sleep(self._interval)

    async def _poll(self, state: TargetState) -> None:
        if await state.poll():
            self._on_change(state)
            self._changed.set()

    async def _until_all_ready(self) -> None:
        while not (self._all_ready() and await self._confirm()):
            self._changed.clear()
            if not self._all_ready():
                await self._changed.wait()

    async def _confirm(self) -> bool:
        if len(self.states) > 1:
            await asyncio.gather(*(self._poll(state) for state in self.states))
        return self._all_ready()

    def _all_ready(self) -> bool:
        return all(state.status.ready for state in self.states)


@asynccontextmanager
async def _targets(options: WaitOptions) -> AsyncIterator[list[WaitTarget]]:
    async with AsyncExitStack() as stack:
        urls = [HttpTarget(url, options.accepted, options.build) for url in options.urls]
        checks = (
            await stack.enter_async_context(check_targets(options.specs, options.accepted)) if options.specs else []
        )
        yield [*urls, *checks]
