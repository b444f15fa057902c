"""Output of commands. A closed pipe, a closed stream or a limited encoding does not change the exit status."""

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from petsage.redaction import masked_line

MAX_LINE = 1000
"""Characters at which a line is cut."""

MAX_LINES = 1000


def say(text: str, stream: TextIO | None = None) -> None:
    """Write lines of text, cut, with secrets masked and control characters escaped."""
    lines = text.split("\n", MAX_LINES)
    if len(lines) > MAX_LINES:
        lines[-1] = "…"
    write("\n".join(map(one_line, lines)), stream)


def say_step(step: str) -> None:
    """Write the step that begins, where standard error is a terminal."""
    if sys.stderr.isatty():
        say(f"… {step}", sys.stderr)


def write(text: str, stream: TextIO | None = None) -> None:
    """Write a text unchanged to a stream, by default standard output."""
    stream = sys.stdout if stream is None else stream
    if stream is None:  # closed before the command began
        return
    try:
        stream.write(f"{_writable(text, stream.encoding or 'ascii')}\n")
        stream.flush()
    except (OSError, ValueError):
        _discard(stream)


def write_document(text: str) -> None:
    """Write the result of a command to standard output; raise OSError if that fails."""
    print(_writable(text, sys.stdout.encoding or "ascii"))


def one_line(text: str) -> str:
    """Return a text as one line, cut, with secrets masked and control characters escaped."""
    return masked_line(text, MAX_LINE)


def _writable(text: str, encoding: str) -> str:
    return text.encode(encoding, "backslashreplace").decode(encoding)


def _discard(stream: TextIO) -> None:
    """Discard what is still written to a stream, at exit too."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def write_whole(file: Path, text: str) -> None:
    """Replace a file in one step, so that no reader sees a part of it; raise OSError.

    A path that is not a regular file, such as a pipe, is written to.
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
