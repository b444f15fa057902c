"""What can be read of a JSON document that a stranger sent: as much of it as is there; nothing makes it raise."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

_PIECE = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)|[\[\]{},:]', re.DOTALL)
"""A text, even one without an end, or a sign of JSON; possessive, so that its cost is linear in what it reads."""

_OPENING, _CLOSING = ("{", "["), ("}", "]")
_MAX_DIGITS = 400
_MAX_NAME, _MAX_VALUE = 100, 1 << 16


def read_document(body: bytes) -> Any:
    """Return what a body means as JSON; None when it is none.

    Of an object that is cut off, nested too deep or broken further on, the members are returned that can be read
    before that. Bytes that are no text are read as if they were replaced, numbers too long to count are infinite, and
    of two members of one name the last counts.
    """
    text = body.decode(json.detect_encoding(body), "replace")
    try:
        return _load(text)
    except (ValueError, RecursionError):
        return dict(_members(text)) if text.lstrip().startswith("{") else None


def _load(text: str) -> Any:
    return json.loads(text, parse_int=_integer)


def _integer(digits: str) -> float:
    return int(digits) if len(digits) <= _MAX_DIGITS else float(digits)


def _members(text: str) -> Iterator[tuple[str, Any]]:
    """Yield the members of the outermost object that can be read and are not too long."""
    for name, value in _spans(text):
        if len(name) <= _MAX_NAME and len(value) <= _MAX_VALUE:
            try:
                yield str(_load(name)), _load(value)
            except (ValueError, RecursionError):
                continue


def _spans(text: str) -> Iterator[tuple[str, str]]:
    """Yield where each member of the outermost object stands: its name, and its value if that is whole."""
    depth, begin, name, before = 0, 0, "", ""
    for piece in _PIECE.finditer(text):
        sign = piece.group()
        if sign in _CLOSING or (sign == "," and depth == 1):
            if depth == 1 and name:
                yield name, text[begin : piece.start()]
                name = ""
            depth -= sign in _CLOSING
            if depth == 0:
                return
        elif sign == ":" and depth == 1 and before.startswith('"'):
            name, begin = before, piece.end()
        elif sign in _OPENING:
            depth += 1
        before = sign
    if name:
        yield name, text[begin:]


def text_member(document: Any, *names: str) -> str | None:
    """Return the first of these members of an object that is a text."""
    found = (document.get(name) for name in names) if isinstance(document, Mapping) else ()
    return next((value for value in found if isinstance(value, str)), None)


def list_member(document: Any, name: str) -> list[Any]:
    """Return this member of an object, if it is a list; an empty one otherwise."""
    found = document.get(name) if isinstance(document, Mapping) else None
    return found if isinstance(found, list) else []
