"""The log's part of a change: one line for the state, and the whole of what was raised unexpectedly."""

import logging
import traceback

from petsage.checks.model import Status
from petsage.checks.state import Change
from petsage.checks.untrusted import class_name, text_of
from petsage.logs import get_logger
from petsage.redaction import masked

_log = get_logger("petsage.checks")
_MAX_TRACEBACK = 20_000
_WORSE = {status: rank for rank, status in enumerate((Status.PASS, Status.PENDING, Status.WARN, Status.FAIL))}


def log_transition(change: Change) -> None:
    """Log a change of state: at WARNING for the worse, at INFO for the better."""
    level = logging.WARNING if _WORSE[change.now] > _WORSE[change.before] else logging.INFO
    told = f"{change.before} -> {change.now} after {change.after:.1f} s"
    if change.failures:
        told += f", {change.failures} failed {'run' if change.failures == 1 else 'runs'}"
    if change.reason:
        told += f": {change.reason}"
    if change.ref:
        told += f" (ref {change.ref})"
    _log.log(level, "check %s: %s", change.name, told)


def log_error(name: str, ref: str | None, error: BaseException) -> None:
    """Log at ERROR what a check raised unexpectedly, with its traceback, which is made where nothing of it can hurt."""
    _log.error("check %s raised (ref %s)\n%s", name, ref, _whole(error))


def log_listener_error(listener: object, error: BaseException) -> None:
    """Log at ERROR that a listener for changes raised."""
    named = text_of(listener) or class_name(listener)
    _log.error("listener %s for changes of checks raised\n%s", named, _whole(error))


def _whole(error: BaseException) -> str:
    try:
        return masked(_middle_cut("".join(traceback.format_exception(error)))).rstrip()
    except BaseException as trouble:  # noqa: BLE001 (the exception's own methods may raise anything)
        return f"{class_name(error)}, which cannot be written down: that raised {class_name(trouble)}"


def _middle_cut(text: str) -> str:
    """Cut what stands between the beginning and the end, which say most."""
    half = _MAX_TRACEBACK // 2
    return text if len(text) <= _MAX_TRACEBACK else f"{text[:half]}\n…\n{text[-half:]}"
