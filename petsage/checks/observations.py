"""Observations of a check: plain values of bounded size, copied from a mapping that it returned."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, TypeVar

from petsage.redaction import MAX_REASON
from petsage.text import MAX_CHARACTERS, cut
from petsage.untrusted import class_name, text_of

Item = TypeVar("Item")

MAX_OBSERVATIONS = 100
"""How many members of a mapping or a list are observed."""

_MAX_DEPTH = 4
_MAX_BITS = 1024


def observations(mapping: Mapping[object, object]) -> dict[str, object]:
    """Return a copy of observations in plain values: numbers, texts, lists and mappings of bounded size.

    Any other value is replaced by its text. Raise what the mapping raises.
    """
    return {_name(key): _plain(value, _MAX_DEPTH) for key, value in islice(mapping.items(), MAX_OBSERVATIONS)}


def _name(key: object) -> str:
    text = text_of(key)
    return cut(class_name(key) if text is None else text, MAX_CHARACTERS)


def _plain(value: Any, depth: int) -> object:
    kind = type(value)
    if value is None or kind is bool:
        return value
    if issubclass(kind, int):
        return _number(int.__pos__(value))
    if issubclass(kind, float):
        return float.__pos__(value)
    if depth and issubclass(kind, dict):
        return {_name(key): _plain(item, depth - 1) for key, item in _some(dict.items(value))}
    if depth and issubclass(kind, list | tuple):
        members = list.__iter__(value) if issubclass(kind, list) else tuple.__iter__(value)
        return [_plain(item, depth - 1) for item in _some(members)]
    text = text_of(value)
    return class_name(value) if text is None else cut(text, MAX_REASON)


def _number(number: int) -> object:
    bits = number.bit_length()
    return number if bits <= _MAX_BITS else f"a number of {bits} bits"


def _some(items: Iterable[Item]) -> Iterator[Item]:
    return islice(items, MAX_OBSERVATIONS)
