"""The log's part of a change: one line for the state, and the whole of what was raised unexpectedly."""

import logging

from petsage.checks.model import Status
from petsage.checks.state import Change
from petsage.loggers import get_logger

_log = get_logger("petsage.checks")
_WORSE = {status: rank for rank, status in enumerate((Status.PASS, Status.PENDING, Status.WARN, Status.FAIL))}


def tell_change(change: Change) -> None:
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


def tell_error(name: str, ref: str | None, error: BaseException) -> None:
    """Log at ERROR what a check raised unexpectedly, with its traceback."""
    _log.error("check %s raised (ref %s)", name, ref, exc_info=error)


def tell_listener(listener: object, error: BaseException) -> None:
    """Log at ERROR that a listener for changes raised."""
    _log.error("listener %r for changes of checks raised", listener, exc_info=error)
