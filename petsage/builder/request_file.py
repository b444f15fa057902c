"""Read requests in YAML from a file or standard input; values are texts, and variables are not interpolated."""

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
_MAX_BYTES = 1024 * 1024
_MAX_KEY = 60
_MAX_PATH = 1000


def read_request(path: str) -> Request:
    """Read a file, or standard input for `-`; raise `RequestError` with all mistakes."""
    name = "standard input" if path == "-" else printable(path, _MAX_PATH)
    try:
        return _request(compose(decode(_bytes(path))))
    except UnusableError as error:
        place = f":{error.place[0]}:{error.place[1]}" if error.place else ""
        raise RequestError([f"{name}{place}: {error.text}"]) from error
    except RequestError as error:
        raise RequestError(f"{name}: {mistake}" for mistake in error.mistakes) from error


def _bytes(path: str) -> bytes:
    if path != "-":
        return read_bytes(Path(path))
    content = sys.stdin.buffer.read(_MAX_BYTES + 1)
    if len(content) > _MAX_BYTES:
        raise UnusableError("larger than 1 MiB")
    return content


def _request(top: Node | None) -> Request:
    if not isinstance(top, MapNode):
        raise UnusableError(f"must be a mapping of {', '.join(KEYS)}")
    values = dict(_entries(top))
    unknown = [f"{printable(key, _MAX_KEY)}: unknown key{suggest(key, KEYS)}" for key in values if key not in KEYS]
    try:
        request = make_request(*(values.get(key) for key in KEYS))
    except RequestError as error:
        raise RequestError([*unknown, *error.mistakes]) from error
    if unknown:
        raise RequestError(unknown)
    return request


def _entries(node: MapNode) -> Iterator[tuple[str, object]]:
    seen: set[str] = set()
    for key, value in node.entries:
        name = key.text if isinstance(key, TextNode) else "?"
        if name in seen:
            raise UnusableError(f"{printable(name, _MAX_KEY)}: duplicate key", key.place)
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
