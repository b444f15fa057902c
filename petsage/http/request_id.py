"""Id of the current request: the client's, or one that is generated when something is logged."""

import logging
import os
import re
from contextvars import ContextVar

from aiohttp import web
from multidict import istr

HEADER = istr("X-Request-ID")
_VALID = re.compile(r"[A-Za-z0-9._:+/=@-]{1,128}")


class RequestId:
    """Id of one request.

    The client's id is used if it has 1 to 128 letters, digits or `._:+/=@-`; otherwise 16 hex digits are generated when
    `value` is first read. `known` is the id, None before there is one.
    """

    known: str | None = None

    def take_over(self, given: str) -> None:
        """Use the client's id, if it is valid."""
        if _VALID.fullmatch(given):
            self.known = given

    @property
    def value(self) -> str:
        """Id of the request, generated if there is none yet."""
        if self.known is None:
            self.known = os.urandom(8).hex()
        return self.known


_current: ContextVar[RequestId | None] = ContextVar("petsage_request_id", default=None)


def set_request_id(request: web.BaseRequest) -> RequestId:
    """Set the id of a request for the rest of the current task, and return it."""
    request_id = RequestId()
    given = request.headers.get(HEADER)
    if given is not None:
        request_id.take_over(given)
    _current.set(request_id)
    return request_id


class RequestIdFilter(logging.Filter):
    """Adds `request_id` to log records: the id of the current request, or an empty text."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Add the id; drop no record."""
        current = _current.get()
        record.request_id = current.value if current is not None else ""
        return True


async def echo_request_id(_: web.BaseRequest, response: web.StreamResponse) -> None:
    """Add the id to a response before it is sent; a receiver of `app.on_response_prepare`, for streams."""
    current = _current.get()
    if current is not None and current.known is not None:
        response.headers[HEADER] = current.known
