"""Loggers whose records hold nothing secret, in whatever application they log."""

import logging
import traceback
from typing import Any

from petsage.redaction import MAX_TEXT, masked, masked_ends, masked_value
from petsage.text import cut

MAX_TRACEBACK = 8 * MAX_TEXT
"""The length in characters to which a traceback is cut, in its middle."""

_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def get_logger(name: str) -> logging.Logger:
    """Return a logger of ours: secrets are masked before a handler, of us or of a host, sees its records."""
    logger = logging.getLogger(name)
    if redacted not in logger.filters:
        logger.addFilter(redacted)
    return logger


def redacted(record: logging.LogRecord) -> bool:
    """Mask, in a record that is about to be handled, what is secret; let it pass, unchanged where nothing is.

    Message, traceback and additional members are cut. Where something is masked in a traceback, the text of it stands
    in the record and the exception does not.
    """
    message = _message(record)
    shown = masked(message)
    if shown != message:
        record.msg, record.args = shown, None
    _redact_traceback(record)
    for name in vars(record).keys() - _OWN:
        vars(record)[name] = _member(name, vars(record)[name])
    return True


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except Exception as error:  # noqa: BLE001 (arguments that do not fit, or whose own methods raise)
        record.msg, record.args = (
            f"{cut(str(record.msg))} (its arguments cannot be written: {type(error).__name__})",
            None,
        )
        return str(record.msg)


def _redact_traceback(record: logging.LogRecord) -> None:
    if record.exc_info and record.exc_info[1] is not None:
        text = _traceback(record.exc_info[1])
        shown = masked_ends(text, MAX_TRACEBACK)
        if shown != text:
            record.exc_info, record.exc_text = None, shown
    elif record.exc_text:
        record.exc_text = masked_ends(record.exc_text, MAX_TRACEBACK)
    if record.stack_info:
        record.stack_info = masked_ends(record.stack_info, MAX_TRACEBACK)


def _traceback(error: BaseException) -> str:
    try:
        return "".join(traceback.format_exception(error)).rstrip("\n")
    except Exception as trouble:  # noqa: BLE001 (the exception's own methods may raise)
        return f"{type(error).__name__} (its traceback cannot be written: {type(trouble).__name__})"


def _member(name: str, value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    try:
        return masked_value(value, path=("", name))
    except Exception as error:  # noqa: BLE001 (the value's own methods may raise)
        return f"({type(value).__name__} that cannot be written: {type(error).__name__})"
