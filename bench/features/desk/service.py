"""Says that the feature is functional: it answers, and stands on nothing else."""

from dataclasses import dataclass

FEATURE = "desk"


@dataclass(frozen=True, kw_only=True)
class Passed:
    """The feature is functional."""

    message: str
    status: str = "ok"
    feature: str = FEATURE


class DeskService:
    """Gives its verdict."""

    def __init__(self, message: str) -> None:
        self._passed = Passed(message=message)

    def verdict(self) -> Passed:
        """Return how the feature stands now."""
        return self._passed
