"""Writing lines for people: a reader who is gone, a closed stream or a poor encoding changes no verdict."""

import os
import sys
from contextlib import suppress
from typing import TextIO

from petsage.settings.problem import printable


def say(text: str, stream: TextIO | None = None) -> None:
    """Write lines to a stream, standard output unless another is given."""
    stream = sys.stdout if stream is None else stream
    if stream is None:  # closed before we began
        return
    try:
        stream.write(f"{_writable(text, stream.encoding or 'ascii')}\n")
        stream.flush()
    except (OSError, ValueError):
        _forget(stream)


def one_line(text: str) -> str:
    """Return a text as one line that a terminal shows and does not obey."""
    return printable(text)


def _writable(text: str, encoding: str) -> str:
    return text.encode(encoding, "backslashreplace").decode(encoding)


def _forget(stream: TextIO) -> None:
    """Write no more there, not at exit either."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
