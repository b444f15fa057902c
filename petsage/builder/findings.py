"""Findings: the results of examining a feature, one for each step."""

import traceback
from dataclasses import dataclass
from enum import StrEnum

from petsage.feature import FeatureFailed
from petsage.untrusted import class_name, description, is_a, text_of, traceback_of


class Outcome(StrEnum):
    """How a step ended."""

    OK = "ok"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Finding:
    """The result of one step: its outcome, a line of text, and longer output in `details`."""

    outcome: Outcome
    text: str
    details: str = ""

    @property
    def failed(self) -> bool:
        """Whether the step has failed."""
        return self.outcome is Outcome.FAILED


def failure(step: str, error: BaseException) -> Finding:
    """Return the finding for an error that a feature raised."""
    return Finding(Outcome.FAILED, f"{step}: {describe_error(error)}")


def describe_error(error: BaseException) -> str:
    """Return an error as one line for the author of the feature, with the place where it was raised."""
    if is_a(error, FeatureFailed):
        return description(error)
    return " ".join(f"{class_name(error)}: {text_of(error) or ''}{raised_at(error)}".split())


def raised_at(error: BaseException) -> str:
    """Return ` at FILE:LINE`, the place where the error was raised; an empty text if it is not known."""
    frames = traceback.extract_tb(traceback_of(error))
    return f" at {frames[-1].filename}:{frames[-1].lineno}" if frames else ""
