"""What one run of a check came to."""

import asyncio
from asyncio import CancelledError
from collections.abc import Awaitable, Iterator, Mapping
from itertools import islice
from types import CoroutineType
from typing import Any, NamedTuple

from petsage.checks.model import CheckFailed, CheckWarning, Code, Observations, Status, known_code
from petsage.checks.untrusted import MAX_REASON, class_name, is_a, observations, public_text, text_of
from petsage.text import cut


class CheckResult(NamedTuple):
    """A result before fall and rise: `reason` is public, `error` is what was raised unexpectedly.

    `code` says in a word what the reason is about; of a result that passes there is none.
    """

    status: Status
    reason: str | None = None
    observed: Observations | None = None
    error: BaseException | None = None
    code: Code | None = None

    def blocking(self, seconds: float) -> "CheckResult":
        """Return this outcome as that of a run which held up the event loop: no better than a warning."""
        status = Status.FAIL if self.status == Status.FAIL else Status.WARN
        blocked = f"blocked the event loop for {seconds:.1f} s"
        reason = f"{self.reason}; {blocked}" if self.reason else blocked
        return self._replace(status=status, reason=reason, code=self.code or Code.BLOCKED)


STALE = CheckResult(Status.FAIL, "stale", code=Code.STALE)


def timed_out(timeout: float, note: str | None = None) -> CheckResult:
    """Return the outcome of a run that took longer than its timeout, in seconds; `note` is what it waited for."""
    reason = f"timed out after {timeout:g} s" + (f": {note}" if note else "")
    return CheckResult(Status.FAIL, reason, code=Code.TIMEOUT)


def noted(cancelled: asyncio.CancelledError) -> str | None:
    """Return the innermost note of a cancellation, which is public as the text of `CheckFailed` is."""
    try:
        return next((public_text(note) for note in cancelled.__notes__ if type(note) is str), None)
    except BaseException:  # noqa: BLE001 (mostly there are none; a check may have put anything there)
        return None


def hung(seconds: float) -> CheckResult:
    """Return the outcome of a run that has not ended in spite of its timeout, and keeps the next from starting."""
    return CheckResult(Status.FAIL, f"hung for {seconds:.0f} s", code=Code.HUNG)


_MAX_LEAVES = 1000
"""How many exceptions of a group, and of the groups in it, are looked at."""


class _Leaf(NamedTuple):
    """What one exception says; those of a group are told in the order of `rank`."""

    rank: int
    reason: str | None
    code: Code
    expected: bool


def raised(error: BaseException) -> CheckResult:
    """Return the outcome of a run that raised: only the two exceptions that say so carry a public text.

    A group fails if anything in it is a failure, and warns if all are warnings; its reason names all that differ.
    """
    try:
        return _judge_error(error)
    except BaseException:  # noqa: BLE001 (whatever the exception's own methods raise, there is a result)
        return CheckResult(Status.FAIL, class_name(error), error=error, code=Code.RAISED)


def _judge_error(error: BaseException) -> CheckResult:
    leaves = sorted((_leaf(one) for one in islice(_leaves(error), _MAX_LEAVES)), key=lambda leaf: leaf.rank)
    reasons = dict.fromkeys(leaf.reason for leaf in leaves if leaf.reason)
    return CheckResult(
        status=Status.WARN if leaves[0].rank == _RANKS[CheckWarning] else Status.FAIL,
        reason=cut("; ".join(reasons), MAX_REASON) or None,
        error=None if all(leaf.expected for leaf in leaves) else error,
        code=leaves[0].code,
    )


_RANKS: dict[type[BaseException], int] = {CheckFailed: 0, CheckWarning: 2}
_UNEXPECTED = 1


def _leaf(error: BaseException) -> _Leaf:
    for kind, rank in _RANKS.items():
        if issubclass(type(error), kind):
            return _told(error, rank, kind)
    code = Code.CANCELLED if issubclass(type(error), CancelledError) else Code.RAISED
    return _Leaf(_UNEXPECTED, class_name(error), code, expected=False)


def _told(error: BaseException, rank: int, kind: type[BaseException]) -> _Leaf:
    text = text_of(error)
    code = _code(error, getattr(kind, "code", Code.FAILED))
    return _Leaf(rank, class_name(error) if text is None else public_text(text), code, expected=text is not None)


def _code(error: BaseException, otherwise: Code) -> Code:
    try:
        return known_code(getattr(error, "code", None), otherwise)
    except BaseException:  # noqa: BLE001 (a subclass may have made a property of it, which may raise anything)
        return otherwise


def _leaves(error: BaseException) -> Iterator[BaseException]:
    """Yield the exceptions of a group, and those of the groups in it; of what is no group, itself."""
    waiting = [error]
    while waiting:
        one = waiting.pop()
        if issubclass(type(one), BaseExceptionGroup) and not issubclass(type(one), tuple(_RANKS)):
            waiting.extend(reversed(_GROUP_MEMBERS(one)))
        else:
            yield one


_GROUP_MEMBERS = BaseExceptionGroup.__dict__["exceptions"].__get__


_HELD = CheckResult(Status.PASS)
_FALSE = CheckResult(Status.FAIL, "returned False", code=Code.RETURNED)
_INSTEAD = "return None, True or a mapping of what was observed, or raise CheckFailed"


def returned(value: object) -> CheckResult:
    """Return the outcome of a run that returned.

    It holds for `None`, `True` and a mapping, which is what it observed; `False` says that it does not. Anything else
    fails: what was meant by it is not known, and taking it for "it holds" would be green for ever.
    """
    if value is None or value is True:
        return _HELD
    if value is False:
        return _FALSE
    try:
        return _judge_value(value)
    except BaseException as error:  # noqa: BLE001 (a mapping may be lazy, and fail like the check itself)
        return raised(error)


def _judge_value(value: Any) -> CheckResult:
    if is_a(value, Mapping):
        return CheckResult(Status.PASS, observed=observations(value))
    if type(value) is CoroutineType:
        value.close()
    what = class_name(value)
    instead = f"await it, and {_INSTEAD}" if is_a(value, Awaitable) else _INSTEAD
    return CheckResult(Status.FAIL, f"returned {_article(what)} {what}: {instead}", code=Code.RETURNED)


def _article(noun: str) -> str:
    return "an" if noun[:1].lower() in "aeiou" else "a"
