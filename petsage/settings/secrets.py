"""Which values of a section are secret: those of the fields that a schema calls so."""

from collections.abc import Iterator, Mapping
from typing import Any

from marshmallow import Schema, fields

from petsage.fields import SecretText
from petsage.settings.errors import KeyPath

_Owner = Schema | fields.Field[Any] | None


def secret_paths(owner: _Owner, value: Any, path: KeyPath) -> Iterator[KeyPath]:
    """Yield the paths of secret values in `value`, which stands at `path` and is loaded by `owner`.

    A text of which only parts are secret, such as a URL, is not among them.
    """
    if isinstance(owner, fields.Pluck):
        owner = owner.schema.load_fields.get(owner.field_name)
    if isinstance(owner, SecretText):
        if not isinstance(value, str) or owner.secret_parts(value) is None:
            yield path
        return
    for key, member, below in _members(owner, value):
        yield from secret_paths(below, member, (*path, key))


def _members(owner: _Owner, value: Any) -> Iterator[tuple[str | int, Any, _Owner]]:
    """Yield what stands in a value, each with its key and what loads it."""
    owner = owner.schema if isinstance(owner, fields.Nested) else owner
    if isinstance(value, list):
        yield from ((index, member, _item(owner, index)) for index, member in enumerate(value))
    elif isinstance(value, Mapping):
        yield from ((str(key), member, _field(owner, key)) for key, member in value.items())


def _item(owner: _Owner, index: int) -> _Owner:
    if isinstance(owner, fields.Tuple):
        return owner.tuple_fields[index] if index < len(owner.tuple_fields) else None
    return owner if isinstance(owner, Schema) else owner.inner if isinstance(owner, fields.List) else None


def _field(owner: _Owner, key: object) -> _Owner:
    if isinstance(owner, Schema):
        return next((field for name, field in owner.load_fields.items() if key == (field.data_key or name)), None)
    return owner.value_field if isinstance(owner, fields.Mapping) else None
