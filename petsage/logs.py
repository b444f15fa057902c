"""Log records without secrets: loggers, formatters, and counters for frequent events."""

import copy
import logging
import traceback
from typing import Any

from petsage.redaction import MAX_TEXT, masked, masked_ends, masked_value
from petsage.text import cut, indented
from petsage.untrusted import class_name, is_raised_by_signal, text_of

MAX_TRACEBACK = 8 * MAX_TEXT
"""Characters; of a longer traceback the middle is left out."""

_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def get_logger(name: str) -> logging.Logger:
    """Return a logger whose records have their secrets masked before any handler gets them."""
    logger = logging.getLogger(name)
    if redacted not in logger.filters:
        logger.addFilter(redacted)
    return logger


def redacted(record: logging.LogRecord) -> bool:
    """Mask the secrets in a record: a filter for loggers and handlers that accepts every record.

    Message, traceback and additional attributes are also cut. Where a traceback has a secret, the record keeps its
    masked text in place of the exception. A record without secrets is not changed.
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
    except BaseException as error:  # arguments that do not fit, or whose own methods raise
        if is_raised_by_signal(error):
            raise
        text = cut(text_of(record.msg) or class_name(record.msg))
        record.msg, record.args = f"{text} (its arguments cannot be written: {class_name(error)})", None
        return str(record.msg)


def _redact_traceback(record: logging.LogRecord) -> None:
    if record.exc_info and record.exc_info[1] is not None:
        text = _traceback(record.exc_info[1])
        shown = masked_ends(text or _without_traceback(record.exc_info[1]), MAX_TRACEBACK)
        if shown != text:
            record.exc_info, record.exc_text = None, shown
    elif record.exc_text:
        record.exc_text = masked_ends(record.exc_text, MAX_TRACEBACK)
    if record.stack_info:
        record.stack_info = masked_ends(record.stack_info, MAX_TRACEBACK)


def _traceback(error: BaseException) -> str | None:
    """Return the traceback as text; None if the exception's own methods raise, as they would in a formatter."""
    try:
        return "".join(traceback.format_exception(error)).rstrip("\n")
    except BaseException as failure:
        if is_raised_by_signal(failure):
            raise
        return None


def _without_traceback(error: BaseException) -> str:
    return f"{class_name(error)}: its traceback cannot be written, because the exception's own methods raise"


def _member(name: str, value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    try:
        return masked_value(value, path=("", name))
    except BaseException as error:  # the value's own methods may raise
        if is_raised_by_signal(error):
            raise
        return f"({class_name(value)} that cannot be written: {class_name(error)})"


class Redacting(logging.Formatter):
    """Formats a copy of a record by another formatter, cut and with its secrets masked."""

    def __init__(self, writer: logging.Formatter) -> None:
        super().__init__()
        self._writer = writer

    def format(self, record: logging.LogRecord) -> str:
        """Return the formatted record, and leave the record itself as it is for other handlers."""
        record = copy.copy(record)
        redacted(record)
        record.msg, record.args = record.getMessage(), None
        return self._writer.format(record)


class TextFormatter(logging.Formatter):
    """Formats a record so that no text in it can pass for another record or control a terminal.

    Every line but the first begins with four spaces; control characters are escaped.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line, with one more for each line of a traceback."""
        record.asctime = self.formatTime(record)
        record.message = indented(record.getMessage(), 2 * MAX_TEXT)
        request_id = getattr(record, "request_id", "")
        lines = [self.formatMessage(record) + (f" [request {request_id}]" if request_id else "")]
        if record.exc_info and not record.exc_text:
            record.exc_text = self.formatException(record.exc_info)
        lines += [indented(f"\n{text}", 2 * MAX_TRACEBACK)[1:] for text in (record.exc_text, record.stack_info) if text]
        return "\n".join(lines)


INTERVAL_SECONDS = 60.0


class RepeatedEvent:
    """Counts events of one kind, and logs them as one line per interval.

    The first event is logged by itself. While more follow, each interval ends with a line that has their number; an
    interval without events ends the episode. `more` names the events in the plural: `malformed requests`.
    """

    def __init__(self, logger: logging.Logger, level: int, more: str) -> None:
        self._logger = logger
        self._level = level
        self._more = more
        self._count = 0
        self._ends: float | None = None

    def count(self, now: float, text: str, *values: object) -> None:
        """Count an event at time `now`; the first of an episode is logged with `text` and its `values`."""
        if self._ends is None:
            self._ends = now + INTERVAL_SECONDS
            self._logger.log(self._level, f"{text}; more {self._more} are counted and reported once a minute", *values)  # noqa: G004 (the values are not in it)
        else:
            self._count += 1

    def tick(self, now: float) -> None:
        """End the interval if it is over at time `now`."""
        if self._ends is not None and now >= self._ends:
            self._ends = now + INTERVAL_SECONDS if self._count else None
            self.flush()

    def flush(self) -> None:
        """Log the number of events since the last line, if there were any."""
        if self._count:
            self._logger.log(self._level, "%d more %s", self._count, self._more)
            self._count = 0
