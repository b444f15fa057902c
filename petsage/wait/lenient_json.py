"""Tolerant JSON: as much of an untrusted, perhaps truncated document as can be read; reading never raises."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

_TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)|[\[\]{},:]', re.DOTALL)
"""A string, terminated or not, or a structural character of JSON; possessive, so that its cost is linear."""

_OPENING, _CLOSING = ("{", "["), ("}", "]")
_MAX_DIGITS = 400
_MAX_NAME, _MAX_VALUE = 100, 1 << 16


def read_document(body: bytes) -> Any:
    """Return the value of a JSON body; None when it is not JSON.

    Of an object that is truncated, nested too deep or malformed further on, the members that can be read before that
    are returned. Bytes that cannot be decoded are replaced, numbers of more than 400 digits become infinite, and of
    two members with one name the last counts.
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
    """Yield the members of the outermost object that can be read and do not exceed the limits of length."""
    for name, value in _spans(text):
        if len(name) <= _MAX_NAME and len(value) <= _MAX_VALUE:
            try:
                yield str(_load(name)), _load(value)
            except (ValueError, RecursionError):
                continue


def _spans(text: str) -> Iterator[tuple[str, str]]:
    """Yield name and value of each member of the outermost object, both as source text."""
    depth, begin, name, before = 0, 0, "", ""
    for token in _TOKEN.finditer(text):
        sign = token.group()
        if sign in _CLOSING or (sign == "," and depth == 1):
            if depth == 1 and name:
                yield name, text[begin : token.start()]
                name = ""
            depth -= sign in _CLOSING
            if depth == 0:
                return
        elif sign == ":" and depth == 1 and before.startswith('"'):
            name, begin = before, token.end()
        elif sign in _OPENING:
            depth += 1
        before = sign
    if name:
        yield name, text[begin:]


def text_member(document: Any, *names: str) -> str | None:
    """Return the first of these members of an object that is a string."""
    found = (document.get(name) for name in names) if isinstance(document, Mapping) else ()
    return next((value for value in found if isinstance(value, str)), None)


def list_member(document: Any, name: str) -> list[Any]:
    """Return this member of an object if it is a list, otherwise an empty list."""
    found = document.get(name) if isinstance(document, Mapping) else None
    return found if isinstance(found, list) else []
