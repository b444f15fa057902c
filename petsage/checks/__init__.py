"""Checks: statements about the world that are run in the background and read by probes."""

from petsage.checks.aggregate import Startup, Verdict, verdict
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
from petsage.checks.spec import CheckSpec, InvalidCheck
from petsage.checks.state import Change, Detail, Details, Snapshot, State

__all__ = [
    "Change",
    "Check",
    "CheckFailed",
    "CheckSpec",
    "CheckWarning",
    "Code",
    "Detail",
    "Details",
    "InvalidCheck",
    "Monitor",
    "Observations",
    "Probe",
    "Runnable",
    "Severity",
    "Snapshot",
    "Startup",
    "State",
    "Status",
    "Verdict",
    "verdict",
]
