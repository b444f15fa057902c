"""From a record to the bytes of an answer: dumped and validated for each request, unless its author has them reused."""

from collections.abc import Mapping
from typing import Any

from aiohttp import web
from marshmallow import Schema
from multidict import CIMultiDict

from petsage.http.cached_response import Kept
from petsage.http.encoding import BadAnswer, encode, is_named_tuple, loader_of_dumps
from petsage.http.problems import MEDIA_TYPE, ProblemSchema

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
        self.kept = Kept(status, self._headers, None)
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
        self.kept, self.last = Kept(self._status, self._headers, body), document
        return self.kept.response()

    def _body(self, document: object) -> bytes | None:
        if self._schema is not None:
            self._checker = self._checker or loader_of_dumps(self._schema)
            return encode(self._schema, self._checker, document)
        if document is not None:
            raise BadAnswer(f"{self._status} is declared to have no body, but got {type(document).__name__}")
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
