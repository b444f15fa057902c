"""Texts from outside: cut, printable, on one line; and the refs that connect an answer with a log line.

Every function cuts first, so that its cost is bounded by `most` and not by the length of the text.
"""

import os

MAX_CHARACTERS = 200
"""Characters at which a text from outside is cut, unless the caller names another limit."""

REF_LENGTH = 8


def cut(text: str, most: int = MAX_CHARACTERS) -> str:
    """Return `text`, or its beginning and an ellipsis, `most` characters in all."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def printable(text: str, most: int = MAX_CHARACTERS) -> str:
    r"""Return `text` cut, with control characters and others that cannot be shown escaped: `\x1b`, `\n`, `\u2028`.

    The result is one line. With its escapes it can be up to ten times longer than `most`.
    """
    text = cut(text, most)
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode-escape").decode() for char in text)


def indented(text: str, most: int = MAX_CHARACTERS) -> str:
    """Return `text` cut and printable, its line feeds kept and followed by four spaces.

    So none of its lines but the first can look like the beginning of another text.
    """
    text = cut(text, most)
    if text.isprintable():
        return text
    return "\n    ".join(printable(line, most) for line in text.split("\n"))


def first_line(text: str | bytes, most: int = MAX_CHARACTERS) -> str:
    """Return the first line that is not blank, printable and cut at `most` characters; bytes are decoded as UTF-8."""
    text = text[: most * 20]  # bounds how many blank lines are skipped
    if isinstance(text, bytes):
        text = text.decode(errors="replace")
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return printable(line, most)


def new_ref() -> str:
    """Return a random ref of 8 hex digits."""
    return os.urandom(REF_LENGTH // 2).hex()
