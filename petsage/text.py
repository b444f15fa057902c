"""Texts from outside: cut, made printable, put on one line; and the refs that connect an answer with a log line.

Whatever comes from outside passes through here before anything else looks at it. Every function cuts first, so its cost
is bounded by `most` and not by what was sent.
"""

import os

MAX_CHARACTERS = 200
"""The length at which a text from outside is cut, unless its reader says otherwise."""

REF_LENGTH = 8


def cut(text: str, most: int = MAX_CHARACTERS) -> str:
    """Return `text`, or its first characters and an ellipsis: at most `most` characters in all."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def printable(text: str, most: int = MAX_CHARACTERS) -> str:
    r"""Cut `text`, and escape what a terminal would obey or cannot show: `\x1b`, `\n`, `\u2028`.

    The result is one line. Escapes may make it longer than `most`, ten times at the most.
    """
    text = cut(text, most)
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode-escape").decode() for char in text)


def indented(text: str, most: int = MAX_CHARACTERS) -> str:
    """Cut `text`, and make it printable but for its line feeds, after each of which come four spaces.

    So no line of it but the first can be taken for one that somebody else wrote.
    """
    text = cut(text, most)
    if text.isprintable():
        return text
    return "\n    ".join(printable(line, most) for line in text.split("\n"))


def first_line(text: str | bytes, most: int = MAX_CHARACTERS) -> str:
    """Return the first line that is not blank, printable and cut at `most` characters; bytes are read as UTF-8."""
    text = text[: most * 20]  # blank lines before it are skipped, but not without end
    if isinstance(text, bytes):
        text = text.decode(errors="replace")
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return printable(line, most)


def new_ref() -> str:
    """Return 8 hex digits that cannot be foreseen."""
    return os.urandom(REF_LENGTH // 2).hex()
