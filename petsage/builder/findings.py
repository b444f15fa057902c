"""What an examination of a feature comes to, step by step."""

import traceback
from dataclasses import dataclass
from enum import StrEnum

from petsage.feature import FeatureFailed


class Outcome(StrEnum):
    """How a step ended."""

    OK = "ok"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Finding:
    """One step: what was looked at, how that ended, and the whole of it where that is long."""

    outcome: Outcome
    text: str
    details: str = ""

    @property
    def failed(self) -> bool:
        """Say whether the feature has not passed."""
        return self.outcome is Outcome.FAILED


def failure(step: str, error: BaseException) -> Finding:
    """Tell what a feature raised: its own words, or the error with its place."""
    return Finding(Outcome.FAILED, f"{step}: {describe_error(error)}")


def describe_error(error: BaseException) -> str:
    """Write an error for the feature's author, in one line."""
    if isinstance(error, FeatureFailed):
        return str(error)
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {frames[-1].filename}:{frames[-1].lineno}" if frames else ""
    return " ".join(f"{type(error).__name__}: {error}{place}".split())
