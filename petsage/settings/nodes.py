"""A YAML document as nodes, each with its place; what a value means is not decided yet."""

from dataclasses import dataclass

from petsage.settings.errors import Place


@dataclass(slots=True, kw_only=True)
class Node:
    """A value; aliases followed, `weight` counts the values in it, `length` their characters, `height` its levels."""

    place: Place
    weight: int = 1
    length: int = 0
    height: int = 1


@dataclass(slots=True, kw_only=True)
class TextNode(Node):
    """A scalar; `plain` means written without quotes and not as a block."""

    text: str
    plain: bool


@dataclass(slots=True, kw_only=True)
class ListNode(Node):
    """A sequence."""

    items: list[Node]


@dataclass(slots=True, kw_only=True)
class MapNode(Node):
    """A mapping, with duplicate keys and keys that are no texts still in it."""

    entries: list[tuple[Node, Node]]


@dataclass(slots=True, kw_only=True)
class BadNode(Node):
    """A value that cannot be used, and why; the rest of the document can still be looked at."""

    text: str
