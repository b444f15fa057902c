"""Results of runs, made of what a check returned or raised."""

import asyncio
from asyncio import CancelledError
from collections.abc import Awaitable, Iterator, Mapping
from itertools import islice
from types import CoroutineType
from typing import Any, NamedTuple

from petsage.checks.model import CheckFailed, CheckWarning, Code, Observations, Status, known_code
from petsage.checks.observations import observations
from petsage.redaction import MAX_REASON, public_text
from petsage.text import cut
from petsage.untrusted import class_name, group_members, is_a, text_of


class CheckResult(NamedTuple):
    """Immutable result of one run, before fall and rise are applied.

    `reason` and `code` are for clients that may see details; a result that passes has none. `error` is the exception if
    it was not an expected one.
    """

    status: Status
    reason: str | None = None
    observed: Observations | None = None
    error: BaseException | None = None
    code: Code | None = None

    def blocking(self, seconds: float) -> "CheckResult":
        """Return this result as that of a run that blocked the event loop: a warning, unless it is a failure."""
        status = Status.FAIL if self.status == Status.FAIL else Status.WARN
        blocked = f"blocked the event loop for {seconds:.1f} s"
        reason = f"{self.reason}; {blocked}" if self.reason else blocked
        return self._replace(status=status, reason=reason, code=self.code or Code.BLOCKED)


STALE = CheckResult(Status.FAIL, "stale", code=Code.STALE)


def timeout_result(timeout: float, note: str | None = None) -> CheckResult:
    """Return the result of a run that exceeded its timeout, in seconds; `note` is what it was waiting for."""
    reason = f"timed out after {timeout:g} s" + (f": {note}" if note else "")
    return CheckResult(Status.FAIL, reason, code=Code.TIMEOUT)


def note_of(error: asyncio.CancelledError) -> str | None:
    """Return the innermost note of a cancellation, which is shown like the text of `CheckFailed`; None without one."""
    try:
        return next((public_text(note) for note in error.__notes__ if type(note) is str), None)
    except BaseException:  # noqa: BLE001 (an exception mostly has no notes, and a check may have put anything there)
        return None


def hung_result(seconds: float) -> CheckResult:
    """Return the result of a run that continues after its timeout, so that the next one cannot begin."""
    return CheckResult(Status.FAIL, f"hung for {seconds:.0f} s", code=Code.HUNG)


_MAX_LEAVES = 1000
"""Maximum number of exceptions that are read of a group and of the groups in it."""


class _Leaf(NamedTuple):
    """What one exception contributes to a result; the exceptions of a group are sorted by `rank`."""

    rank: int
    reason: str | None
    code: Code
    expected: bool


def result_of_exception(error: BaseException) -> CheckResult:
    """Return the result of a run that raised: the texts of CheckFailed and CheckWarning are its reason.

    Of any other exception the reason is the name of its class. A group warns if all exceptions in it are warnings, and
    fails otherwise; its reason has each different reason in it.
    """
    try:
        return _classify_exception(error)
    except BaseException:  # noqa: BLE001 (methods of the exception may raise anything)
        return CheckResult(Status.FAIL, class_name(error), error=error, code=Code.RAISED)


def _classify_exception(error: BaseException) -> CheckResult:
    leaves = sorted((_leaf(one) for one in islice(_leaves(error), _MAX_LEAVES)), key=lambda leaf: leaf.rank)
    reasons = dict.fromkeys(leaf.reason for leaf in leaves if leaf.reason)
    return CheckResult(
        status=Status.WARN if leaves[0].rank == _RANK_BY_CLASS[CheckWarning] else Status.FAIL,
        reason=cut("; ".join(reasons), MAX_REASON) or None,
        error=None if all(leaf.expected for leaf in leaves) else error,
        code=leaves[0].code,
    )


_RANK_BY_CLASS: dict[type[BaseException], int] = {CheckFailed: 0, CheckWarning: 2}
_UNEXPECTED = 1


def _leaf(error: BaseException) -> _Leaf:
    for kind, rank in _RANK_BY_CLASS.items():
        if issubclass(type(error), kind):
            return _expected_leaf(error, rank, kind)
    code = Code.CANCELLED if issubclass(type(error), CancelledError) else Code.RAISED
    return _Leaf(_UNEXPECTED, class_name(error), code, expected=False)


def _expected_leaf(error: BaseException, rank: int, kind: type[BaseException]) -> _Leaf:
    text = text_of(error)
    code = _code(error, getattr(kind, "code", Code.FAILED))
    return _Leaf(rank, class_name(error) if text is None else public_text(text), code, expected=text is not None)


def _code(error: BaseException, otherwise: Code) -> Code:
    try:
        return known_code(getattr(error, "code", None), otherwise)
    except BaseException:  # noqa: BLE001 (a subclass may have a property of this name, which may raise anything)
        return otherwise


def _leaves(error: BaseException) -> Iterator[BaseException]:
    """Yield the exceptions of a group and of the groups in it; of any other exception, itself."""
    waiting = [error]
    while waiting:
        one = waiting.pop()
        if is_a(one, BaseExceptionGroup) and not issubclass(type(one), tuple(_RANK_BY_CLASS)):
            waiting.extend(reversed(group_members(one)))
        else:
            yield one


_PASSED = CheckResult(Status.PASS)
_RETURNED_FALSE = CheckResult(Status.FAIL, "returned False", code=Code.RETURNED)
_INSTEAD = "return None, True or a mapping of what was observed, or raise CheckFailed"


def result_of_value(value: object) -> CheckResult:
    """Return the result of a run that returned.

    `None`, `True` and a mapping, which is observations, pass, and `False` fails. Anything else fails as well: its
    meaning is not known, and a check that passes by mistake would never fail.
    """
    if value is None or value is True:
        return _PASSED
    if value is False:
        return _RETURNED_FALSE
    try:
        return _classify_value(value)
    except BaseException as error:  # noqa: BLE001 (a lazy mapping may fail like the check itself)
        return result_of_exception(error)


def _classify_value(value: Any) -> CheckResult:
    if is_a(value, Mapping):  # type: ignore[type-abstract]  # an interface is asked for
        return CheckResult(Status.PASS, observed=observations(value))
    if type(value) is CoroutineType:
        value.close()
    what = class_name(value)
    instead = f"await it, and {_INSTEAD}" if is_a(value, Awaitable) else _INSTEAD  # type: ignore[type-abstract]  # the same
    return CheckResult(Status.FAIL, f"returned {_article(what)} {what}: {instead}", code=Code.RETURNED)


def _article(noun: str) -> str:
    return "an" if noun[:1].lower() in "aeiou" else "a"
