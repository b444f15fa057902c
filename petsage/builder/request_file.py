"""Requests in YAML: a file, or standard input. What they say is text, and no variable in it is filled in."""

import sys
from collections.abc import Iterator
from pathlib import Path

from petsage.builder.request import Request, RequestError, make_request
from petsage.settings import suggest
from petsage.settings.errors import UnusableError
from petsage.settings.files import decode, read_bytes
from petsage.settings.nodes import BadNode, ListNode, MapNode, Node, TextNode, compose
from petsage.settings.reader import typed
from petsage.text import printable

KEYS = ("feature", "description", "requirements")
_LARGEST = 1024 * 1024
_LONGEST_KEY = 60
_LONGEST_PATH = 1000


def read_request(path: str) -> Request:
    """Read a file, or standard input for `-`; raise `RequestError` with all mistakes."""
    name = "standard input" if path == "-" else printable(path, _LONGEST_PATH)
    try:
        return _request(compose(decode(_bytes(path))))
    except UnusableError as refused:
        place = f":{refused.place[0]}:{refused.place[1]}" if refused.place else ""
        raise RequestError([f"{name}{place}: {refused.text}"]) from refused
    except RequestError as invalid:
        raise RequestError(f"{name}: {mistake}" for mistake in invalid.mistakes) from invalid


def _bytes(path: str) -> bytes:
    if path != "-":
        return read_bytes(Path(path))
    content = sys.stdin.buffer.read(_LARGEST + 1)
    if len(content) > _LARGEST:
        raise UnusableError("larger than 1 MiB")
    return content


def _request(top: Node | None) -> Request:
    if not isinstance(top, MapNode):
        raise UnusableError(f"must be a mapping of {', '.join(KEYS)}")
    written = dict(_entries(top))
    unknown = [f"{printable(key, _LONGEST_KEY)}: unknown key{suggest(key, KEYS)}" for key in written if key not in KEYS]
    try:
        request = make_request(*(written.get(key) for key in KEYS))
    except RequestError as invalid:
        raise RequestError([*unknown, *invalid.mistakes]) from invalid
    if unknown:
        raise RequestError(unknown)
    return request


def _entries(node: MapNode) -> Iterator[tuple[str, object]]:
    seen: set[str] = set()
    for key, value in node.entries:
        name = key.text if isinstance(key, TextNode) else "?"
        if name in seen:
            raise UnusableError(f"{printable(name, _LONGEST_KEY)}: duplicate key", key.place)
        seen.add(name)
        yield name, _value(value)


def _value(node: Node) -> object:
    if isinstance(node, MapNode):
        return dict(_entries(node))
    if isinstance(node, ListNode):
        return [_value(item) for item in node.items]
    if isinstance(node, TextNode):
        return None if node.plain and typed(node.text) is None else node.text
    raise UnusableError(node.text if isinstance(node, BadNode) else "not a value", node.place)
