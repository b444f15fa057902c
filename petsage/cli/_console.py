"""Writing lines for people: a reader who is gone, a closed stream or a poor encoding changes no verdict."""

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from petsage.redaction import masked
from petsage.text import printable

MAX_LINE = 1000
"""Characters of a line."""

MAX_LINES = 1000


def say(text: str, stream: TextIO | None = None) -> None:
    """Write lines for people: cut, without secrets, and with what a terminal would obey escaped."""
    lines = text.split("\n", MAX_LINES)
    if len(lines) > MAX_LINES:
        lines[-1] = "…"
    write("\n".join(map(one_line, lines)), stream)


def write(text: str, stream: TextIO | None = None) -> None:
    """Write a text as it is to a stream, standard output unless another is given."""
    stream = sys.stdout if stream is None else stream
    if stream is None:  # closed before we began
        return
    try:
        stream.write(f"{_writable(text, stream.encoding or 'ascii')}\n")
        stream.flush()
    except (OSError, ValueError):
        _forget(stream)


def write_document(text: str) -> None:
    """Write what a command was asked for to standard output; raise OSError where it cannot be written."""
    print(_writable(text, sys.stdout.encoding or "ascii"))


def one_line(text: str) -> str:
    """Return a text as one line that a terminal shows and does not obey, cut and without secrets."""
    return printable(masked(text, MAX_LINE), MAX_LINE)


def _writable(text: str, encoding: str) -> str:
    return text.encode(encoding, "backslashreplace").decode(encoding)


def _forget(stream: TextIO) -> None:
    """Write no more there, not at exit either."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def write_whole(file: Path, text: str) -> None:
    """Replace a file at once, so that nobody reads half of it; what is no file, such as a pipe, is written to.

    Raise OSError.
    """
    if file.exists() and not file.is_file():
        file.write_text(text, encoding="utf-8")
        return
    target = Path(os.path.realpath(file))
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with draft.open("x", encoding="utf-8") as stream:
            stream.write(text)
        draft.replace(target)
    except BaseException:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise
