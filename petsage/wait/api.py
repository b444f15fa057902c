"""All that is to be waited for, in one call: what the command line and the test suites' plugin ask."""

from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from petsage.checks import CheckSpec, Status
from petsage.wait.build import Build
from petsage.wait.check_target import running
from petsage.wait.http_target import ACCEPTED, WebSubject
from petsage.wait.status import Standing, Subject
from petsage.wait.target import Target
from petsage.wait.waiter import Wait


@dataclass(frozen=True, kw_only=True)
class Waited:
    """Whether all were ready at once in time, and how each stood at last."""

    ready: bool
    standings: Sequence[Standing]


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
    told: Callable[[Standing], None] = lambda _: None,
    began: Callable[[Sequence[Standing]], None] = lambda _: None,
) -> Waited:
    """Wait; `began` gets all that is waited for, `told` each that changes."""
    async with _subjects(wanted) as subjects:
        wait = Wait(subjects, wanted.interval, told)
        began(wait.standings)
        ready = await wait.until_ready(wanted.timeout)
        return Waited(ready=ready, standings=wait.standings)


@asynccontextmanager
async def _subjects(wanted: Wanted) -> AsyncIterator[list[Subject]]:
    async with AsyncExitStack() as stack:
        urls = [WebSubject(target, wanted.accepted, wanted.build) for target in wanted.targets]
        checks = await stack.enter_async_context(running(wanted.specs, wanted.accepted)) if wanted.specs else []
        yield [*urls, *checks]
