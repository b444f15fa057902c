"""marshmallow's validation errors as messages, each with its path and the schema or field that wrote it.

A message is recognized by its key in the `error_messages` of its owner ("required", "null", "invalid", "type",
"unknown"), whatever the text is.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from marshmallow import Schema, fields

from petsage.settings.errors import KeyPath

_SCHEMA_KEY = "_schema"  # the key under which marshmallow reports a mistake of a section as a whole


class _Entry(NamedTuple):
    """An entry of a mapping; errors of its key and of its value are apart."""

    field: fields.Mapping[Any]


Owner = Schema | fields.Field[Any] | _Entry | None


class Message(NamedTuple):
    """One message: the path that it is about, its text, and the schema or field that wrote it."""

    path: KeyPath
    text: str
    owner: Owner

    @property
    def is_unknown_key(self) -> bool:
        """Whether it reports a key that the schema does not take."""
        return isinstance(self.owner, Schema) and self.text == self.owner.error_messages["unknown"]

    @property
    def has_own_text(self) -> bool:
        """Whether a schema reports an unknown key in a text that is not marshmallow's."""
        return self.text != Schema().error_messages["unknown"]

    def is_default(self, cls: type[fields.Field[Any]], key: str) -> bool:
        """Return whether the text is the default of `cls` under `key`, which the owner has not replaced."""
        if not isinstance(self.owner, cls) or key not in self.owner.error_messages:
            return False
        return self.text == self.owner.error_messages[key] == cls.default_error_messages[key]

    def is_default_type(self) -> bool:
        """Return whether a schema reports, in marshmallow's text, a section that is not a mapping."""
        schema = self.owner.schema if isinstance(self.owner, fields.Nested) else self.owner
        default = Schema().error_messages["type"]
        return isinstance(schema, Schema) and self.text == schema.error_messages["type"] == default


def messages(errors: Any, path: KeyPath, owner: Owner) -> Iterator[Message]:
    """Yield the messages of `ValidationError.messages`, which `owner` has raised for the value at `path`."""
    if isinstance(errors, Mapping):
        for key, inner in errors.items():
            below = _below(owner, key)
            if key == _SCHEMA_KEY and isinstance(below, Schema) and inner == [below.error_messages["unknown"]]:
                yield Message((*path, key), inner[0], below)  # the configuration has a key of just this name
            else:
                yield from messages(inner, *_step(path, owner, key))
    elif isinstance(errors, list | tuple):
        for inner in errors:
            yield from messages(inner, path, owner)
    else:
        yield Message(path, str(errors), owner)


def _step(path: KeyPath, owner: Owner, key: Any) -> tuple[KeyPath, Owner]:
    if key == _SCHEMA_KEY:
        return path, owner
    if isinstance(owner, _Entry) and key in {"key", "value"}:
        return path, owner.field.key_field if key == "key" else owner.field.value_field
    key = key if isinstance(key, int) else str(key)
    return (*path, key), _below(owner, key)


def _below(owner: Owner, key: str | int) -> Owner:
    schema = owner.schema if isinstance(owner, fields.Nested) else owner
    if isinstance(schema, fields.Mapping):
        return _Entry(schema)
    found = owner_below(schema, key)
    return schema if found is None and isinstance(schema, Schema) else found


def owner_below(owner: Owner, key: object) -> Schema | fields.Field[Any] | None:
    """Return what loads the member of a value under a key or an index, where `owner` loads the value."""
    owner = owner.schema if isinstance(owner, fields.Nested) else owner
    if isinstance(owner, Schema):
        named = ((field.data_key or name, field) for name, field in owner.load_fields.items())
        return owner if isinstance(key, int) else next((field for name, field in named if name == key), None)
    if isinstance(owner, fields.Tuple):
        return next(iter(owner.tuple_fields[key : key + 1]), None) if isinstance(key, int) else None
    if isinstance(owner, fields.List):
        return owner.inner
    return owner.value_field if isinstance(owner, fields.Mapping) else None


def known_keys(owner: Owner) -> set[str]:
    """Return the keys that a schema takes."""
    found = owner.load_fields if isinstance(owner, Schema) else {}
    return {field.data_key or name for name, field in found.items()}
