"""From what a check raised to an outcome: by its class alone, and by nothing that it says of itself."""

from asyncio import CancelledError
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from petsage.checks.codes import Code, known_code
from petsage.checks.model import CheckFailed, CheckWarning, Status
from petsage.checks.results import Outcome
from petsage.checks.untrusted import MAX_REASON, class_name, public, text_of
from petsage.text import cut

_MAX_LEAVES = 1000
"""How many exceptions of a group, and of the groups in it, are looked at."""


class _Leaf(NamedTuple):
    """What one exception says; those of a group are told in the order of `rank`."""

    rank: int
    reason: str | None
    code: Code
    expected: bool


def raised(error: BaseException) -> Outcome:
    """Return the outcome of a run that raised: only the two exceptions that say so carry a public text.

    A group fails if anything in it is a failure, and warns if all are warnings; its reason names all that differ.
    """
    try:
        return _judged(error)
    except BaseException:  # noqa: BLE001 (whatever the exception's own methods raise, there is a result)
        return Outcome(Status.FAIL, class_name(error), error=error, code=Code.RAISED)


def _judged(error: BaseException) -> Outcome:
    leaves = sorted((_leaf(one) for one in islice(_leaves(error), _MAX_LEAVES)), key=lambda leaf: leaf.rank)
    reasons = dict.fromkeys(leaf.reason for leaf in leaves if leaf.reason)
    return Outcome(
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
    return _Leaf(rank, class_name(error) if text is None else public(text), code, expected=text is not None)


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
