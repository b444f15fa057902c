"""From the states of checks to the answer of a probe."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from petsage.checks.model import Probe, Severity, Status
from petsage.checks.state import Details, Snapshot


class ProbeResult(NamedTuple):
    """A probe's answer: its status, and the names of the checks that are not plainly passing."""

    status: Status
    failing: tuple[str, ...] = ()
    pending: tuple[str, ...] = ()
    warning: tuple[str, ...] = ()


def verdict(snapshot: Snapshot | Details, probe: Probe, exclude: Collection[str] = ()) -> ProbeResult:
    """Return what `probe` says: the worst of its checks, by their severity.

    A critical check fails the probe; a degraded one, whether failing or pending, makes it `warn` at most. A pending
    check keeps readiness and startup from passing, and liveness not: a process that just began is alive.
    """
    names: dict[Status, list[str]] = {status: [] for status in Status}
    awaited = False
    for state in snapshot.checks.values():
        if probe in state.probes and state.name not in exclude:
            critical = state.severity is Severity.CRITICAL
            softened = state.status is Status.FAIL and not critical
            names[Status.WARN if softened else state.status].append(state.name)
            awaited = awaited or (critical and state.status is Status.PENDING)
    return ProbeResult(
        status=_worst(names, awaited=awaited and probe != Probe.LIVE),
        failing=tuple(names[Status.FAIL]),
        pending=tuple(names[Status.PENDING]),
        warning=tuple(names[Status.WARN]),
    )


class Startup:
    """The latch of the startup probe: passed once, passed for good. Ask it only of a house that is up."""

    def __init__(self) -> None:
        self.passed = False

    def verdict(self, snapshot: Snapshot | Details, exclude: Collection[str] = ()) -> ProbeResult:
        """Return what the startup probe says; an answer that leaves checks out does not close the latch."""
        if self.passed:
            return ProbeResult(status=Status.PASS)
        answer = verdict(snapshot, Probe.STARTUP, exclude)
        self.passed = not exclude and answer.status in (Status.PASS, Status.WARN)
        return answer


def _worst(names: Mapping[Status, Collection[str]], *, awaited: bool) -> Status:
    if names[Status.FAIL]:
        return Status.FAIL
    if awaited:
        return Status.PENDING
    return Status.WARN if names[Status.WARN] else Status.PASS
