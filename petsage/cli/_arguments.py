"""Values on the command line."""

import argparse
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from petsage import PetSageError
from petsage.cli._console import say
from petsage.fields import Duration, ValidationError
from petsage.settings import ConfigError

if TYPE_CHECKING:
    from petsage.core.container import Core

MISUSE = 2
"""The exit status of a command that could not begin, so that 1 means nothing but a red verdict."""

INTERRUPTED = 130
"""The exit status after Ctrl-C or SIGTERM."""


class MisuseError(PetSageError):
    """A command cannot do what it is asked; the text says why."""


def configured(file: Path | None) -> "Core":
    """Read a configuration, None for the defaults; raise `MisuseError` with all its mistakes."""
    from petsage.bootstrap import load_core  # noqa: PLC0415 (who waits for a URL needs no house)

    try:
        return load_core(file)
    except ConfigError as error:
        raise MisuseError(str(error)) from None


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


def report_misuse(error: MisuseError) -> int:
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
