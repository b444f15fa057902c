"""What a trial came to."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from petsage.checks import Code, Detail, Details, Observations, Probe, ProbeResult, Severity, Status, verdict
from petsage.smoke.absent import nothing


class Result(NamedTuple):
    """One check: `status` is what it makes of its probes, so that a degraded one that fails is a warning."""

    name: str
    status: Status
    probes: tuple[Probe, ...]
    severity: Severity
    reason: str | None
    ref: str | None
    duration_ms: float | None
    observed: Observations | None
    code: Code | None = None

    def holds(self, *, strict: bool) -> bool:
        """Say whether it is no failure; `strict` takes a warning for one."""
        return self.status is Status.PASS or (self.status is Status.WARN and not strict)


class Report(NamedTuple):
    """All results, and the worst verdict of all probes; `seconds` is what the trial took.

    An `empty` one, in which nothing was checked, has that as its only result, so that no format of it passes for green.
    """

    verdict: ProbeResult
    results: tuple[Result, ...]
    began: datetime
    seconds: float
    empty: bool = False

    def passed(self, *, strict: bool) -> bool:
        """Say whether every check holds, and something was checked."""
        return all(result.holds(strict=strict) for result in self.results)


def reported(checks: Mapping[str, Detail], began: datetime, seconds: float) -> Report:
    """Return the report of these checks, judged as the server's probes judge them."""
    shown = checks or nothing()
    details = Details(checks=shown)
    verdicts = [verdict(details, probe) for probe in Probe]
    whole = ProbeResult(_worst(one.status for one in verdicts), *(_union(verdicts, at) for at in (1, 2, 3)))
    results = tuple(_result(detail, whole) for detail in shown.values())
    return Report(whole, results, began, seconds, empty=not checks)


def _result(detail: Detail, whole: ProbeResult) -> Result:
    return Result(
        name=detail.name,
        status=_status(detail.name, whole),
        probes=detail.probes,
        severity=detail.severity,
        reason=detail.reason,
        ref=detail.ref,
        duration_ms=detail.duration_ms,
        observed=detail.observed,
        code=detail.code,
    )


def _status(name: str, whole: ProbeResult) -> Status:
    if name in whole.failing:
        return Status.FAIL
    if name in whole.pending:
        return Status.PENDING
    return Status.WARN if name in whole.warning else Status.PASS


def _worst(statuses: Iterable[Status]) -> Status:
    badness = (Status.PASS, Status.WARN, Status.PENDING, Status.FAIL)
    return max(statuses, key=badness.index)


def _union(verdicts: Iterable[ProbeResult], at: int) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for one in verdicts for name in one[at]))
