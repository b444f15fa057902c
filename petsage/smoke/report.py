"""Report of a smoke test."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from petsage.checks import CheckState, Code, Observations, Probe, Severity, Snapshot, Status, effective_status
from petsage.probes.report import HealthReport, merge_reports, report_probe
from petsage.smoke.missing_checks import nothing_checked


class Result(NamedTuple):
    """Result of one check; `status` is its effect on its probes, so that a degraded check that fails is a warning."""

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
        """Return whether it is not a failure; with `strict` a warning counts as one."""
        return self.status is Status.PASS or (self.status is Status.WARN and not strict)


class Report(NamedTuple):
    """All results, and the health of all probes together; `seconds` is how long the smoke test took.

    A report is `empty` if nothing was checked. This is then its only result, so that the report fails in every format.
    """

    health: HealthReport
    results: tuple[Result, ...]
    began: datetime
    seconds: float
    empty: bool = False

    def passed(self, *, strict: bool) -> bool:
        """Return whether every check holds, and something was checked."""
        return all(result.holds(strict=strict) for result in self.results)


def make_report(checks: Mapping[str, CheckState], began: datetime, seconds: float) -> Report:
    """Return the report of these checks, by the rules of the server's probes."""
    shown = checks or nothing_checked()
    snapshot = Snapshot(shown)
    health = merge_reports([report_probe(snapshot, probe) for probe in Probe])
    return Report(health, tuple(map(_result, shown.values())), began, seconds, empty=not checks)


def _result(state: CheckState) -> Result:
    return Result(
        name=state.name,
        status=effective_status(state),
        probes=state.probes,
        severity=state.severity,
        reason=state.reason,
        ref=state.ref,
        duration_ms=state.duration_ms,
        observed=state.observed,
        code=state.code,
    )
