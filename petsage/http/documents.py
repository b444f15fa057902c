"""From a dataclass to the bytes of an answer: dumped and validated when the content changes, not on each request."""

import json
from collections.abc import Mapping
from copy import copy
from dataclasses import is_dataclass
from typing import Any

from aiohttp import web
from marshmallow import Schema
from multidict import CIMultiDict

from petsage.http.problems import MEDIA_TYPE, ProblemSchema

JSON = "application/json"
_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False)
_ALWAYS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


class BadAnswer(Exception):  # noqa: N818 (said of the handler that gave it)
    """A handler answered what its operation does not declare, or what its schema refuses: a mistake in the code."""


class Documents:
    """The answers that one operation gives under one status."""

    __slots__ = ("_headers", "_last", "_schema", "_status")

    def __init__(self, status: int, schema: Schema | None) -> None:
        self._status = status
        self._schema = schema
        self._headers = CIMultiDict(_ALWAYS if schema is None else {"Content-Type": content_type(schema), **_ALWAYS})
        self._last: tuple[object, bytes | None] = (self, None)

    @property
    def last(self) -> object:
        """The document whose bytes are kept."""
        return self._last[0]

    def response(self, document: object, headers: Mapping[str, str] | None = None) -> web.Response:
        """Return the answer; the same unchangeable document as last time costs no dump and no validation."""
        last, body = self._last
        if document is not last:
            body = self._body(document)
            if _unchangeable(document):
                self._last = (document, body)
        if headers is None:
            return web.Response(body=body, status=self._status, headers=self._headers)
        own = CIMultiDict(self._headers)
        own.update(headers)
        return web.Response(body=body, status=self._status, headers=own)

    def _body(self, document: object) -> bytes | None:
        if self._schema is not None:
            return encode(self._schema, document)
        if document is not None:
            raise BadAnswer(f"{self._status} is declared to have no body, but got {type(document).__name__}")
        return None


def media_type(schema: Schema) -> str:
    """Return the media type of a schema's documents, without parameters."""
    return MEDIA_TYPE if isinstance(schema, ProblemSchema) else JSON


def content_type(schema: Schema) -> str:
    """Return the Content-Type of a schema's documents; RFC 9457 defines no charset for problems."""
    return MEDIA_TYPE if isinstance(schema, ProblemSchema) else f"{JSON}; charset=utf-8"


def encode(schema: Schema, document: object) -> bytes:
    """Dump a dataclass (or, for `many=True`, a list or tuple of them), validate the dump and write it as JSON.

    Members stand in the order of the schema's fields. Raises BadAnswer with what is wrong.
    """
    name = type(schema).__name__
    if not _fits(schema, document):
        wanted = "a list or tuple of dataclasses" if schema.many else "a dataclass"
        raise BadAnswer(f"{name} documents {wanted}, but got {type(document).__name__}")
    data = schema.dump(document)
    if errors := _of_dumps(schema).validate(data):
        raise BadAnswer(f"{name} refuses the document: {errors}")
    try:
        return _ENCODER.encode(data).encode("utf-8", "backslashreplace")
    except (TypeError, ValueError) as error:
        raise BadAnswer(f"{name} dumps what JSON cannot hold: {error}") from error


def _fits(schema: Schema, document: object) -> bool:
    if schema.many:
        return isinstance(document, list | tuple)
    return is_dataclass(document) and not isinstance(document, type)


def _of_dumps(schema: Schema) -> Schema:
    """Return a schema that loads what this one dumps: `dump_only` members too, and no `load_only` ones."""
    if schema.load_fields.keys() == schema.dump_fields.keys():
        return schema
    twin = copy(schema)
    twin.load_fields = schema.dump_fields
    return twin


def _unchangeable(document: object) -> bool:
    parameters: Any = getattr(document, "__dataclass_params__", None)
    if parameters is None or not (parameters.frozen and parameters.eq):
        return False
    try:
        hash(document)
    except TypeError:
        return False  # a list or a dict inside may change while its owner stays the same
    return True
