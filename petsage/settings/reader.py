"""Read a YAML file into plain values with their places: each scalar is interpolated, then typed.

A plain scalar has the type that the core schema of YAML 1.2.2 gives it (section 10.3.2).
"""

import os
import re
from pathlib import Path
from typing import Any

from petsage.settings.document import ConfigDocument
from petsage.settings.errors import ConfigError, KeyPath, Mistake, UnusableError
from petsage.settings.files import decode, read_bytes
from petsage.settings.interpolation import Interpolator
from petsage.settings.nodes import BadNode, ListNode, MapNode, Node, TextNode, compose

MAX_NUMBER_LENGTH = 64
"""Characters; converting a longer number would take time that grows with the square of its length."""

Scalar = bool | int | float | str | None

_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_WHOLE = re.compile(r"[-+]?[0-9]+")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_NOT_ALLOWED = re.compile("[\0\ud800-\udfff]")


def read_file(path: Path) -> ConfigDocument:
    """Read a file; raises `ConfigError` where it cannot be read or is not a YAML mapping."""
    try:
        top = compose(decode(read_bytes(path)))
        document = ConfigDocument(base=path.absolute().parent, file=str(path))
        _Filler(document).fill(top)
    except UnusableError as error:
        raise ConfigError([Mistake(text=error.text, file=str(path), place=error.place)]) from error
    return document


class _Filler:
    def __init__(self, document: ConfigDocument) -> None:
        self._document = document
        self._interpolator = Interpolator(os.environ, document.base)

    def fill(self, top: Node | None) -> None:
        if top is None or (isinstance(top, TextNode) and top.plain and typed(top.text) is None):
            return
        if isinstance(top, BadNode):
            raise UnusableError(top.text, top.place)
        if not isinstance(top, MapNode):
            kind = "list" if isinstance(top, ListNode) else "text"
            raise UnusableError(f"must be a mapping of keys such as 'server:', not a {kind}", top.place)
        self._document.data = self._map(top, ())
        self._document.file_texts = self._interpolator.file_texts

    def _value(self, node: Node, path: KeyPath) -> Any:
        if isinstance(node, MapNode):
            return self._map(node, path)
        if isinstance(node, ListNode):
            return [self._item(item, (*path, index)) for index, item in enumerate(node.items)]
        if isinstance(node, TextNode):
            return self._text(node, path)
        return self._document.reject(path, node.text if isinstance(node, BadNode) else "not a value")

    def _item(self, node: Node, path: KeyPath) -> Any:
        self._document.places[path] = node.place
        return self._value(node, path)

    def _map(self, node: MapNode, path: KeyPath) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key, value in node.entries:
            name = self._key(key, path)
            if name in values:
                first = self._document.places[(*path, name)][0]
                self._add_mistake((*path, name), f"duplicate key (first at line {first})", key)
            elif name is not None:
                self._document.places[(*path, name)] = key.place
                values[name] = self._value(value, (*path, name))
        return values

    def _key(self, node: Node, path: KeyPath) -> str | None:
        if isinstance(node, BadNode):
            self._add_mistake(path, node.text, node)
        elif not isinstance(node, TextNode):
            self._add_mistake(path, "a key must be a text, not a list or a mapping", node)
        elif node.plain and node.text == "<<":
            self._add_mistake((*path, "<<"), "merge keys are not supported", node)
        elif node.plain and not is_text(node.text):
            self._add_mistake((*path, node.text), "a key must be a text (quote it)", node)
        else:
            return node.text
        return None

    def _add_mistake(self, path: KeyPath, text: str, node: Node) -> None:
        self._document.mistakes.append(self._document.mistake(path, text, node.place))

    def _text(self, node: TextNode, path: KeyPath) -> Any:
        try:
            expanded = self._interpolator.expand(node.text)
            value = typed(expanded.text) if node.plain else checked_text(expanded.text)
        except UnusableError as error:
            return self._document.reject(path, error.text)
        if expanded.text != node.text:
            self._document.filled[path] = expanded.text
        if expanded.secret:
            self._document.secrets.add(path)
        return value


def typed(text: str) -> Scalar:
    """Return the value of a plain scalar; `yes`, `on`, dates and `1:30` are texts. Raises `UnusableError`."""
    if text in _WORDS:
        return _WORDS[text]
    if _NOT_FINITE.fullmatch(text):
        return float(text.replace(".", ""))
    if is_text(text):
        return checked_text(text)
    if len(text) > MAX_NUMBER_LENGTH:
        raise UnusableError(f"a number of {len(text)} characters (quote it if it is a text)")
    return _number(text)


def _number(text: str) -> int | float:
    if _BASED.fullmatch(text):
        return int(text, 0)
    return int(text) if _WHOLE.fullmatch(text) else float(text)


def is_text(text: str) -> bool:
    """Return whether a plain scalar is a text, and not null, a boolean or a number."""
    return text not in _WORDS and not any(form.fullmatch(text) for form in (_NOT_FINITE, _WHOLE, _BASED, _FLOAT))


def checked_text(text: str) -> str:
    """Return a text that system calls and logs can take; raises `UnusableError` for any other."""
    if found := _NOT_ALLOWED.search(text):
        raise UnusableError(f"character U+{ord(found[0]):04X} is not allowed")
    return text
