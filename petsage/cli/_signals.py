"""Signals that interrupt a command the way Ctrl-C does."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

INTERRUPTED = 130
"""The exit status after Ctrl-C or SIGTERM."""


def interrupt_on(*numbers: signal.Signals) -> None:
    """Raise `KeyboardInterrupt` on these signals, so that what is half done is cleaned up.

    Without a handler the kernel drops SIGTERM for PID 1, which a command in a container is.
    """
    for number in numbers:
        signal.signal(number, _interrupt)


@contextmanager
def interrupted_by_sigterm() -> Iterator[None]:
    """Within this context, raise `KeyboardInterrupt` on SIGTERM."""
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def report_interruption() -> int:
    """Write that the command was interrupted, and return the exit status."""
    from petsage.cli._console import say  # noqa: PLC0415 (only an interruption needs it)

    say("interrupted", sys.stderr)
    return INTERRUPTED


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt
