"""What Python writes to standard error during a command: warnings, tracebacks and log lines, without secrets."""

import logging
import sys
import threading
import warnings
from types import TracebackType
from typing import Any, TextIO

from petsage.logs import Redacting, TextFormatter


def set_hooks() -> None:
    """Write warnings and uncaught errors cut, with secrets masked and control characters escaped."""
    warnings.showwarning = _show_warning
    sys.excepthook = _show_error
    threading.excepthook = _show_error_of_thread


def _show_warning(  # noqa: PLR0913, PLR0917 (the signature of the standard library)
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    _write(warnings.formatwarning(message, category, filename, lineno, line), file)


def _show_error(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    import traceback  # noqa: PLC0415 (only an error needs it)

    _write("".join(traceback.format_exception(kind, error, trace)))


def _show_error_of_thread(failed: Any) -> None:
    if failed.exc_type is not SystemExit and failed.exc_value is not None:
        _show_error(failed.exc_type, failed.exc_value, failed.exc_traceback)


def _write(text: str, stream: TextIO | None = None) -> None:
    from petsage.cli._console import say  # noqa: PLC0415 (the same)

    if (stream := stream or sys.stderr) is not None:
        say(text.rstrip("\n"), stream)


def set_up_logging(level: int) -> None:
    """Write log messages of `level` and above to standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(Redacting(TextFormatter("%(message)s")))
    logging.basicConfig(level=level, handlers=[handler])
