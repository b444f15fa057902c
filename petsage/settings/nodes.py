"""A YAML document as nodes, each with its place; scalars are not typed yet.

What aliases expand to is limited, so that a short document cannot exhaust the memory.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import yaml

from petsage.settings.document import MAX_DEPTH
from petsage.settings.errors import Place, UnusableError

MAX_VALUES = 20_000
MAX_CHARACTERS = 4 * 1024 * 1024  # with aliases followed: each becomes a copy of its target


@dataclass(slots=True, kw_only=True)
class Node:
    """A value. With aliases followed it has `weight` values, `length` characters and `height` levels of nesting."""

    place: Place
    weight: int = 1
    length: int = 0
    height: int = 1


@dataclass(slots=True, kw_only=True)
class TextNode(Node):
    """A scalar; `plain` where it has no quotes and is not a block."""

    text: str
    plain: bool


@dataclass(slots=True, kw_only=True)
class ListNode(Node):
    """A sequence."""

    items: list[Node]


@dataclass(slots=True, kw_only=True)
class MapNode(Node):
    """A mapping, including duplicate keys and keys that are not texts."""

    entries: list[tuple[Node, Node]]


@dataclass(slots=True, kw_only=True)
class BadNode(Node):
    """A value that cannot be used, and why; the rest of the document is still read."""

    text: str


_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TOO_DEEP = f"nested more than {MAX_DEPTH} levels deep"
_OPENING = (yaml.FlowSequenceStartToken, yaml.FlowMappingStartToken)
_CLOSING = (yaml.FlowSequenceEndToken, yaml.FlowMappingEndToken)
_LOOKAHEAD = 2048
"""Characters that the parser may read ahead of the event that it reports: twice the longest key of YAML."""


def compose(text: str) -> Node | None:
    """Return the top node of the only document, or None for an empty stream; raises `UnusableError` with the place."""
    composer = _Composer(yaml.parse(text, Loader=_LOADER))
    try:
        return composer.document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        if mark is not None:
            composer.check_bracket_depth(text, mark)
        raise UnusableError(_explain(error, text), _place(mark) if mark else None) from error
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        raise UnusableError("not YAML") from error


class _Composer:
    def __init__(self, events: Iterator[yaml.Event]) -> None:
        self._events = events
        self._anchors: dict[str, Node | None] = {}
        self._weight = 0
        self._depth = 0
        self._last: yaml.Event | None = None
        self._length = 0

    def document(self) -> Node | None:
        top = None
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                if top is not None:
                    raise UnusableError(
                        "more than one document (a line '---' or '...' starts another)", _place(event.start_mark)
                    )
                top = self._node(next(self._events), 1)
        return top

    def check_bracket_depth(self, text: str, mark: Any) -> None:
        """Raise `UnusableError` where brackets that the parser has read and not yet reported are nested too deep.

        libyaml reads ahead for the length of a key. Since 0.2.6 it has a depth limit of its own, which it can report
        before the events that would exceed the limit here.
        """
        start = _end(self._last)
        depth = self._depth
        with suppress(yaml.YAMLError):
            for token in yaml.scan(text[start : mark.index][:_LOOKAHEAD], Loader=yaml.SafeLoader):
                depth += isinstance(token, _OPENING) - isinstance(token, _CLOSING)
                if depth > MAX_DEPTH:
                    raise UnusableError(_TOO_DEEP, _place_at(text, start + token.start_mark.index))

    def _node(self, event: yaml.Event, depth: int) -> Node:
        self._depth, self._last = depth, event
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, depth)
        self._count(1, len(getattr(event, "value", "")), event)
        anchor = event.anchor  # type: ignore[attr-defined]  # every event that starts a node has one
        if anchor is not None:
            self._anchors[anchor] = None
        node = self._collected(event, depth)
        if anchor is not None:
            self._anchors[anchor] = node
        return node

    def _collected(self, event: yaml.Event, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise UnusableError(_TOO_DEEP, _place(event.start_mark))
        place = _place(event.start_mark)
        node: Node
        if isinstance(event, yaml.ScalarEvent):
            node = TextNode(place=place, length=len(event.value), text=event.value, plain=event.style in (None, ""))
        elif isinstance(event, yaml.SequenceStartEvent):
            node = self._list(place, depth)
        else:
            node = self._map(place, depth)
        if event.tag is not None:  # type: ignore[attr-defined]  # every event that starts a node has one
            return BadNode(place=place, text="tags (words starting with '!') are not supported")
        return node

    def _list(self, place: Place, depth: int) -> ListNode:
        node = ListNode(place=place, items=[])
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            node.items.append(self._grown(node, event, depth))
        return node

    def _map(self, place: Place, depth: int) -> MapNode:
        node = MapNode(place=place, entries=[])
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._grown(node, event, depth)
            node.entries.append((key, self._grown(node, next(self._events), depth)))
        return node

    def _grown(self, parent: Node, event: yaml.Event, depth: int) -> Node:
        child = self._node(event, depth + 1)
        parent.weight += child.weight
        parent.length += child.length
        parent.height = max(parent.height, child.height + 1)
        return child

    def _alias(self, event: yaml.AliasEvent, depth: int) -> Node:
        place = _place(event.start_mark)
        if event.anchor not in self._anchors:
            return BadNode(place=place, text="unknown alias (an anchor '&name' must come before '*name')")
        target = self._anchors[event.anchor]
        if target is None:
            return BadNode(place=place, text="an alias inside the value that it refers to")
        self._count(target.weight, target.length, event)
        if depth + target.height - 1 > MAX_DEPTH:
            raise UnusableError(_TOO_DEEP, place)
        return target

    def _count(self, weight: int, length: int, event: yaml.Event) -> None:
        self._weight += weight
        self._length += length
        if self._weight > MAX_VALUES:
            raise UnusableError(f"more than {MAX_VALUES} values, aliases followed", _place(event.start_mark))
        if self._length > MAX_CHARACTERS:
            raise UnusableError("more than 4 MiB of text, aliases followed", _place(event.start_mark))


def _end(event: yaml.Event | None) -> int:
    mark = None if event is None else event.end_mark
    return 0 if mark is None else mark.index


def _place_at(text: str, index: int) -> Place:
    return text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index)


def _place(mark: Any) -> Place:
    return mark.line + 1, mark.column + 1


def _explain(error: yaml.MarkedYAMLError, text: str) -> str:
    at = error.problem_mark.index if error.problem_mark else 0
    if text[max(at - 1, 0) : at + 1] == "${":
        return "not YAML: '${' inside [ ] or { } must be quoted, or be on a line of its own"
    problem = error.problem or error.context or ""
    if "cannot start any token" in problem:
        return "not YAML: a text that starts like this must be quoted, and lines must be indented with spaces, not tabs"
    context = f" ({error.context})" if error.context and error.problem else ""
    return f"not YAML: {problem}{context}"
