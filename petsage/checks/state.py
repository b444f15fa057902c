"""Immutable states of checks, for everything that reads the monitor, and what they mean for a probe.

The states are named tuples: dataclasses would make every start about ten milliseconds slower.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from petsage.checks.model import Code, Observations, Probe, Severity, Status

_FROM_BEST_TO_WORST = (Status.PASS, Status.WARN, Status.PENDING, Status.FAIL)


class Moment(NamedTuple):
    """One moment on both clocks, in seconds: ages are computed from `clock`, and `wall` is for display."""

    clock: float
    wall: float

    def utc(self) -> datetime:
        """Return the time of the wall clock, in UTC."""
        return datetime.fromtimestamp(self.wall, UTC)


class CheckState(NamedTuple):
    """Immutable state of one check. A member that does not apply is None.

    `since` is when the status last changed, in UTC. `reason`, `code` and `observed` are details, which only authorized
    clients see. The reason of an unexpected exception is the name of its class; the log has the traceback under `ref`.

    The members from `last_run` on describe the last run, which ended at `last_run`. `Monitor.details()` fills them in;
    in `Monitor.snapshot()` they have their defaults, because they change with every run.
    """

    name: str
    status: Status
    probes: tuple[Probe, ...]
    severity: Severity
    since: datetime
    ref: str | None = None
    reason: str | None = None
    code: Code | None = None
    last_run: datetime | None = None
    duration_ms: float | None = None
    consecutive_failures: int = 0
    observed: Observations | None = None


class Snapshot(NamedTuple):
    """Immutable state of all checks at one moment, by name, in the order in which they were added.

    A snapshot is replaced, never changed, so that whatever was computed from it is valid as long as it is the current
    one. The monitor fills in `checks` alone; the other members are about the application around it: `up` is false
    until its features have been started, `startup_passed` is true once the startup probe has passed, and `quarantined`
    are the names of its features that are not served.
    """

    checks: Mapping[str, CheckState]
    up: bool = True
    startup_passed: bool = False
    quarantined: tuple[str, ...] = ()


class Change(NamedTuple):
    """Change of a check's status from `before` to `now`.

    The status had been `before` for `after` seconds, in which `failures` runs failed.
    """

    name: str
    before: Status
    now: Status
    after: float
    failures: int
    at: datetime
    reason: str | None
    ref: str | None
    code: Code | None = None


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
