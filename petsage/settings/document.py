"""A configuration as plain values, with the place of each and whether it is usable or secret."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from petsage.settings.errors import KeyPath, Mistake, Place

MAX_DEPTH = 64
"""Levels of nesting; more are a mistake."""


class Unusable:
    """Placeholder for a value with a known mistake; no schema accepts it."""

    def __repr__(self) -> str:
        return "(unusable)"


UNUSABLE = Unusable()


@dataclass(slots=True)
class ConfigDocument:
    """The values of a configuration, and what is known about them before a schema sees them.

    - `base`: the folder that relative paths start at.
    - `data`: the values, interpolated and typed.
    - `places`: line and column of each key and list entry; empty for a configuration written in code.
    - `filled`: the texts that variables were filled into.
    - `secrets`: the paths of values that came, in part at least, from a `${file:…}`.
    - `unusable`: the paths of values that cannot be used.
    - `unusable_below`: for each value that contains an unusable one, the keys that lead there.
    - `mistakes`: what is wrong so far.
    - `file_texts`: the texts of all files that values were filled from.
    """

    base: Path
    file: str | None = None
    data: dict[str, Any] = field(default_factory=dict)
    places: dict[KeyPath, Place] = field(default_factory=dict)
    filled: dict[KeyPath, str] = field(default_factory=dict)
    secrets: set[KeyPath] = field(default_factory=set)
    unusable: set[KeyPath] = field(default_factory=set)
    unusable_below: dict[KeyPath, set[str | int]] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)
    file_texts: tuple[str, ...] = ()

    def mistake(self, path: KeyPath, text: str, place: Place | None = None) -> Mistake:
        """Return a mistake at a key, or at the given place."""
        return Mistake(text=text, path=path, file=self.file, place=place or self.place(path))

    def reject(self, path: KeyPath, text: str) -> Unusable:
        """Record that a value cannot be used, and return the placeholder for it."""
        self.unusable.add(path)
        for length, key in enumerate(path):
            self.unusable_below.setdefault(path[:length], set()).add(key)
        self.mistakes.append(self.mistake(path, text))
        return UNUSABLE

    def place(self, path: KeyPath) -> Place | None:
        """Return the place of a key, or of the nearest key above it that has one."""
        while path:
            if path in self.places:
                return self.places[path]
            path = path[:-1]
        return None

    def at(self, path: KeyPath) -> Any:
        """Return the value at a path; a section on the way that is absent or empty counts as `{}`."""
        value: Any = self.data
        for key in path:
            if isinstance(value, Mapping) and isinstance(key, str):
                value = value.get(key, {})
            elif isinstance(value, list) and isinstance(key, int) and key < len(value):
                value = value[key]
            else:
                return {} if value is None else UNUSABLE
        return value

    def is_unusable(self, path: KeyPath) -> bool:
        """Return whether the value, or one that contains it, has a known mistake."""
        return any(path[:length] in self.unusable for length in range(len(path) + 1))

    def contains_unusable(self, path: KeyPath, without: Collection[str] = ()) -> bool:
        """Return whether something inside the value, apart from the keys `without`, has a known mistake."""
        return bool(self.unusable_below.get(path, set()).difference(without))


def read_mapping(source: Mapping[str, Any], base: Path) -> ConfigDocument:
    """Copy a configuration that is written in code; keys that are not texts and too deep nesting become mistakes."""
    document = ConfigDocument(base=base)
    data = _copy(source, (), document)
    document.data = data if isinstance(data, dict) else {}
    return document


def _copy(value: Any, path: KeyPath, document: ConfigDocument) -> Any:
    if len(path) > MAX_DEPTH:
        return document.reject(path[:1], f"nested more than {MAX_DEPTH} levels deep")
    if isinstance(value, Mapping):
        return _copy_mapping(value, path, document)
    if isinstance(value, list | tuple):
        return [_copy(item, (*path, index), document) for index, item in enumerate(value)]
    return value


def _copy_mapping(value: Mapping[Any, Any], path: KeyPath, document: ConfigDocument) -> dict[str, Any]:
    copied: dict[str, Any] = {}
    for key, member in value.items():
        if isinstance(key, str):
            copied[key] = _copy(member, (*path, key), document)
        else:
            document.mistakes.append(document.mistake(path, f"a key must be a text, not {type(key).__name__}"))
    return copied
