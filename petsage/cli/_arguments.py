"""Values on the command line."""

import argparse
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from petsage.cli._console import say
from petsage.fields import Duration, ValidationError
from petsage.settings import ConfigInvalid

if TYPE_CHECKING:
    from petsage.core.container import Core

MISUSE = 2
"""The exit status of a command that could not begin, so that 1 means nothing but a red verdict."""

INTERRUPTED = 130
"""The exit status after Ctrl-C or SIGTERM."""


class Misuse(Exception):  # noqa: N818 (what the exit status says)
    """A command cannot do what it is asked; the text says why."""


def configured(file: Path | None) -> "Core":
    """Read a configuration, None for the defaults; raise `Misuse` with all its mistakes."""
    from petsage.bootstrap import configure  # noqa: PLC0415 (who waits for a URL needs no house)

    try:
        return configure(file)
    except ConfigInvalid as error:
        raise Misuse(str(error)) from None


@contextmanager
def stopped_by_sigterm() -> Iterator[None]:
    """Take SIGTERM for Ctrl-C: as PID 1 of a container a program without a handler would not hear it."""
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def told(error: Misuse) -> int:
    """Say what is wrong, and return the exit status."""
    say(str(error), sys.stderr)
    return MISUSE


def duration(text: str) -> float:
    """Read a length of time such as `250ms` or `1m30s`; return seconds, above 0."""
    try:
        seconds = Duration().deserialize(text)
    except ValidationError as error:
        raise argparse.ArgumentTypeError("; ".join(map(str, error.messages))) from None
    if not seconds:
        raise argparse.ArgumentTypeError("must be longer than 0")
    return float(seconds)
