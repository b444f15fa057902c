"""From what a check returned to an outcome."""

from collections.abc import Awaitable, Mapping
from types import CoroutineType
from typing import Any

from petsage.checks.codes import Code
from petsage.checks.model import Status
from petsage.checks.raised import raised
from petsage.checks.results import Outcome
from petsage.checks.untrusted import class_name, is_a, observations

_HELD = Outcome(Status.PASS)
_FALSE = Outcome(Status.FAIL, "returned False", code=Code.RETURNED)
_INSTEAD = "return None, True or a mapping of what was observed, or raise CheckFailed"


def returned(value: object) -> Outcome:
    """Return the outcome of a run that returned.

    It holds for `None`, `True` and a mapping, which is what it observed; `False` says that it does not. Anything else
    fails: what was meant by it is not known, and taking it for "it holds" would be green for ever.
    """
    if value is None or value is True:
        return _HELD
    if value is False:
        return _FALSE
    try:
        return _judged(value)
    except BaseException as error:  # noqa: BLE001 (a mapping may be lazy, and fail like the check itself)
        return raised(error)


def _judged(value: Any) -> Outcome:
    if is_a(value, Mapping):
        return Outcome(Status.PASS, observed=observations(value))
    if type(value) is CoroutineType:
        value.close()
    what = class_name(value)
    instead = f"await it, and {_INSTEAD}" if is_a(value, Awaitable) else _INSTEAD
    return Outcome(Status.FAIL, f"returned {_article(what)} {what}: {instead}", code=Code.RETURNED)


def _article(noun: str) -> str:
    return "an" if noun[:1].lower() in "aeiou" else "a"
