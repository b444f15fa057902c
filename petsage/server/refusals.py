"""Requests that are refused before they are handled: malformed ones, and what HTTP/1.1 has and nobody serves here.

The answers are those of RFC 9110 and 9112, as problem documents (RFC 9457), and each closes its connection.
"""

import json
import re
from collections.abc import Awaitable, Callable
from email.utils import formatdate
from functools import lru_cache
from typing import NamedTuple

from aiohttp import HttpVersion10, HttpVersion11, hdrs, web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http_exceptions import (
    BadHttpMethod,
    BadStatusLine,
    HttpProcessingError,
    InvalidHeader,
    InvalidURLError,
    LineTooLong,
    PayloadEncodingError,
)

from petsage.http._aiohttp import server_name
from petsage.http.problems import HEADERS, title_of
from petsage.text import first_line

_HOST_FIELD, _EXPECT = hdrs.HOST, hdrs.EXPECT
_VERSIONS = (HttpVersion11, HttpVersion10)
_MAX_REASON = 80
_SHOWN = 512
"""Bytes of a request line that are looked at when it is no ordinary one."""

_TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}"
_WITH_VERSION = re.compile(rb" [A-Z]{1,16}/\d\.\d$")
_WITHOUT_VERSION = re.compile(_TOKEN + rb" [!-~]+$")
_METHOD = re.compile(rb"'(" + _TOKEN + rb") [!-~]+ HTTP/1\.[01]'")
_LINE_START = re.compile(rb"[A-Z]{1,16} /")
_HOST = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=%-]*|\[[0-9A-Za-z:.%]*\])(?::[0-9]*)?")


class Refusal(NamedTuple):
    """A status, and what is wrong, for the client and the log: nothing of the request is repeated."""

    status: int
    detail: str


class RefusalResponse(web.Response):
    """The answer of a refusal: HTTP/1.1 whatever was asked, and `linger` is awaited before the connection is closed."""

    def __init__(self, refusal: Refusal, linger: Callable[[], Awaitable[None]], *, body: bool = True) -> None:
        super().__init__(status=refusal.status)
        self.force_close()
        self._refusal, self._linger, self._with_body = refusal, linger, body

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """Send the whole of it."""
        await request.writer.write_eof(message(self._refusal, body=self._with_body))
        return request.writer

    async def write_eof(self, data: bytes = b"") -> None:  # noqa: ARG002 (aiohttp's signature)
        """Wait until the client has had the time to read it."""
        await self._linger()


def message(refusal: Refusal, *, body: bool = True) -> bytes:
    """Return the whole answer as it goes over the wire; without `body` for a HEAD request."""
    status, detail = refusal
    document = {"type": "about:blank", "title": title_of(status), "status": status, "detail": detail}
    encoded = json.dumps(document).encode()
    fields = {
        **HEADERS,
        hdrs.CONTENT_LENGTH: str(len(encoded)),
        hdrs.DATE: formatdate(usegmt=True),
        hdrs.SERVER: server_name(),
        hdrs.CONNECTION: "close",
    }
    lines = [f"HTTP/1.1 {status} {title_of(status)}", *(f"{name}: {value}" for name, value in fields.items())]
    return "\r\n".join([*lines, "", ""]).encode() + (encoded if body else b"")


def of_line(line: bytes) -> Refusal | None:
    """Judge a request line without its end; None leaves it to aiohttp's parser."""
    if len(line) > _SHOWN:
        line = line[: _SHOWN // 2] + line[-_SHOWN // 2 :]
    if _WITH_VERSION.search(line):
        return None if line.endswith((b" HTTP/1.1", b" HTTP/1.0")) else _OTHER_VERSION
    return Refusal(400, "the request line has no HTTP version") if _WITHOUT_VERSION.fullmatch(line) else None


def of_error(error: HttpProcessingError) -> Refusal:
    """Judge what aiohttp's parser raised."""
    for kind, judge in _BY_KIND.items():
        if isinstance(error, kind):
            return judge(error)
    if error.message.startswith("Too many headers"):
        return Refusal(431, "the request has too many header fields")
    return Refusal(400, f"malformed request: {_reason(error)}")


def of_request(request: web.BaseRequest) -> Refusal | None:
    """Judge a request that aiohttp's parser let pass; None for nearly all."""
    headers, version = request.headers, request.version
    if version is not HttpVersion11 and version not in _VERSIONS:  # the parser in C has one object for each
        return _OTHER_VERSION
    if not _is_host(headers.get(_HOST_FIELD, "")):
        return Refusal(400, "the Host field is no host and port")
    if request.method == "CONNECT":
        return Refusal(501, "CONNECT is for proxies")
    if _EXPECT in headers and headers[_EXPECT].lower() != "100-continue":
        return Refusal(417, "the only expectation that is met here is 100-continue")
    return None


@lru_cache(maxsize=64)
def _is_host(value: str) -> bool:
    return _HOST.fullmatch(value) is not None


def _of_long_line(error: HttpProcessingError) -> Refusal:
    start, limit = error.args[:2]
    if isinstance(start, bytearray) or _LINE_START.match(
        start
    ):  # the target in C, the line in Python; fields are bytes
        return Refusal(414, f"the request target is longer than {limit} bytes")
    return Refusal(431, f"a header field is longer than {limit} bytes")


def _of_method(error: HttpProcessingError) -> Refusal:
    if error.message.startswith("Received HTTPS"):
        return Refusal(400, "TLS was spoken where plain HTTP is")
    if _METHOD.search(error.message[:_SHOWN].encode(errors="replace")):
        return Refusal(501, "the method is not known here")
    return Refusal(400, "malformed request line")


def _of_version(error: HttpProcessingError) -> Refusal:
    return (
        _OTHER_VERSION if "Invalid HTTP version" in error.message[:_SHOWN] else Refusal(400, "malformed request line")
    )


def _of_target(_: HttpProcessingError) -> Refusal:
    return Refusal(400, "the request target is malformed")


def _of_field(_: HttpProcessingError) -> Refusal:
    return Refusal(400, "a header field is malformed")


def _of_chunks(_: HttpProcessingError) -> Refusal:
    return Refusal(400, "malformed request: Invalid chunk")


def _reason(error: HttpProcessingError) -> str:
    """Return the parser's own words, which stand before the part of the request that it shows."""
    return first_line(error.message, _MAX_REASON).rstrip(":").partition(": ")[0]


_OTHER_VERSION = Refusal(505, "only HTTP/1.1 and HTTP/1.0 are served here")
_BY_KIND: dict[type[HttpProcessingError], Callable[[HttpProcessingError], Refusal]] = {
    LineTooLong: _of_long_line,  # before InvalidHeader and BadHttpMessage, should it become a kind of them
    BadHttpMethod: _of_method,
    BadStatusLine: _of_version,
    InvalidURLError: _of_target,
    InvalidHeader: _of_field,
    PayloadEncodingError: _of_chunks,
}
