"""Answers that are given again and again: their bytes are there before the request is."""

from email.utils import formatdate
from time import time
from typing import Any

from aiohttp import HttpVersion11, hdrs, web, web_response
from aiohttp.abc import AbstractStreamWriter
from multidict import CIMultiDict


class CachedResponse:
    """A status, headers and a body that many requests get; `response()` is one request's own."""

    __slots__ = ("_second", "_wire", "body", "headers", "reason", "status")

    def __init__(self, status: int, headers: CIMultiDict[str], body: bytes | None) -> None:
        self.status = status
        self.reason = web.Response(status=status).reason
        self.headers = headers
        self.body = body
        self._second = -1
        self._wire = b""

    def response(self) -> "CachedWebResponse":
        """Return a response that may be changed like any other, and is cheap as long as nobody does."""
        return CachedWebResponse(self)

    def wire(self) -> bytes:
        """Return all that goes to a client of HTTP/1.1 whose connection stays open, as aiohttp would write it.

        There is a body: whether a message without one has a length depends on method and status (RFC 9110, 8.6).
        """
        second = int(time())
        if second != self._second:
            self._second = second
            self._wire = self._written(second)
        return self._wire

    def _written(self, second: int) -> bytes:
        body = self.body or b""
        headers = CIMultiDict(self.headers)
        headers.setdefault(hdrs.CONTENT_LENGTH, str(len(body)))
        headers.setdefault(hdrs.CONTENT_TYPE, "application/octet-stream")
        headers.setdefault(hdrs.DATE, formatdate(second, usegmt=True))
        headers.setdefault(hdrs.SERVER, vars(web_response)["SERVER_SOFTWARE"])
        lines = [f"HTTP/1.1 {self.status} {self.reason}", *(f"{name}: {value}" for name, value in headers.items())]
        if not all(map(_is_one_line, lines)):
            raise ValueError("a header holds a control character")
        return "\r\n".join([*lines, "", ""]).encode() + body


def _is_one_line(line: str) -> bool:
    """Say whether a line of a header is what it seems (RFC 9110, 5.5): another could follow a line break in it."""
    return all(character == "\t" or " " <= character != "\x7f" for character in line)


class _Shared:
    """An attribute of what is kept; assigning it gives the response its own."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, response: "CachedWebResponse", _: object) -> Any:
        return getattr(response._kept, self._name)  # noqa: SLF001 (of one response)


class CachedWebResponse(web.Response):
    """One request's share of what is kept.

    Whatever is changed becomes an entry of the instance's `__dict__`; with any but the first two, with another status,
    and for a request that is not an ordinary one, it leaves as every other response does.
    """

    __http_exception__ = False  # aiohttp asks for it each time
    _reason = _Shared("reason")
    _body = _Shared("body")

    def __init__(self, kept: CachedResponse) -> None:
        self._kept = kept  # the base class's part is left until somebody asks for what it makes
        self._status = kept.status

    def __getattr__(self, name: str) -> Any:
        """Become a whole response, as for whoever asks for headers; what was changed by now stays."""
        changed = dict(vars(self))
        super().__init__(status=self._kept.status, headers=self._kept.headers, body=self._kept.body)
        vars(self).update(changed)
        try:
            return vars(self)[name]
        except KeyError:
            raise AttributeError(f"{type(self).__name__} has no attribute '{name}'") from None

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """Send it; with `write_eof` there is nothing left to do then."""
        kept = self._kept
        changed = len(vars(self)) > len(("_kept", "_status")) or self._status != kept.status
        if changed or not kept.body or not _is_ordinary(request):
            return await super().prepare(request)
        writer = request.writer
        await writer.write_eof(kept.wire())
        self._keep_alive = self._eof_sent = True
        self._body_length = writer.output_size
        return writer


def _is_ordinary(request: web.BaseRequest) -> bool:
    """Say whether the bytes that are there are the answer, and nobody is to see it first.

    A receiver of the signal `on_response_prepare` is passed over while it has an attribute `idle` that is true.
    """
    if request.method != hdrs.METH_GET or request.version != HttpVersion11 or not request.keep_alive:
        return False
    if not isinstance(request, web.Request):
        return False
    for app in request.match_info.apps:
        for receiver in app.on_response_prepare:
            if not getattr(receiver, "idle", False):
                return False
    return True
