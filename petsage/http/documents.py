"""JSON: the only encoder, and documents that are validated by their schema before they are sent."""

import json
from collections.abc import Mapping
from copy import copy
from dataclasses import is_dataclass
from typing import Any

from marshmallow import Schema, fields

from petsage import PetSageError
from petsage.untrusted import description


class ResponseValidationError(PetSageError):
    """A document that its schema rejects, or a response that its operation does not declare: a bug in the code."""


class _Encoder(json.JSONEncoder):
    """JSON without NaN and infinities, which RFC 8259 does not have.

    Texts are written as they are, or with `ascii_only` as escapes. A `lenient` encoder writes an object that JSON
    cannot hold as its text.
    """

    def __init__(self, *, lenient: bool = False, ascii_only: bool = False, indent: int | None = None) -> None:
        super().__init__(ensure_ascii=ascii_only, allow_nan=False, indent=indent)
        self._lenient = lenient

    def default(self, o: object) -> object:
        return description(o) if self._lenient else super().default(o)


_STRICT, _LENIENT, _READABLE = _Encoder(), _Encoder(lenient=True), _Encoder(lenient=True, ascii_only=True, indent=2)


def to_json(value: object) -> str:
    """Return `value` as JSON. Raise TypeError or ValueError for a value that JSON cannot represent."""
    return _STRICT.encode(value)


def to_lenient_json(value: object) -> str:
    """Return `value` as JSON, with the text of each object that JSON cannot represent."""
    return _LENIENT.encode(value)


def to_readable_json(value: object) -> str:
    """Return `value` as indented ASCII JSON for a terminal or a file."""
    return _READABLE.encode(value)


def to_bytes(text: str) -> bytes:
    """Return JSON as UTF-8; a lone surrogate, which UTF-8 cannot hold, becomes an escape of JSON."""
    return text.encode("utf-8", "backslashreplace")


def plain_members(members: Mapping[str, object]) -> dict[str, object]:
    """Return a copy in which each value that JSON cannot represent is replaced by its text."""
    return {name: _plain(value) for name, value in members.items()}


def _plain(value: object) -> object:
    try:
        _STRICT.encode(value)
    except (TypeError, ValueError, RecursionError):
        return description(value)
    return value


class DocumentEncoder:
    """Encodes the documents of one schema: dump, validate, write as JSON.

    A dump of marshmallow validates nothing, so the dump is validated in a second step. A document is a dataclass or a
    NamedTuple; for a schema with `many=True`, a list or tuple of them. Members are in the order of the schema's fields.
    """

    __slots__ = ("_checker", "_schema")

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._checker: Schema | None = None

    def encode(self, document: object) -> bytes:
        """Return a document as UTF-8. Raise ResponseValidationError with what is wrong."""
        return to_bytes(self.text(document))

    def text(self, document: object) -> str:
        """Return a document as JSON. Raise ResponseValidationError with what is wrong."""
        data = self._dump(document)
        try:
            return to_json(data)
        except (TypeError, ValueError) as error:
            name = type(self._schema).__name__
            raise ResponseValidationError(f"{name} dumps a value that JSON cannot represent: {error}") from error

    def _dump(self, document: object) -> Any:
        name = type(self._schema).__name__
        if not self._fits(document):
            wanted = (
                "a list or tuple of dataclasses or NamedTuples" if self._schema.many else "a dataclass or NamedTuple"
            )
            raise ResponseValidationError(f"{name} documents {wanted}, but got {type(document).__name__}")
        data = self._schema.dump(document)
        self._checker = self._checker or _loader_of_dumps(self._schema)
        if errors := self._checker.validate(data):
            raise ResponseValidationError(f"{name} rejects the document: {errors}")
        return data

    def _fits(self, document: object) -> bool:
        record = (is_dataclass(document) and not isinstance(document, type)) or is_named_tuple(document)
        return isinstance(document, list | tuple) and not record if self._schema.many else record


def is_named_tuple(document: object) -> bool:
    """Return whether something is a NamedTuple, and not the class of one."""
    return isinstance(document, tuple) and hasattr(document, "_fields")


def _loader_of_dumps(schema: Schema, outer: tuple[type[Schema], ...] = ()) -> Schema:
    """Return a schema that loads dumps of this one: at any depth with `dump_only` fields, without `load_only` ones."""
    copied = copy(schema)
    outer = (*outer, type(schema))
    copied.load_fields = {name: _loading(field, outer) for name, field in schema.dump_fields.items()}
    return copied


def _loading(field: fields.Field[Any], outer: tuple[type[Schema], ...]) -> fields.Field[Any]:
    copied = copy(field)
    if isinstance(copied, fields.Nested) and type(copied.schema) not in outer:
        copied._schema = _loader_of_dumps(copied.schema, outer)  # noqa: SLF001 (its `nested` would be copied, with new `load_fields`)
    elif isinstance(copied, fields.List):
        copied.inner = _loading(copied.inner, outer)
    elif isinstance(copied, fields.Dict) and copied.value_field is not None:
        copied.value_field = _loading(copied.value_field, outer)
    return copied
