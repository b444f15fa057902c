"""Checks: named conditions that a monitor tests in the background, and whose states probes read."""

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
from petsage.checks.monitor import NO_DEADLINE, Monitor
from petsage.checks.spec import CheckSpec, CheckSpecError
from petsage.checks.state import Change, CheckState, Snapshot, effective_status, status_for_probe, worst

__all__ = [
    "BUILTIN_CHECKS",
    "FEATURES",
    "NO_DEADLINE",
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
