"""Responses of an operation: what a handler returned is sent with a declared status, headers and document."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from aiohttp import web
from marshmallow import Schema
from multidict import CIMultiDict

from petsage.http.cached_response import CachedResponse
from petsage.http.documents import DocumentEncoder, ResponseValidationError, is_named_tuple
from petsage.http.problems import MEDIA_TYPE, ProblemSchema

JSON = "application/json"
_ALWAYS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


class StatusResponses:
    """Responses of one operation under one status.

    With `reuse` the response to the last document is kept, and sent again while the handler returns the same object.
    """

    __slots__ = ("_encoder", "_headers", "_reuse", "_status", "cached", "last")

    def __init__(self, status: int, schema: Schema | None, *, reuse: bool = False) -> None:
        self._status = status
        self._encoder = None if schema is None else DocumentEncoder(schema)
        self._reuse = reuse
        self._headers = CIMultiDict(_ALWAYS if schema is None else {"Content-Type": content_type(schema), **_ALWAYS})
        self.cached = CachedResponse(status, self._headers, None)
        self.last: object = self  # the document of the cached response; `self` is never one

    def response(self, document: object, headers: Mapping[str, str] | None = None) -> web.Response:
        """Return the response; the last document is neither dumped nor validated again."""
        response = self.cached.response() if document is self.last else self._encode(document)
        if headers is not None:
            response.headers.update(headers)
        return response

    def _encode(self, document: object) -> web.Response:
        body = self._body(document)
        if not self._reuse or not _is_immutable(document):
            return web.Response(status=self._status, headers=self._headers, body=body)
        self.cached, self.last = CachedResponse(self._status, self._headers, body), document
        return self.cached.response()

    def _body(self, document: object) -> bytes | None:
        if self._encoder is not None:
            return self._encoder.encode(document)
        if document is not None:
            raise ResponseValidationError(
                f"{self._status} is declared without a body, but got {type(document).__name__}"
            )
        return None


def media_type(schema: Schema) -> str:
    """Return the media type of a schema's documents, without parameters."""
    return MEDIA_TYPE if isinstance(schema, ProblemSchema) else JSON


def content_type(schema: Schema) -> str:
    """Return the Content-Type of a schema's documents; RFC 9457 defines no charset for problems."""
    return MEDIA_TYPE if isinstance(schema, ProblemSchema) else f"{JSON}; charset=utf-8"


def _is_immutable(document: object) -> bool:
    parameters: Any = getattr(document, "__dataclass_params__", None)
    frozen = parameters is not None and parameters.frozen and parameters.eq
    if not frozen and not is_named_tuple(document):
        return False
    try:
        hash(document)
    except TypeError:
        return False  # it holds a list or a dict, which may change
    return True


class Reply(NamedTuple):
    """Document with a status other than the single success, or with headers.

    A handler returns it; `status` None is the single success.
    """

    document: object = None
    status: int | None = None
    headers: Mapping[str, str] | None = None


class Replies:
    """Responses of one operation, by status."""

    __slots__ = ("_by_status", "_name", "_success")

    def __init__(self, name: str, responses: Mapping[int, Schema | None], *, reuse: bool = False) -> None:
        self._name = name
        self._by_status = {status: StatusResponses(status, schema, reuse=reuse) for status, schema in responses.items()}
        successes = [status for status in responses if is_success(status)]
        self._success = self._by_status[successes[0]] if len(successes) == 1 else None

    def respond(self, returned: object) -> web.StreamResponse:
        """Return the response to what a handler returned. Raise ResponseValidationError for what is not declared."""
        success = self._success
        if success is not None and returned is success.last:
            return success.cached.response()
        if isinstance(returned, web.StreamResponse):
            return returned
        return self._reply(returned if isinstance(returned, Reply) else Reply(returned))

    def _reply(self, reply: Reply) -> web.StreamResponse:
        try:
            return self._documents(reply.status).response(reply.document, reply.headers)
        except ResponseValidationError as error:
            raise ResponseValidationError(f"{self._name}: {error}") from error.__cause__

    def _documents(self, status: int | None) -> StatusResponses:
        found = self._success if status is None else self._by_status.get(status)
        if found is not None:
            return found
        declared = ", ".join(map(str, self._by_status))
        if status is None:
            raise ResponseValidationError(f"no single success among {declared}: return a Reply that names its status")
        raise ResponseValidationError(f"status {status} is not declared, only {declared}")


def is_success(status: int) -> bool:
    """Return whether a status is a success, 2xx."""
    return 200 <= status < 300  # noqa: PLR2004 (RFC 9110 section 15.3)
