from datetime import UTC, datetime

import pytest

from petsage.checks import Probe, ProbeResult, Severity, Snapshot, Startup, State, Status, verdict

CRITICAL, DEGRADED = Severity.CRITICAL, Severity.DEGRADED
PASS, WARN, FAIL, PENDING = Status.PASS, Status.WARN, Status.FAIL, Status.PENDING


def standing(**checks: tuple[Status, Severity]) -> Snapshot:
    """Return a snapshot of checks that every probe asks."""
    return Snapshot(
        checks={
            name: State(
                name=name,
                status=status,
                probes=tuple(Probe),
                severity=severity,
                since=datetime(2026, 11, 23, tzinfo=UTC),
            )
            for name, (status, severity) in checks.items()
        }
    )


@pytest.mark.parametrize("probe", [Probe.READY, Probe.STARTUP])
@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ((PASS, CRITICAL), (PASS, DEGRADED), ProbeResult(status=PASS)),
        ((WARN, CRITICAL), (PASS, CRITICAL), ProbeResult(status=WARN, warning=("a",))),
        ((FAIL, CRITICAL), (WARN, CRITICAL), ProbeResult(status=FAIL, failing=("a",), warning=("b",))),
        ((FAIL, DEGRADED), (PASS, CRITICAL), ProbeResult(status=WARN, warning=("a",))),
        ((FAIL, DEGRADED), (FAIL, CRITICAL), ProbeResult(status=FAIL, failing=("b",), warning=("a",))),
        ((PENDING, CRITICAL), (PASS, CRITICAL), ProbeResult(status=PENDING, pending=("a",))),
        ((PENDING, CRITICAL), (WARN, CRITICAL), ProbeResult(status=PENDING, pending=("a",), warning=("b",))),
        ((PENDING, CRITICAL), (FAIL, CRITICAL), ProbeResult(status=FAIL, failing=("b",), pending=("a",))),
        ((PENDING, DEGRADED), (PASS, CRITICAL), ProbeResult(status=PASS, pending=("a",))),
    ],
)
def test_a_probe_says_the_worst_of_its_checks_by_their_severity(
    probe: Probe, a: tuple[Status, Severity], b: tuple[Status, Severity], expected: ProbeResult
) -> None:
    assert verdict(standing(a=a, b=b), probe) == expected


def test_a_pending_check_leaves_liveness_green() -> None:
    assert verdict(standing(a=(PENDING, CRITICAL)), Probe.LIVE) == ProbeResult(status=PASS, pending=("a",))


def test_a_probe_without_checks_passes() -> None:
    assert verdict(Snapshot(checks={}), Probe.READY) == ProbeResult(status=PASS)


def test_a_check_that_is_left_out_has_no_say() -> None:
    checks = standing(a=(FAIL, CRITICAL), b=(PENDING, CRITICAL), c=(PASS, CRITICAL))
    assert verdict(checks, Probe.READY, exclude={"a", "b"}) == ProbeResult(status=PASS)


def test_startup_passed_once_is_passed_for_good() -> None:
    startup = Startup()
    answers = [startup.verdict(standing(a=(status, CRITICAL))) for status in (PENDING, FAIL, WARN, FAIL, PENDING)]
    assert answers == [
        ProbeResult(status=PENDING, pending=("a",)),
        ProbeResult(status=FAIL, failing=("a",)),
        ProbeResult(status=WARN, warning=("a",)),
        ProbeResult(status=PASS),
        ProbeResult(status=PASS),
    ]


def test_startup_without_checks_is_passed() -> None:
    assert Startup().verdict(Snapshot(checks={})) == ProbeResult(status=PASS)


def test_startup_is_not_passed_by_leaving_checks_out() -> None:
    startup = Startup()
    assert startup.verdict(standing(a=(FAIL, CRITICAL)), exclude=["a"]) == ProbeResult(status=PASS)
    assert startup.verdict(standing(a=(FAIL, CRITICAL))) == ProbeResult(status=FAIL, failing=("a",))
