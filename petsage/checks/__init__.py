"""Checks: statements about the world that are run in the background and read by probes."""

from petsage.checks.aggregate import ProbeResult, Startup, verdict
from petsage.checks.model import (
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
from petsage.checks.state import Change, Detail, Details, Snapshot, State

__all__ = [
    "Change",
    "Check",
    "CheckFailed",
    "CheckSpec",
    "CheckSpecError",
    "CheckWarning",
    "Code",
    "Detail",
    "Details",
    "Monitor",
    "Observations",
    "Probe",
    "ProbeResult",
    "Runnable",
    "Severity",
    "Snapshot",
    "Startup",
    "State",
    "Status",
    "verdict",
]
