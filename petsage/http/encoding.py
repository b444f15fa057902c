"""A record as the JSON that its schema promises: dumped, then validated, because a dump validates nothing."""

import json
from copy import copy
from dataclasses import is_dataclass
from typing import Any

from marshmallow import Schema, fields

_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False)


class BadAnswer(Exception):  # noqa: N818 (said of the handler that gave it)
    """A handler answered what its operation does not declare, or what its schema refuses: a mistake in the code."""


def encode(schema: Schema, checker: Schema, document: object) -> bytes:
    """Dump a record (or, for `many=True`, a list or tuple of them), validate the dump and write it as JSON.

    A record is a dataclass or a NamedTuple. `checker` is `loader_of_dumps(schema)`, made once. Members stand in the
    order of the schema's fields. Raises BadAnswer with what is wrong.
    """
    name = type(schema).__name__
    if not _fits(schema, document):
        wanted = "a list or tuple of dataclasses or NamedTuples" if schema.many else "a dataclass or NamedTuple"
        raise BadAnswer(f"{name} documents {wanted}, but got {type(document).__name__}")
    data = schema.dump(document)
    if errors := checker.validate(data):
        raise BadAnswer(f"{name} refuses the document: {errors}")
    try:
        return _ENCODER.encode(data).encode("utf-8", "backslashreplace")
    except (TypeError, ValueError) as error:
        raise BadAnswer(f"{name} dumps what JSON cannot hold: {error}") from error


def loader_of_dumps(schema: Schema, outer: tuple[type[Schema], ...] = ()) -> Schema:
    """Return a schema that loads what this one dumps: at any depth `dump_only` members too, and no `load_only` ones."""
    twin = copy(schema)
    outer = (*outer, type(schema))
    twin.load_fields = {name: _loading(field, outer) for name, field in schema.dump_fields.items()}
    return twin


def _loading(field: fields.Field[Any], outer: tuple[type[Schema], ...]) -> fields.Field[Any]:
    twin = copy(field)
    if isinstance(twin, fields.Nested) and type(twin.schema) not in outer:
        twin._schema = loader_of_dumps(twin.schema, outer)  # noqa: SLF001 (marshmallow makes it itself, from the class)
    elif isinstance(twin, fields.List):
        twin.inner = _loading(twin.inner, outer)
    elif isinstance(twin, fields.Dict) and twin.value_field is not None:
        twin.value_field = _loading(twin.value_field, outer)
    return twin


def _fits(schema: Schema, document: object) -> bool:
    record = (is_dataclass(document) and not isinstance(document, type)) or is_named_tuple(document)
    return isinstance(document, list | tuple) and not record if schema.many else record


def is_named_tuple(document: object) -> bool:
    """Say whether something is a NamedTuple, and not the class of one."""
    return isinstance(document, tuple) and hasattr(document, "_fields")
