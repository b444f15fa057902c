"""Requests that are refused before they are handled: malformed ones, and what is not supported (RFC 9110 and 9112)."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from aiohttp import HttpVersion10, HttpVersion11, hdrs, web
from aiohttp.http_exceptions import (
    BadHttpMethod,
    BadStatusLine,
    HttpProcessingError,
    InvalidHeader,
    InvalidURLError,
    LineTooLong,
    PayloadEncodingError,
)

from petsage.http._aiohttp import OTHER_VERSION, TLS_RECEIVED, TOO_MANY_FIELDS
from petsage.text import first_line

MAX_LINE = 8190
"""Bytes of a request line that are kept until it is complete; longer ones are left to aiohttp's own limit."""

_HOST_FIELD, _EXPECT = hdrs.HOST, hdrs.EXPECT
_VERSIONS = (HttpVersion11, HttpVersion10)
_MAX_REASON = 80
_SHOWN = 512
"""Bytes of an unusual request line that are examined."""

_TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}"
_WITH_VERSION = re.compile(rb" [A-Z]{1,16}/\d\.\d$")
_WITHOUT_VERSION = re.compile(_TOKEN + rb" [!-~]+$")
_METHOD = re.compile(rb"'(" + _TOKEN + rb") [!-~]+ HTTP/1\.[01]'")
_LINE_START = re.compile(rb"[A-Z]{1,16} /")
_HOST = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=%-]*|\[[0-9A-Za-z:.%]*\])(?::[0-9]*)?")


class Refusal(NamedTuple):
    """Status, and what is wrong, for the client and the log; no part of the request is repeated."""

    status: int
    detail: str


def refusal_of_line(line: bytes) -> Refusal | None:
    """Return the refusal of a request line (without its line end), or None to leave it to aiohttp's parser."""
    if len(line) > _SHOWN:
        line = line[: _SHOWN // 2] + line[-_SHOWN // 2 :]
    if _WITH_VERSION.search(line):
        return None if line.endswith((b" HTTP/1.1", b" HTTP/1.0")) else _OTHER_VERSION
    return Refusal(400, "the request line has no HTTP version") if _WITHOUT_VERSION.fullmatch(line) else None


class RequestLine:
    """First line of a connection, which may arrive in pieces."""

    __slots__ = ("_received", "complete")

    def __init__(self) -> None:
        self._received = b""
        self.complete = False

    def feed(self, data: bytes) -> Refusal | None:
        """Add input; return the refusal of a complete line that is not valid."""
        if data.find(b" HTTP/1.", 0, max(0, data.find(b"\r\n"))) > 0:  # nearly all, in one piece
            self.complete = True
            return None
        received = self._received + data
        line, end, _ = received.lstrip(b"\r\n").partition(b"\n")
        self.complete = bool(end) or len(received) > MAX_LINE
        self._received = b"" if self.complete else received
        return refusal_of_line(line.removesuffix(b"\r")) if end else None


def refusal_of_error(error: HttpProcessingError) -> Refusal:
    """Return the refusal that corresponds to an error of aiohttp's parser."""
    for kind, refusal_of in _BY_KIND.items():
        if isinstance(error, kind):
            return refusal_of(error)
    if error.message.startswith(TOO_MANY_FIELDS):
        return Refusal(431, "the request has too many header fields")
    return Refusal(400, f"malformed request: {_reason(error)}")


def refusal_of_request(request: web.BaseRequest) -> Refusal | None:
    """Return the refusal of a request that aiohttp's parser accepted, or None."""
    headers, version = request.headers, request.version
    if version is not HttpVersion11 and version not in _VERSIONS:  # the C parser uses these two objects
        return _OTHER_VERSION
    if not _is_host(headers.get(_HOST_FIELD, "")):
        return Refusal(400, "the Host field is not a host and port")
    if request.method == "CONNECT":
        return Refusal(501, "CONNECT is for proxies")
    if _EXPECT in headers and headers[_EXPECT].lower() != "100-continue":
        return Refusal(417, "the only supported expectation is 100-continue")
    return None


@lru_cache(maxsize=64)
def _is_host(value: str) -> bool:
    return _HOST.fullmatch(value) is not None


def _of_long_line(error: HttpProcessingError) -> Refusal:
    start, limit = error.args[:2]
    # the C parser passes the target as a bytearray, the Python parser the line; both pass fields as bytes
    if isinstance(start, bytearray) or _LINE_START.match(start):
        return Refusal(414, f"the request target is longer than {limit} bytes")
    return Refusal(431, f"a header field is longer than {limit} bytes")


def _of_method(error: HttpProcessingError) -> Refusal:
    if error.message.startswith(TLS_RECEIVED):
        return Refusal(400, "the client speaks TLS, but this is a plain HTTP port")
    if _METHOD.search(error.message[:_SHOWN].encode(errors="replace")):
        return Refusal(501, "the method is not supported")
    return Refusal(400, "malformed request line")


def _of_version(error: HttpProcessingError) -> Refusal:
    if OTHER_VERSION in error.message[:_SHOWN]:
        return _OTHER_VERSION
    return Refusal(400, "malformed request line")


def _of_target(_: HttpProcessingError) -> Refusal:
    return Refusal(400, "the request target is malformed")


def _of_field(_: HttpProcessingError) -> Refusal:
    return Refusal(400, "a header field is malformed")


def _of_chunks(_: HttpProcessingError) -> Refusal:
    return Refusal(400, "malformed request: Invalid chunk")


def _reason(error: HttpProcessingError) -> str:
    """Return the parser's message without the part of the request that follows it."""
    return first_line(error.message, _MAX_REASON).rstrip(":").partition(": ")[0]


_OTHER_VERSION = Refusal(505, "only HTTP/1.1 and HTTP/1.0 are supported")
_BY_KIND: dict[type[HttpProcessingError], Callable[[HttpProcessingError], Refusal]] = {
    LineTooLong: _of_long_line,  # first, should it become a subclass of one below
    BadHttpMethod: _of_method,
    BadStatusLine: _of_version,
    InvalidURLError: _of_target,
    InvalidHeader: _of_field,
    PayloadEncodingError: _of_chunks,
}
