"""Log lines of the checks: changes of status, and the tracebacks of unexpected exceptions."""

import logging
import traceback

from petsage.checks.model import Status
from petsage.checks.state import Change
from petsage.logs import get_logger
from petsage.redaction import masked
from petsage.untrusted import class_name, text_of

_log = get_logger("petsage.checks")
_MAX_TRACEBACK = 20_000
_RANKS = {status: rank for rank, status in enumerate((Status.PASS, Status.PENDING, Status.WARN, Status.FAIL))}
"""From good to bad. Unlike for probes, pending is better than warn: a new check that warns is logged at WARNING."""


def log_transition(change: Change) -> None:
    """Log a change of status: to a worse one at WARNING, to a better one at INFO."""
    level = logging.WARNING if _RANKS[change.now] > _RANKS[change.before] else logging.INFO
    text = f"{change.before} -> {change.now} after {change.after:.1f} s"
    if change.failures:
        text += f", {change.failures} failed {'run' if change.failures == 1 else 'runs'}"
    if change.reason:
        text += f": {change.reason}"
    if change.ref:
        text += f" (ref {change.ref})"
    _log.log(level, "check %s: %s", change.name, text)


def log_error(name: str, ref: str | None, error: BaseException) -> None:
    """Log at ERROR an unexpected exception of a check, with its traceback; never raises."""
    _log.error("check %s raised (ref %s)\n%s", name, ref, _format(error))


def log_listener_error(listener: object, error: BaseException) -> None:
    """Log at ERROR an exception of a listener for changes; never raises."""
    name = text_of(listener) or class_name(listener)
    _log.error("listener %s for changes of checks raised\n%s", name, _format(error))


def _format(error: BaseException) -> str:
    try:
        return masked(_cut_middle("".join(traceback.format_exception(error)))).rstrip()
    except BaseException as failure:  # noqa: BLE001 (the exception's own methods may raise anything)
        return f"{class_name(error)}, which cannot be formatted: that raised {class_name(failure)}"


def _cut_middle(text: str) -> str:
    """Cut the middle of a long text: its beginning and its end are the most useful."""
    half = _MAX_TRACEBACK // 2
    return text if len(text) <= _MAX_TRACEBACK else f"{text[:half]}\n…\n{text[-half:]}"
