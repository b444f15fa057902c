"""Reports: a pure function of a snapshot and a query."""

from datetime import UTC, datetime

import pytest

from petsage.checks import CheckState, Probe, Severity, Snapshot, Status
from petsage.probes.query import ProbeQuery
from petsage.probes.report import HealthReport, make_report, report_probe

CRITICAL, DEGRADED = Severity.CRITICAL, Severity.DEGRADED
PASS, WARN, FAIL, PENDING = Status.PASS, Status.WARN, Status.FAIL, Status.PENDING


def snapshot(*, startup_passed: bool = False, up: bool = True, **checks: tuple[Status, Severity]) -> Snapshot:
    """Return a snapshot of checks that belong to every probe."""
    states = {
        name: CheckState(name, status, tuple(Probe), severity, datetime(2026, 11, 23, tzinfo=UTC))
        for name, (status, severity) in checks.items()
    }
    return Snapshot(states, up=up, startup_passed=startup_passed)


def blocked(*names: str) -> frozenset[str]:
    return frozenset(names)


@pytest.mark.parametrize("probe", [Probe.READY, Probe.STARTUP])
@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ((PASS, CRITICAL), (PASS, DEGRADED), HealthReport(PASS)),
        ((WARN, CRITICAL), (PASS, CRITICAL), HealthReport(WARN, warning=("a",))),
        ((FAIL, CRITICAL), (WARN, CRITICAL), HealthReport(FAIL, ("a",), warning=("b",), blocking=blocked("a"))),
        ((FAIL, DEGRADED), (PASS, CRITICAL), HealthReport(WARN, warning=("a",))),
        ((FAIL, DEGRADED), (FAIL, CRITICAL), HealthReport(FAIL, ("b",), warning=("a",), blocking=blocked("b"))),
        ((PENDING, CRITICAL), (PASS, CRITICAL), HealthReport(PENDING, pending=("a",), blocking=blocked("a"))),
        (
            (PENDING, CRITICAL),
            (WARN, CRITICAL),
            HealthReport(PENDING, pending=("a",), warning=("b",), blocking=blocked("a")),
        ),
        ((PENDING, CRITICAL), (FAIL, CRITICAL), HealthReport(FAIL, ("b",), ("a",), blocking=blocked("a", "b"))),
        ((PENDING, DEGRADED), (PASS, CRITICAL), HealthReport(PASS, pending=("a",))),
    ],
)
def test_a_probe_has_the_worst_status_of_its_checks_by_their_severity(
    probe: Probe, a: tuple[Status, Severity], b: tuple[Status, Severity], expected: HealthReport
) -> None:
    assert report_probe(snapshot(a=a, b=b), probe) == expected


def test_a_pending_check_leaves_liveness_green() -> None:
    assert report_probe(snapshot(a=(PENDING, CRITICAL)), Probe.LIVE) == HealthReport(PASS, pending=("a",))


def test_a_probe_without_checks_passes() -> None:
    assert [report_probe(snapshot(), probe) for probe in Probe] == [HealthReport(PASS)] * 3


def test_a_check_that_is_excluded_does_not_count() -> None:
    checks = snapshot(a=(FAIL, CRITICAL), b=(PENDING, CRITICAL), c=(PASS, CRITICAL))
    assert report_probe(checks, Probe.READY, exclude={"a", "b"}) == HealthReport(PASS)


@pytest.mark.parametrize("status", [*Status])
def test_startup_that_has_passed_once_has_passed_for_good(status: Status) -> None:
    assert report_probe(snapshot(a=(status, CRITICAL), startup_passed=True), Probe.STARTUP) == HealthReport(PASS)


@pytest.mark.parametrize(("status", "expected"), [(PASS, PENDING), (WARN, PENDING), (PENDING, PENDING), (FAIL, FAIL)])
def test_startup_does_not_pass_before_the_features_are_up(status: Status, expected: Status) -> None:
    assert report_probe(snapshot(a=(status, CRITICAL), up=False), Probe.STARTUP).status is expected


def test_the_report_of_all_probes_has_the_worst_status_and_each_name_once() -> None:
    checks = snapshot(a=(PENDING, CRITICAL), b=(WARN, CRITICAL))
    report = make_report(checks, ProbeQuery(None, exclude=("no",)), drain=7)
    assert report[:4] == (PENDING, (), ("a",), ("b",))
    assert (report.unknown, report.retry_after, report.passed) == (("no",), 1, False)
    assert {probe: one.status for probe, one in report.probes.items()} == {
        Probe.LIVE: WARN,
        Probe.READY: PENDING,
        Probe.STARTUP: PENDING,
    }


def test_a_report_leaves_out_what_the_query_excludes_and_lists_it() -> None:
    checks = snapshot(a=(FAIL, CRITICAL), shutdown=(FAIL, CRITICAL))
    report = make_report(checks, ProbeQuery(Probe.READY, exclude=("a",)), drain=7)
    assert (report.failing, [*report.checks], [*report.excluded]) == (("shutdown",), ["a", "shutdown"], ["a"])
    assert report.retry_after == 7
