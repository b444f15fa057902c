"""One trial of all checks, of a configuration and of its features: in this process, without a server."""

from petsage.smoke.report import Report, Result
from petsage.smoke.runner import Trial
from petsage.smoke.selection import Selection, UnknownCheck, check_names, check_specs

__all__ = ["Report", "Result", "Selection", "Trial", "UnknownCheck", "check_names", "check_specs"]
