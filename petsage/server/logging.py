"""Logging of the server: text or JSON lines on standard error, with request ids and without secrets.

What Python itself writes to standard error, such as warnings and errors of threads, is logged instead.
"""

import logging
import sys
import threading
from types import TracebackType
from typing import Any

from petsage.http import RequestIdFilter
from petsage.logs import Redacting, TextFormatter, get_logger
from petsage.server.log_writer import LogWriter
from petsage.settings import LogSettings

logger = get_logger(__name__)

_TEXT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_JSON = ("asctime", "levelname", "name", "message", "request_id")


def set_up_logging(settings: LogSettings) -> None:
    """Log everything from `settings.level` up to standard error, in `settings.format`."""
    handler = logging.NullHandler() if sys.stderr is None else LogWriter(sys.stderr)
    handler.addFilter(RequestIdFilter())
    handler.setFormatter(Redacting(_json() if settings.format == "json" else TextFormatter(_TEXT)))
    logging.basicConfig(level=settings.level.upper(), handlers=[handler], force=True)
    logging.raiseExceptions = False
    logging.captureWarnings(capture=True)
    sys.excepthook = _log_uncaught
    sys.unraisablehook = _log_unraisable
    threading.excepthook = _log_thread


def _json() -> logging.Formatter:
    from pythonjsonlogger.json import JsonFormatter  # noqa: PLC0415 (imported only for JSON)

    return JsonFormatter(list(_JSON), rename_fields={"asctime": "time", "levelname": "level", "name": "logger"})


def _log_uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    logger.critical("the server ends with an error", exc_info=(kind, error, trace))


def _log_thread(failed: Any) -> None:
    if failed.exc_type is not SystemExit and failed.exc_value is not None:
        name = failed.thread.name if failed.thread else "unknown"
        logger.error("thread %s has failed", name, exc_info=(failed.exc_type, failed.exc_value, failed.exc_traceback))


def _log_unraisable(failed: Any) -> None:
    error = (failed.exc_type, failed.exc_value, failed.exc_traceback) if failed.exc_value is not None else None
    logger.error("%s: %r", (failed.err_msg or "exception ignored in").lower(), failed.object, exc_info=error)
