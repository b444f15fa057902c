"""Pre-encoded responses: the bytes are made once a second, not once a request."""

from email.utils import formatdate
from time import time

from aiohttp import HttpVersion11, hdrs, web
from multidict import CIMultiDict

from petsage.http._aiohttp import HAS_LAZY_RESPONSE, LazyResponse, server_name


class CachedResponse:
    """Status, headers and body that many requests share; `response()` makes the response to one of them."""

    __slots__ = ("_encoded", "_second", "body", "headers", "reason", "status")

    def __init__(self, status: int, headers: CIMultiDict[str], body: bytes | None) -> None:
        self.status = status
        self.reason = web.Response(status=status).reason
        self.headers = headers
        self.body = body
        self._second = -1
        self._encoded = b""

    def response(self) -> web.Response:
        """Return a response that may be changed like any other; an unchanged one costs little to send."""
        if HAS_LAZY_RESPONSE:
            return LazyResponse(self)
        return web.Response(status=self.status, headers=self.headers, body=self.body)

    def encoded(self) -> bytes:
        """Return the bytes that aiohttp would send over a persistent HTTP/1.1 connection.

        The body must not be empty: whether a message without one has a length depends on method and status (RFC 9110,
        section 8.6). Raise ValueError for a header that holds a control character.
        """
        second = int(time())
        if second != self._second:
            self._second = second
            self._encoded = self._encode(second)
        return self._encoded

    def suits(self, request: web.BaseRequest) -> bool:
        """Return whether the encoded bytes answer the request: GET over HTTP/1.1, kept alive, with no active receiver.

        A receiver of the signal `on_response_prepare` is skipped while it has a true attribute `idle`.
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

    def _encode(self, second: int) -> bytes:
        body = self.body or b""
        headers = CIMultiDict(self.headers)
        headers.setdefault(hdrs.CONTENT_LENGTH, str(len(body)))
        headers.setdefault(hdrs.CONTENT_TYPE, "application/octet-stream")
        headers.setdefault(hdrs.DATE, formatdate(second, usegmt=True))
        headers.setdefault(hdrs.SERVER, server_name())
        lines = [f"HTTP/1.1 {self.status} {self.reason}", *(f"{name}: {value}" for name, value in headers.items())]
        if not all(map(_is_one_line, lines)):
            raise ValueError("a header holds a control character")
        return "\r\n".join([*lines, "", ""]).encode() + body


def _is_one_line(line: str) -> bool:
    """Return whether a header line holds no line break or other control character (RFC 9110, section 5.5)."""
    return all(character == "\t" or " " <= character != "\x7f" for character in line)
