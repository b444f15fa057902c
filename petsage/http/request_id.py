"""The id of the request that is being answered: taken over from the client, or made up once something is logged."""

import logging
import os
import re
from contextvars import ContextVar

from aiohttp import web
from multidict import istr

HEADER = istr("X-Request-ID")
_SANE = re.compile(r"[A-Za-z0-9._:+/=@-]{1,128}")


class RequestId:
    """The id of one request.

    The client's is taken over when it has 1 to 128 letters, digits or `._:+/=@-`; otherwise 16 hex digits are made up
    when `value` is first asked for. `known` is the id if there is one by now.
    """

    known: str | None = None

    def take_over(self, given: str) -> None:
        """Use the client's id, if it is sane."""
        if _SANE.fullmatch(given):
            self.known = given

    @property
    def value(self) -> str:
        """The id, made up now if there is none yet."""
        if self.known is None:
            self.known = os.urandom(8).hex()
        return self.known


_current: ContextVar[RequestId | None] = ContextVar("petsage_request_id", default=None)


def begin(request: web.BaseRequest) -> RequestId:
    """Make the request's id the current one, for the rest of the task that answers it."""
    request_id = RequestId()
    given = request.headers.get(HEADER)
    if given is not None:
        request_id.take_over(given)
    _current.set(request_id)
    return request_id


class RequestIdFilter(logging.Filter):
    """Gives every log record a `request_id`: the id of the request during which it was emitted, else an empty text."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass."""
        current = _current.get()
        record.request_id = current.value if current is not None else ""
        return True


async def echo_request_id(_: web.BaseRequest, response: web.StreamResponse) -> None:
    """Put the id on a response that is about to leave; for `app.on_response_prepare`, so that streams have it too."""
    current = _current.get()
    if current is not None and current.known is not None:
        response.headers[HEADER] = current.known
