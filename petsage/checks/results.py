"""What one run of a check came to."""

import asyncio
from typing import NamedTuple

from petsage.checks.codes import Code
from petsage.checks.model import Observations, Status
from petsage.checks.untrusted import public


class Outcome(NamedTuple):
    """A result before fall and rise: `reason` is public, `error` is what was raised unexpectedly.

    `code` says in a word what the reason is about; of a result that passes there is none.
    """

    status: Status
    reason: str | None = None
    observed: Observations | None = None
    error: BaseException | None = None
    code: Code | None = None

    def blocking(self, seconds: float) -> "Outcome":
        """Return this outcome as that of a run which held up the event loop: no better than a warning."""
        status = Status.FAIL if self.status == Status.FAIL else Status.WARN
        blocked = f"blocked the event loop for {seconds:.1f} s"
        reason = f"{self.reason}; {blocked}" if self.reason else blocked
        return self._replace(status=status, reason=reason, code=self.code or Code.BLOCKED)


STALE = Outcome(Status.FAIL, "stale", code=Code.STALE)


def timed_out(timeout: float, note: str | None = None) -> Outcome:
    """Return the outcome of a run that took longer than its timeout, in seconds; `note` is what it waited for."""
    reason = f"timed out after {timeout:g} s" + (f": {note}" if note else "")
    return Outcome(Status.FAIL, reason, code=Code.TIMEOUT)


def noted(cancelled: asyncio.CancelledError) -> str | None:
    """Return the innermost note of a cancellation, which is public as the text of `CheckFailed` is."""
    try:
        return next((public(note) for note in cancelled.__notes__ if type(note) is str), None)
    except BaseException:  # noqa: BLE001 (mostly there are none; a check may have put anything there)
        return None


def hung(seconds: float) -> Outcome:
    """Return the outcome of a run that has not ended in spite of its timeout, and keeps the next from starting."""
    return Outcome(Status.FAIL, f"hung for {seconds:.0f} s", code=Code.HUNG)
