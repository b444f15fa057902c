"""Read a YAML file into plain values with their places: values are interpolated, then typed."""

import os
from pathlib import Path
from typing import Any

from petsage.settings.document import ConfigDocument
from petsage.settings.errors import ConfigError, KeyPath, Mistake, UnusableError
from petsage.settings.files import decode, read_bytes
from petsage.settings.interpolation import Interpolator
from petsage.settings.nodes import BadNode, ListNode, MapNode, Node, TextNode, compose
from petsage.settings.scalars import is_text, typed, usable


def content_of_file(path: Path) -> ConfigDocument:
    """Read a file; raises `ConfigError` where it is no YAML mapping at all."""
    try:
        top = compose(decode(read_bytes(path)))
        content = ConfigDocument(base=path.absolute().parent, file=str(path))
        _Filler(content).fill(top)
    except UnusableError as refused:
        raise ConfigError([Mistake(text=refused.text, file=str(path), place=refused.place)]) from refused
    return content


class _Filler:
    def __init__(self, content: ConfigDocument) -> None:
        self._content = content
        self._interpolator = Interpolator(os.environ, content.base)

    def fill(self, top: Node | None) -> None:
        if top is None or (isinstance(top, TextNode) and top.plain and typed(top.text) is None):
            return
        if isinstance(top, BadNode):
            raise UnusableError(top.text, top.place)
        if not isinstance(top, MapNode):
            kind = "list" if isinstance(top, ListNode) else "text"
            raise UnusableError(f"must be a mapping of keys such as 'server:', not a {kind}", top.place)
        self._content.data = self._map(top, ())
        self._content.file_texts = self._interpolator.file_texts

    def _value(self, node: Node, path: KeyPath) -> Any:
        if isinstance(node, MapNode):
            return self._map(node, path)
        if isinstance(node, ListNode):
            return [self._item(item, (*path, index)) for index, item in enumerate(node.items)]
        if isinstance(node, TextNode):
            return self._text(node, path)
        return self._content.refuse(path, node.text if isinstance(node, BadNode) else "not a value")

    def _item(self, node: Node, path: KeyPath) -> Any:
        self._content.places[path] = node.place
        return self._value(node, path)

    def _map(self, node: MapNode, path: KeyPath) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key, value in node.entries:
            name = self._key(key, path)
            if name in values:
                first = self._content.places[(*path, name)][0]
                self._mistake((*path, name), f"duplicate key (first at line {first})", key)
            elif name is not None:
                self._content.places[(*path, name)] = key.place
                values[name] = self._value(value, (*path, name))
        return values

    def _key(self, node: Node, path: KeyPath) -> str | None:
        if isinstance(node, BadNode):
            self._mistake(path, node.text, node)
        elif not isinstance(node, TextNode):
            self._mistake(path, "a key must be a text, not a list or a mapping", node)
        elif node.plain and node.text == "<<":
            self._mistake((*path, "<<"), "merge keys are not supported", node)
        elif node.plain and not is_text(node.text):
            self._mistake((*path, node.text), "a key must be a text (quote it)", node)
        else:
            return node.text
        return None

    def _mistake(self, path: KeyPath, text: str, node: Node) -> None:
        self._content.mistakes.append(self._content.problem(path, text, node.place))

    def _text(self, node: TextNode, path: KeyPath) -> Any:
        try:
            expanded = self._interpolator.expand(node.text)
            value = typed(expanded.text) if node.plain else usable(expanded.text)
        except UnusableError as refused:
            return self._content.refuse(path, refused.text)
        if expanded.text != node.text:
            self._content.filled[path] = expanded.text
        if expanded.secret:
            self._content.secrets.add(path)
        return value
