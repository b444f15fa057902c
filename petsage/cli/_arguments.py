"""Values of the command line, and the exit status for invalid ones."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from petsage import PetSageError

if TYPE_CHECKING:
    from petsage.bootstrap import Loaded

MISUSE = 2
"""The exit status of a command that could not begin; 1 means that what it examined has failed."""


class MisuseError(PetSageError):
    """A command cannot be run with these arguments; the text says why."""


def load_or_misuse(file: Path | None) -> "Loaded":
    """Load a configuration, None for the defaults; raise `MisuseError` with all mistakes in it."""
    from petsage.bootstrap import load  # noqa: PLC0415 (waiting for a URL needs no configuration)
    from petsage.settings import ConfigError  # noqa: PLC0415 (the same)

    try:
        return load(file)
    except ConfigError as error:
        raise MisuseError(str(error)) from None


def report_misuse(error: MisuseError) -> int:
    """Write what is wrong, and return the exit status."""
    from petsage.cli._console import say  # noqa: PLC0415 (only misuse needs it)

    say(str(error), sys.stderr)
    return MISUSE


def duration(text: str) -> float:
    """Return the seconds, more than 0, of a length of time such as `250ms` or `1m30s`."""
    from petsage.fields import Duration, ValidationError  # noqa: PLC0415 (few commands have such an option)

    try:
        seconds = Duration().deserialize(text)
    except ValidationError as error:
        raise argparse.ArgumentTypeError("; ".join(map(str, error.messages))) from None
    if not seconds:
        raise argparse.ArgumentTypeError("must be longer than 0s")
    return float(seconds)
