"""The checks of a configuration as subjects: they are run here, without any server."""

from collections.abc import AsyncIterator, Collection, Iterable
from contextlib import asynccontextmanager

from petsage.checks import CheckSpec, Monitor, Status, effective_status
from petsage.wait.status import TargetStatus

_RUN_WITHIN = 86400.0
"""Seconds: a run ends by its own timeout long before."""


class CheckTarget:
    """One check, run anew at each look; a failing check of severity `degraded` counts as `warn`."""

    def __init__(self, monitor: Monitor, spec: CheckSpec, accepted: Collection[Status]) -> None:
        self.name = spec.name
        self._monitor = monitor
        self._accepted = accepted
        self._hint = f"what {spec.origin or spec.name} asks, and whether it can be reached from here"

    async def look(self) -> TargetStatus:
        """Run the check, or share the run that goes on."""
        details = await self._monitor.fresh([self.name], deadline=_RUN_WITHIN)
        detail = details.checks[self.name]
        status = effective_status(detail)
        ready = status in self._accepted
        return TargetStatus(ready, status.value, detail.reason or "", "" if ready else self._hint)


@asynccontextmanager
async def running(specs: Iterable[CheckSpec], accepted: Collection[Status]) -> AsyncIterator[list[CheckTarget]]:
    """Enter with a subject for each enabled check."""
    enabled = [spec for spec in specs if spec.enabled]
    async with Monitor(enabled) as monitor:
        yield [CheckTarget(monitor, spec, accepted) for spec in enabled]
