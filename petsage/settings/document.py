"""A configuration as plain values; of each, by its path, where it stands and whether it is usable or secret."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from petsage.settings.errors import KeyPath, Mistake, Place

MAX_DEPTH = 64


class Unusable:
    """Stands for a value whose mistake is known already; no schema takes it."""

    def __repr__(self) -> str:
        return "(broken)"


UNUSABLE = Unusable()


@dataclass(slots=True)
class ConfigDocument:
    """What was read; `mistakes` holds what is wrong before any schema has looked at it.

    `filled` has the texts that variables were filled into, `secrets` those of them that came from files, `broken` what
    cannot be used, and `holders`, for whatever something broken stands in, the keys that lead there. `file_texts`
    are the texts of all files that values were filled from.
    """

    base: Path
    file: str | None = None
    data: dict[str, Any] = field(default_factory=dict)
    places: dict[KeyPath, Place] = field(default_factory=dict)
    filled: dict[KeyPath, str] = field(default_factory=dict)
    secrets: set[KeyPath] = field(default_factory=set)
    broken: set[KeyPath] = field(default_factory=set)
    holders: dict[KeyPath, set[str | int]] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)
    file_texts: tuple[str, ...] = ()

    def problem(self, path: KeyPath, text: str, place: Place | None = None) -> Mistake:
        """Return a mistake at a key, or at a place of its own."""
        return Mistake(text=text, path=path, file=self.file, place=place or self.place(path))

    def refuse(self, path: KeyPath, text: str) -> Unusable:
        """Note that a value cannot be used, and return what stands in its place."""
        self.broken.add(path)
        for length, key in enumerate(path):
            self.holders.setdefault(path[:length], set()).add(key)
        self.mistakes.append(self.problem(path, text))
        return UNUSABLE

    def place(self, path: KeyPath) -> Place | None:
        """Return the place of a key, or of the nearest one that it belongs to."""
        while path:
            if path in self.places:
                return self.places[path]
            path = path[:-1]
        return None

    def at(self, path: KeyPath) -> Any:
        """Return the value at a path; an absent or empty section on the way counts as `{}`."""
        value: Any = self.data
        for key in path:
            if isinstance(value, Mapping) and isinstance(key, str):
                value = value.get(key, {})
            elif isinstance(value, list) and isinstance(key, int) and key < len(value):
                value = value[key]
            else:
                return {} if value is None else UNUSABLE
        return value

    def is_broken(self, path: KeyPath) -> bool:
        """Say whether the value, or what it stands in, has a mistake that is known."""
        return any(path[:length] in self.broken for length in range(len(path) + 1))

    def holds_broken(self, path: KeyPath, without: Collection[str] = ()) -> bool:
        """Say whether something in the value, less the keys `without`, has a mistake that is known."""
        return bool(self.holders.get(path, set()).difference(without))


def content_of_code(source: Mapping[str, Any], base: Path) -> ConfigDocument:
    """Copy a mapping; a key that is no text and a mapping inside of itself become mistakes."""
    content = ConfigDocument(base=base)
    data = _copy(source, (), content)
    content.data = data if isinstance(data, dict) else {}
    return content


def _copy(value: Any, path: KeyPath, content: ConfigDocument) -> Any:
    if len(path) > MAX_DEPTH:
        return content.refuse(path[:1], f"nested more than {MAX_DEPTH} levels deep")
    if isinstance(value, Mapping):
        return _copy_mapping(value, path, content)
    if isinstance(value, list | tuple):
        return [_copy(item, (*path, index), content) for index, item in enumerate(value)]
    return value


def _copy_mapping(value: Mapping[Any, Any], path: KeyPath, content: ConfigDocument) -> dict[str, Any]:
    copied: dict[str, Any] = {}
    for key, member in value.items():
        if isinstance(key, str):
            copied[key] = _copy(member, (*path, key), content)
        else:
            content.mistakes.append(content.problem(path, f"a key must be a text, not {type(key).__name__}"))
    return copied
