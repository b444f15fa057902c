"""Statuses: which one counts for a probe, and which is the worst."""

from datetime import UTC, datetime

import pytest

from petsage.checks import CheckState, Probe, Severity, Status, effective_status, status_for_probe, worst

CRITICAL, DEGRADED = Severity.CRITICAL, Severity.DEGRADED
PASS, WARN, FAIL, PENDING = Status.PASS, Status.WARN, Status.FAIL, Status.PENDING


def check(status: Status, severity: Severity) -> CheckState:
    return CheckState("a", status, tuple(Probe), severity, datetime(2026, 11, 23, tzinfo=UTC))


def test_the_worst_is_fail_then_pending_then_warn_then_pass() -> None:
    assert worst([]) is PASS
    assert worst([PASS, WARN]) is WARN
    assert worst([PENDING, WARN, PASS]) is PENDING
    assert worst([WARN, FAIL, PENDING]) is FAIL


@pytest.mark.parametrize("status", [*Status])
def test_a_degraded_check_that_fails_is_a_warning(status: Status) -> None:
    assert effective_status(check(status, CRITICAL)) is status
    assert effective_status(check(status, DEGRADED)) is (WARN if status is FAIL else status)


@pytest.mark.parametrize("status", [PASS, WARN, FAIL])
@pytest.mark.parametrize("severity", [*Severity])
@pytest.mark.parametrize("probe", [*Probe])
def test_a_result_counts_for_every_probe_alike(status: Status, severity: Severity, probe: Probe) -> None:
    assert status_for_probe(check(status, severity), probe) is effective_status(check(status, severity))


@pytest.mark.parametrize("probe", [*Probe])
def test_a_pending_check_counts_if_it_is_critical_and_not_about_liveness(probe: Probe) -> None:
    assert status_for_probe(check(PENDING, DEGRADED), probe) is PASS
    assert status_for_probe(check(PENDING, CRITICAL), probe) is (PASS if probe is Probe.LIVE else PENDING)
