"""Reports that the feature is functional: it answers, and requires nothing else."""

from dataclasses import dataclass

FEATURE = "desk"


@dataclass(frozen=True, kw_only=True)
class Passed:
    """The feature is functional."""

    message: str
    status: str = "ok"
    feature: str = FEATURE


class DeskService:
    """Returns the result."""

    def __init__(self, message: str) -> None:
        self._passed = Passed(message=message)

    def result(self) -> Passed:
        """Return the state of the feature."""
        return self._passed
