"""Checks of a configuration as targets: they are run in this process, without a server."""

from collections.abc import AsyncIterator, Collection, Iterable
from contextlib import asynccontextmanager

from petsage.checks import CheckSpec, Monitor, Status, effective_status
from petsage.wait.status import TargetStatus

_RUN_DEADLINE_SECONDS = 86400.0
"""In practice no deadline: a run ends much earlier, by its own timeout."""


class CheckTarget:
    """One check, run at each poll; a failing check of severity `degraded` counts as `warn`."""

    def __init__(self, monitor: Monitor, spec: CheckSpec, accepted: Collection[Status]) -> None:
        self.name = spec.name
        self._monitor = monitor
        self._accepted = accepted
        self._hint = f"the settings of {spec.origin or spec.name}, and whether its peer can be reached from here"

    async def poll(self) -> TargetStatus:
        """Run the check, or share its run that is in flight."""
        details = await self._monitor.fresh([self.name], deadline=_RUN_DEADLINE_SECONDS)
        detail = details.checks[self.name]
        status = effective_status(detail)
        ready = status in self._accepted
        return TargetStatus(ready, status.value, detail.reason or "", "" if ready else self._hint)


@asynccontextmanager
async def check_targets(specs: Iterable[CheckSpec], accepted: Collection[Status]) -> AsyncIterator[list[CheckTarget]]:
    """Start a monitor of the enabled checks, and yield a target for each of them."""
    enabled = [spec for spec in specs if spec.enabled]
    async with Monitor(enabled) as monitor:
        yield [CheckTarget(monitor, spec, accepted) for spec in enabled]
