"""One trial of all checks, of a configuration and of its features: in this process, without a server."""

from petsage.trial.chosen import Selection, UnknownCheck
from petsage.trial.names import check_names, check_specs
from petsage.trial.report import Report, Result
from petsage.trial.trial import Trial

__all__ = ["Report", "Result", "Selection", "Trial", "UnknownCheck", "check_names", "check_specs"]
