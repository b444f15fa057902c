"""Smoke test: all checks of a configuration and of its features, run in this process without a server."""

from petsage.smoke.report import Report, Result
from petsage.smoke.runner import SmokeRun
from petsage.smoke.selection import Selection, UnknownSelectionError, check_names, check_specs

__all__ = ["Report", "Result", "Selection", "SmokeRun", "UnknownSelectionError", "check_names", "check_specs"]
