"""Checks: statements about the world that are run in the background and read by probes."""

from petsage.checks.model import (
    Check,
    CheckFailed,
    CheckSpec,
    CheckWarning,
    Probe,
    Runnable,
    Schedule,
    Severity,
    Status,
)

__all__ = [
    "Check",
    "CheckFailed",
    "CheckSpec",
    "CheckWarning",
    "Probe",
    "Runnable",
    "Schedule",
    "Severity",
    "Status",
]
