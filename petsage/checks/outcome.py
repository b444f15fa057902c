"""What one run of a check came to."""

import asyncio
from collections.abc import Mapping
from typing import NamedTuple

from petsage.checks.model import CheckFailed, CheckWarning, Observations, Status
from petsage.redaction import masked
from petsage.text import printable

_LONGEST_REASON = 500


class Outcome(NamedTuple):
    """A result before fall and rise: `reason` is public, `error` is what was raised unexpectedly."""

    status: Status
    reason: str | None = None
    observed: Observations | None = None
    error: BaseException | None = None

    def blocking(self, seconds: float) -> "Outcome":
        """Return this outcome as that of a run which held up the event loop: no better than a warning."""
        status = Status.FAIL if self.status == Status.FAIL else Status.WARN
        blocked = f"blocked the event loop for {seconds:.1f} s"
        return self._replace(status=status, reason=f"{self.reason}; {blocked}" if self.reason else blocked)


_HELD = Outcome(Status.PASS)


def returned(value: object) -> Outcome:
    """Return the outcome of a run that returned: it holds; a mapping is what it observed."""
    if value is None or not isinstance(value, Mapping):
        return _HELD
    try:
        return Outcome(Status.PASS, observed={str(key): item for key, item in value.items()})
    except Exception as error:  # noqa: BLE001 (a mapping may be lazy, and fail like the check itself)
        return raised(error)


def raised(error: BaseException) -> Outcome:
    """Return the outcome of a run that raised: only the two exceptions that say so carry a public text."""
    if isinstance(error, CheckWarning):
        return Outcome(Status.WARN, _public(str(error)))
    if isinstance(error, CheckFailed):
        return Outcome(Status.FAIL, _public(str(error)))
    return Outcome(Status.FAIL, type(error).__name__, error=error)


def timed_out(timeout: float, note: str | None = None) -> Outcome:
    """Return the outcome of a run that took longer than its timeout, in seconds; `note` is what it waited for."""
    return Outcome(Status.FAIL, f"timed out after {timeout:g} s" + (f": {note}" if note else ""))


def noted(cancelled: asyncio.CancelledError) -> str | None:
    """Return the innermost note of a cancellation, which is public as the text of `CheckFailed` is."""
    return next((_public(note) for note in getattr(cancelled, "__notes__", ())), None)


def hung(seconds: float) -> Outcome:
    """Return the outcome of a run that has not ended in spite of its timeout, and keeps the next from starting."""
    return Outcome(Status.FAIL, f"hung for {seconds:.0f} s")


def _public(text: str) -> str | None:
    return printable(" ".join(masked(text, _LONGEST_REASON).split()), _LONGEST_REASON) or None
