"""Signals that interrupt a command the way Ctrl-C does."""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

INTERRUPTED = 130
"""The exit status after an interruption: Ctrl-C, SIGTERM, or another signal of `interrupted_by`."""


@contextmanager
def interrupted_by(number: signal.Signals) -> Iterator[None]:
    """Within this context, raise `KeyboardInterrupt` on a signal, so that what is half done is cleaned up.

    Without a handler the kernel drops SIGTERM for PID 1, which a command in a container is. Outside the main thread,
    which alone can set handlers, this does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(number, _interrupt)
    try:
        yield
    finally:
        signal.signal(number, signal.SIG_DFL if before is None else before)  # None: it was not set by Python


def report_interruption() -> int:
    """Write that the command was interrupted, and return the exit status."""
    from petsage.cli._console import say  # noqa: PLC0415 (only an interruption needs it)

    say("interrupted", sys.stderr)
    return INTERRUPTED


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt
