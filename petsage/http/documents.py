"""JSON documents: a record dumped by its schema, then validated, since a dump does not validate."""

import json
from copy import copy
from dataclasses import is_dataclass
from typing import Any

from marshmallow import Schema, fields

from petsage import PetSageError

_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False)


class ResponseValidationError(PetSageError):
    """A handler returned what its operation does not declare, or what its schema rejects: a bug in the feature."""


def encode(schema: Schema, checker: Schema, document: object) -> bytes:
    """Return a record (or, for `many=True`, a list or tuple of them) as JSON: dumped, then validated.

    A record is a dataclass or a NamedTuple. `checker` is `loader_of_dumps(schema)`, made once. Members are in the order
    of the schema's fields. Raise ResponseValidationError with all that is wrong.
    """
    name = type(schema).__name__
    if not _fits(schema, document):
        wanted = "a list or tuple of dataclasses or NamedTuples" if schema.many else "a dataclass or NamedTuple"
        raise ResponseValidationError(f"{name} documents {wanted}, but got {type(document).__name__}")
    data = schema.dump(document)
    if errors := checker.validate(data):
        raise ResponseValidationError(f"{name} rejects the document: {errors}")
    try:
        return _ENCODER.encode(data).encode("utf-8", "backslashreplace")
    except (TypeError, ValueError) as error:
        raise ResponseValidationError(f"{name} dumps a value that JSON cannot represent: {error}") from error


def loader_of_dumps(schema: Schema, outer: tuple[type[Schema], ...] = ()) -> Schema:
    """Return a schema that loads what this one dumps, at any depth: `dump_only` members, and no `load_only` ones."""
    copied = copy(schema)
    outer = (*outer, type(schema))
    copied.load_fields = {name: _loading(field, outer) for name, field in schema.dump_fields.items()}
    return copied


def _loading(field: fields.Field[Any], outer: tuple[type[Schema], ...]) -> fields.Field[Any]:
    copied = copy(field)
    if isinstance(copied, fields.Nested) and type(copied.schema) not in outer:
        copied._schema = loader_of_dumps(copied.schema, outer)  # noqa: SLF001 (marshmallow makes it itself, from the class)
    elif isinstance(copied, fields.List):
        copied.inner = _loading(copied.inner, outer)
    elif isinstance(copied, fields.Dict) and copied.value_field is not None:
        copied.value_field = _loading(copied.value_field, outer)
    return copied


def _fits(schema: Schema, document: object) -> bool:
    record = (is_dataclass(document) and not isinstance(document, type)) or is_named_tuple(document)
    return isinstance(document, list | tuple) and not record if schema.many else record


def is_named_tuple(document: object) -> bool:
    """Return whether a document is a NamedTuple (an instance, not the class)."""
    return isinstance(document, tuple) and hasattr(document, "_fields")
