"""Aggregation: from the statuses of checks to the status of a probe."""

from collections.abc import Iterable

from petsage.checks.model import Probe, Severity, Status
from petsage.checks.state import CheckState

_FROM_BEST_TO_WORST = (Status.PASS, Status.WARN, Status.PENDING, Status.FAIL)


def worst(statuses: Iterable[Status]) -> Status:
    """Return the worst of some statuses, in the order fail, pending, warn, pass; `pass` if there are none."""
    return max(statuses, key=_FROM_BEST_TO_WORST.index, default=Status.PASS)


def effective_status(state: CheckState) -> Status:
    """Return the status of a check as a report lists it: the failure of a degraded check is a warning."""
    softened = state.status is Status.FAIL and state.severity is Severity.DEGRADED
    return Status.WARN if softened else state.status


def status_for_probe(state: CheckState, probe: Probe) -> Status:
    """Return what the check contributes to the status of a probe.

    A pending check keeps readiness and startup from passing if it is critical. It never affects liveness: a process
    that has just started is alive.
    """
    harmless = state.severity is Severity.DEGRADED or probe is Probe.LIVE
    if state.status is Status.PENDING and harmless:
        return Status.PASS
    return effective_status(state)
