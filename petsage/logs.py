"""Logging of the server: text or JSON lines on standard error, each with the request's id."""

import logging
import sys

from aiohttp.http_exceptions import HttpProcessingError

from petsage.http import RequestIdFilter, printable
from petsage.redaction import masked
from petsage.settings import LogSettings

_TEXT = "%(asctime)s %(levelname)s %(name)s: %(message)s%(request_suffix)s"
_JSON = ("asctime", "levelname", "name", "message", "request_id")


def set_up_logging(settings: LogSettings) -> None:
    """Send everything from `settings.level` up to standard error in `settings.format`."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(RequestIdFilter())
    handler.addFilter(_calm)
    handler.setFormatter(_Masking(_json() if settings.format == "json" else _TextFormatter(_TEXT)))
    logging.basicConfig(level=settings.level.upper(), handlers=[handler], force=True)
    logging.raiseExceptions = False


def _calm(record: logging.LogRecord) -> bool:
    """Tell in one line what a stranger sent that is no HTTP: it is no error of ours and needs no traceback."""
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, HttpProcessingError):
        record.levelno, record.levelname = logging.INFO, "INFO"
        record.msg, record.args = "%s: %s", (record.getMessage(), printable(error.message))
        record.exc_info = record.exc_text = None
    return True


class _Masking(logging.Formatter):
    """Has a record written by another formatter, without the passwords in its message and its traceback."""

    def __init__(self, writer: logging.Formatter) -> None:
        super().__init__()
        self._writer = writer

    def format(self, record: logging.LogRecord) -> str:
        record.msg, record.args = masked(record.getMessage()), None
        if record.exc_info:
            record.exc_text, record.exc_info = masked(self.formatException(record.exc_info)), None
        return self._writer.format(record)


class _TextFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        request_id = getattr(record, "request_id", "")
        record.request_suffix = f" [request {request_id}]" if request_id else ""
        return super().format(record)


def _json() -> logging.Formatter:
    from pythonjsonlogger.json import JsonFormatter  # noqa: PLC0415 (costs its import only where JSON is asked for)

    return JsonFormatter(list(_JSON), rename_fields={"asctime": "time", "levelname": "level", "name": "logger"})
