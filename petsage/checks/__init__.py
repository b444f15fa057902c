"""Checks: named conditions that a monitor tests in the background, and whose states probes read."""

from petsage.checks.aggregate import effective_status, status_for_probe, worst
from petsage.checks.model import (
    BUILTIN_CHECKS,
    FEATURES,
    SHUTDOWN,
    Check,
    CheckFailed,
    CheckWarning,
    Code,
    Observations,
    Probe,
    Runnable,
    Severity,
    Status,
)
from petsage.checks.monitor import Monitor
from petsage.checks.spec import CheckSpec, CheckSpecError
from petsage.checks.state import Change, CheckState, Snapshot

__all__ = [
    "BUILTIN_CHECKS",
    "FEATURES",
    "SHUTDOWN",
    "Change",
    "Check",
    "CheckFailed",
    "CheckSpec",
    "CheckSpecError",
    "CheckState",
    "CheckWarning",
    "Code",
    "Monitor",
    "Observations",
    "Probe",
    "Runnable",
    "Severity",
    "Snapshot",
    "Status",
    "effective_status",
    "status_for_probe",
    "worst",
]
