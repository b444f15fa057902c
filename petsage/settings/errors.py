"""Mistakes in a configuration: what is wrong, at which key, in which line."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from petsage import PetSageError
from petsage.redaction import masked
from petsage.text import cut, printable

KeyPath = tuple[str | int, ...]
Place = tuple[int, int]

_PLAIN_KEY = re.compile(r"[\w-]+")
_SHOWN = 60
_LONGEST = 1000


class UnusableError(PetSageError):
    """Something cannot be used; `place` is its line and column, where known."""

    def __init__(self, text: str, place: Place | None = None) -> None:
        super().__init__(text)
        self.text = text
        self.place = place


class Mistake(NamedTuple):
    """One mistake; line and column start at 1, a configuration written in code has neither and no file."""

    text: str
    path: KeyPath = ()
    file: str | None = None
    place: Place | None = None

    def __str__(self) -> str:
        where = printable(self.file, _LONGEST // 2) if self.file is not None else ""
        if where and self.place is not None:
            where = f"{where}:{self.place[0]}:{self.place[1]}"
        return ": ".join(
            part for part in (where, dotted(self.path), printable(masked(self.text, _LONGEST), _LONGEST)) if part
        )


class ConfigError(PetSageError):
    """A configuration cannot be used; its text is one line a mistake, in the order of their places."""

    def __init__(self, problems: Iterable[Mistake]) -> None:
        self.problems: tuple[Mistake, ...] = tuple(sorted(problems, key=_order))
        super().__init__(self.problems)

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))


def _order(problem: Mistake) -> tuple[Place, list[tuple[bool, str | int]], str]:
    path = [(isinstance(key, str), key) for key in problem.path]
    return problem.place or (0, 0), path, problem.text


def dotted(path: KeyPath) -> str:
    """Write a path as a reader would: `server.port`, `feature_paths[1]`, `checks.'a b'`."""
    text = "".join(f"[{key}]" if isinstance(key, int) else f".{quoted(key)}" for key in path)
    return text.removeprefix(".")


def quoted(key: str) -> str:
    """Write a key, in quotes unless it is a plain word, cut to a length that fits a line."""
    shown = cut(key, _SHOWN)
    return shown if _PLAIN_KEY.fullmatch(shown.removesuffix("…")) else f"'{printable(shown)}'"


def suggest(word: str, known: Iterable[str]) -> str:
    """Return ` (did you mean 'x'?)` for the nearest of the known words, nothing where none is near."""
    import difflib  # noqa: PLC0415 (only a mistake needs it)

    if len(word) > _SHOWN:
        return ""
    near = difflib.get_close_matches(word.lower(), sorted(known), n=1)
    return f" (did you mean '{near[0]}'?)" if near else ""
