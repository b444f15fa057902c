"""How a log record is written: cut, with nothing secret in it, and so that it cannot be taken for another."""

import copy
import logging

from petsage.logs import MAX_TRACEBACK, redacted
from petsage.redaction import MAX_TEXT
from petsage.text import indented


class Redacting(logging.Formatter):
    """Has a copy of a record written by another formatter, cut and without what is secret in it."""

    def __init__(self, writer: logging.Formatter) -> None:
        super().__init__()
        self._writer = writer

    def format(self, record: logging.LogRecord) -> str:
        """Write the record, and leave it as it is for other handlers."""
        record = copy.copy(record)
        redacted(record)
        record.msg, record.args = record.getMessage(), None
        return self._writer.format(record)


class TextFormatter(logging.Formatter):
    """Writes a record so that no text in it can be taken for another record or obeyed by a terminal.

    Each line of a record but the first begins with four spaces; control characters are escaped.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Write the record on one line, and one more for each line of a traceback."""
        record.asctime = self.formatTime(record)
        record.message = indented(record.getMessage(), 2 * MAX_TEXT)
        request_id = getattr(record, "request_id", "")
        lines = [self.formatMessage(record) + (f" [request {request_id}]" if request_id else "")]
        if record.exc_info and not record.exc_text:
            record.exc_text = self.formatException(record.exc_info)
        lines += [indented(f"\n{text}", 2 * MAX_TRACEBACK)[1:] for text in (record.exc_text, record.stack_info) if text]
        return "\n".join(lines)
