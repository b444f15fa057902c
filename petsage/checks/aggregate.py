"""From the states of checks to the answer of a probe."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from petsage.checks.model import Probe, Severity, Status
from petsage.checks.state import Snapshot, State


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """A probe's answer: its status, and the names of the checks that are not plainly passing."""

    status: Status
    failing: tuple[str, ...] = ()
    pending: tuple[str, ...] = ()
    warning: tuple[str, ...] = ()


def verdict(snapshot: Snapshot, probe: Probe, exclude: Collection[str] = ()) -> Verdict:
    """Return what `probe` says: the worst of its checks, by their severity.

    A critical check fails the probe; a degraded one, whether failing or pending, makes it `warn` at most. A pending
    check keeps readiness and startup from passing, and liveness not: a process that just began is alive.
    """
    asked = [state for state in snapshot.checks.values() if probe in state.probes and state.name not in exclude]
    failing = _names(state for state in asked if state.status == Status.FAIL and _critical(state))
    pending = _names(state for state in asked if state.status == Status.PENDING)
    warning = _names(state for state in asked if _warns(state))
    awaited = probe != Probe.LIVE and any(state.status == Status.PENDING and _critical(state) for state in asked)
    status = _worst(failing=bool(failing), pending=awaited, warning=bool(warning))
    return Verdict(status=status, failing=failing, pending=pending, warning=warning)


class Startup:
    """The latch of the startup probe: passed once, passed for good. Ask it only of a house that is up."""

    def __init__(self) -> None:
        self.passed = False

    def verdict(self, snapshot: Snapshot, exclude: Collection[str] = ()) -> Verdict:
        """Return what the startup probe says; an answer that leaves checks out does not close the latch."""
        if self.passed:
            return Verdict(status=Status.PASS)
        answer = verdict(snapshot, Probe.STARTUP, exclude)
        self.passed = not exclude and answer.status in (Status.PASS, Status.WARN)
        return answer


def _critical(state: State) -> bool:
    return state.severity == Severity.CRITICAL


def _warns(state: State) -> bool:
    return state.status == Status.WARN or (state.status == Status.FAIL and not _critical(state))


def _names(states: Iterable[State]) -> tuple[str, ...]:
    return tuple(state.name for state in states)


def _worst(*, failing: bool, pending: bool, warning: bool) -> Status:
    if failing:
        return Status.FAIL
    if pending:
        return Status.PENDING
    return Status.WARN if warning else Status.PASS
