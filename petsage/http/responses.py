"""A record as the JSON that its schema promises: dumped, then validated, because a dump validates nothing."""

import json
from collections.abc import Mapping
from copy import copy
from dataclasses import is_dataclass
from typing import Any, NamedTuple

from aiohttp import web
from marshmallow import Schema, fields
from multidict import CIMultiDict

from petsage import PetSageError
from petsage.http.cached_response import CachedResponse
from petsage.http.problems import MEDIA_TYPE, ProblemSchema

_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False)


class ResponseValidationError(PetSageError):
    """A handler answered what its operation does not declare, or what its schema refuses: a mistake in the code."""


def encode(schema: Schema, checker: Schema, document: object) -> bytes:
    """Dump a record (or, for `many=True`, a list or tuple of them), validate the dump and write it as JSON.

    A record is a dataclass or a NamedTuple. `checker` is `loader_of_dumps(schema)`, made once. Members stand in the
    order of the schema's fields. Raises ResponseValidationError with what is wrong.
    """
    name = type(schema).__name__
    if not _fits(schema, document):
        wanted = "a list or tuple of dataclasses or NamedTuples" if schema.many else "a dataclass or NamedTuple"
        raise ResponseValidationError(f"{name} documents {wanted}, but got {type(document).__name__}")
    data = schema.dump(document)
    if errors := checker.validate(data):
        raise ResponseValidationError(f"{name} refuses the document: {errors}")
    try:
        return _ENCODER.encode(data).encode("utf-8", "backslashreplace")
    except (TypeError, ValueError) as error:
        raise ResponseValidationError(f"{name} dumps what JSON cannot hold: {error}") from error


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


JSON = "application/json"
_ALWAYS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


class Documents:
    """The answers that one operation gives under one status.

    With `reuse` the bytes made of a document are kept, and given again as long as the very same document comes.
    """

    __slots__ = ("_checker", "_headers", "_reuse", "_schema", "_status", "kept", "last")

    def __init__(self, status: int, schema: Schema | None, *, reuse: bool = False) -> None:
        self._status = status
        self._schema = schema
        self._reuse = reuse
        self._checker: Schema | None = None
        self._headers = CIMultiDict(_ALWAYS if schema is None else {"Content-Type": content_type(schema), **_ALWAYS})
        self.kept = CachedResponse(status, self._headers, None)
        self.last: object = self  # the document of which `kept` is the answer; this is none

    def response(self, document: object, headers: Mapping[str, str] | None = None) -> web.Response:
        """Return the answer; the document that is kept costs no dump and no validation."""
        response = self.kept.response() if document is self.last else self._made(document)
        if headers is not None:
            response.headers.update(headers)
        return response

    def _made(self, document: object) -> web.Response:
        body = self._body(document)
        if not self._reuse or not _unchangeable(document):
            return web.Response(status=self._status, headers=self._headers, body=body)
        self.kept, self.last = CachedResponse(self._status, self._headers, body), document
        return self.kept.response()

    def _body(self, document: object) -> bytes | None:
        if self._schema is not None:
            self._checker = self._checker or loader_of_dumps(self._schema)
            return encode(self._schema, self._checker, document)
        if document is not None:
            raise ResponseValidationError(
                f"{self._status} is declared to have no body, but got {type(document).__name__}"
            )
        return None


def media_type(schema: Schema) -> str:
    """Return the media type of a schema's documents, without parameters."""
    return MEDIA_TYPE if isinstance(schema, ProblemSchema) else JSON


def content_type(schema: Schema) -> str:
    """Return the Content-Type of a schema's documents; RFC 9457 defines no charset for problems."""
    return MEDIA_TYPE if isinstance(schema, ProblemSchema) else f"{JSON}; charset=utf-8"


def _unchangeable(document: object) -> bool:
    parameters: Any = getattr(document, "__dataclass_params__", None)
    frozen = parameters is not None and parameters.frozen and parameters.eq
    if not frozen and not is_named_tuple(document):
        return False
    try:
        hash(document)
    except TypeError:
        return False  # a list or a dict inside may change while its owner stays the same
    return True


class Reply(NamedTuple):
    """An answer that needs more than a document: another status than the one success, or headers of its own."""

    document: object = None
    status: int | None = None
    headers: Mapping[str, str] | None = None


class Replies:
    """The answers of one operation, by status."""

    __slots__ = ("_by_status", "_name", "_success")

    def __init__(self, name: str, responses: Mapping[int, Schema | None], *, reuse: bool = False) -> None:
        self._name = name
        self._by_status = {status: Documents(status, schema, reuse=reuse) for status, schema in responses.items()}
        successes = [status for status in responses if is_success(status)]
        self._success = self._by_status[successes[0]] if len(successes) == 1 else None

    def respond(self, answered: object) -> web.StreamResponse:
        """Return the response; raises ResponseValidationError for what is not declared."""
        success = self._success
        if success is not None and answered is success.last:
            return success.kept.response()
        if isinstance(answered, web.StreamResponse):
            return answered
        return self._reply(answered if isinstance(answered, Reply) else Reply(answered))

    def _reply(self, reply: Reply) -> web.StreamResponse:
        try:
            return self._documents(reply.status).response(reply.document, reply.headers)
        except ResponseValidationError as error:
            raise ResponseValidationError(f"{self._name}: {error}") from error.__cause__

    def _documents(self, status: int | None) -> Documents:
        found = self._success if status is None else self._by_status.get(status)
        if found is not None:
            return found
        declared = ", ".join(map(str, self._by_status))
        if status is None:
            raise ResponseValidationError(f"no single success among {declared}: return a Reply that names its status")
        raise ResponseValidationError(f"status {status} is not declared, only {declared}")


def is_success(status: int) -> bool:
    """Tell whether a status is a success, 2xx."""
    return 200 <= status < 300  # noqa: PLR2004 (RFC 9110 section 15.3)
