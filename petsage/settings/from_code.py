"""From a mapping written in code to content: values are taken as they are, nothing is interpolated."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from petsage.settings.document import Content
from petsage.settings.errors import KeyPath
from petsage.settings.limits import DEEPEST


def content_of_code(source: Mapping[str, Any], base: Path) -> Content:
    """Copy a mapping; a key that is no text and a mapping inside of itself become mistakes."""
    content = Content(base=base)
    data = _copy(source, (), content)
    content.data = data if isinstance(data, dict) else {}
    return content


def _copy(value: Any, path: KeyPath, content: Content) -> Any:
    if len(path) > DEEPEST:
        return content.refuse(path[:1], f"nested more than {DEEPEST} levels deep")
    if isinstance(value, Mapping):
        return _copy_mapping(value, path, content)
    if isinstance(value, list | tuple):
        return [_copy(item, (*path, index), content) for index, item in enumerate(value)]
    return value


def _copy_mapping(value: Mapping[Any, Any], path: KeyPath, content: Content) -> dict[str, Any]:
    copied: dict[str, Any] = {}
    for key, member in value.items():
        if isinstance(key, str):
            copied[key] = _copy(member, (*path, key), content)
        else:
            content.mistakes.append(content.problem(path, f"a key must be a text, not {type(key).__name__}"))
    return copied
