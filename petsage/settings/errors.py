"""Mistakes in a configuration: what is wrong, at which key, in which line."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from petsage import PetSageError
from petsage.redaction import masked_line
from petsage.text import cut, printable

KeyPath = tuple[str | int, ...]
"""The keys and list indexes that lead to a value."""

Place = tuple[int, int]
"""A line and a column, both from 1."""

_PLAIN_KEY = re.compile(r"[\w-]+")
_MAX_KEY = 60
_MAX_FILE = 500
_MAX_TEXT = 1000


class UnusableError(PetSageError):
    """A file or a value cannot be used; `place` is where in the file, if that is known."""

    def __init__(self, text: str, place: Place | None = None) -> None:
        super().__init__(text)
        self.text = text
        self.place = place


class Mistake(NamedTuple):
    """One mistake. A configuration that is written in code has neither files nor places."""

    text: str
    path: KeyPath = ()
    file: str | None = None
    place: Place | None = None

    def __str__(self) -> str:
        where = printable(self.file, _MAX_FILE) if self.file is not None else ""
        if where and self.place is not None:
            where = f"{where}:{self.place[0]}:{self.place[1]}"
        text = masked_line(self.text, _MAX_TEXT)
        return ": ".join(part for part in (where, dotted(self.path), text) if part)


class ConfigError(PetSageError):
    """A configuration cannot be used. Its text has one line for each of `mistakes`, in the order of their places."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes: tuple[Mistake, ...] = tuple(sorted(mistakes, key=_order))
        super().__init__(self.mistakes)

    def __str__(self) -> str:
        return "\n".join(map(str, self.mistakes))


def _order(mistake: Mistake) -> tuple[Place, list[tuple[bool, str | int]], str]:
    path = [(isinstance(key, str), key) for key in mistake.path]
    return mistake.place or (0, 0), path, mistake.text


def dotted(path: KeyPath) -> str:
    """Return a path as people write it: `server.port`, `feature_paths[1]`, `checks.'a b'`."""
    text = "".join(f"[{key}]" if isinstance(key, int) else f".{quoted(key)}" for key in path)
    return text.removeprefix(".")


def quoted(key: str) -> str:
    """Return a key cut to 60 characters, in quotes unless it is a plain word."""
    shown = cut(key, _MAX_KEY)
    return shown if _PLAIN_KEY.fullmatch(shown.removesuffix("…")) else f"'{printable(shown)}'"


def suggest(word: str, known: Iterable[str]) -> str:
    """Return ` (did you mean 'x'?)` with the nearest of the known words, or an empty text where none is near."""
    import difflib  # noqa: PLC0415 (only a mistake needs it)

    if len(word) > _MAX_KEY:
        return ""
    near = difflib.get_close_matches(word.lower(), sorted(known), n=1)
    return f" (did you mean '{near[0]}'?)" if near else ""
