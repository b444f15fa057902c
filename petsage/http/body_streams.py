"""Request bodies that are limited while they are read, or discarded.

The class of a stream is replaced in place, so that the limit applies to every way of reading a body: `read()`,
`content`, `multipart()`, `post()` and others.
"""

import asyncio
from contextlib import suppress
from functools import cache
from typing import ClassVar

from aiohttp import StreamReader, web

DISCARD_SECONDS = 0.5
"""How long the rest of an unread body is discarded before the connection is closed.

Closing at once would reset the connection, and a client that is still sending would lose the response (RFC 9112,
section 9.6).
"""


class BoundedStream(StreamReader):
    """Body of at most `most` bytes after decompression; no more are decompressed, and reading it raises a 413."""

    __slots__ = ()
    most: ClassVar[int]

    def feed_data(self, data: bytes, size: int = 0) -> bool:
        """Add data from the parser. Raise the 413 that readers get, which stops the parser."""
        if self.total_bytes + len(data) > self.most:
            self.refuse()
        if (refused := self.exception()) is not None:
            raise refused
        return super().feed_data(data, size)

    def set_exception(self, exc: BaseException, *cause: BaseException) -> None:
        """Make every read raise an error, unless it already raises one."""
        if self.exception() is None:
            super().set_exception(exc, *cause)

    async def wait_eof(self) -> None:
        """Wait for the end of the body. Raise at once what every read raises."""
        if (refused := self.exception()) is not None:
            raise refused
        await super().wait_eof()

    def refuse(self) -> None:
        """Make every read raise a 413."""
        text = f"the body is larger than {self.most} bytes"
        self.set_exception(web.HTTPRequestEntityTooLarge(self.most, text=text))


class DiscardedStream(StreamReader):
    """Body that is discarded; aiohttp still waits for its end."""

    __slots__ = ()

    def feed_data(self, data: bytes, size: int = 0) -> bool:  # noqa: ARG002 (aiohttp's signature)
        """Discard data."""
        return False

    async def readany(self) -> bytes:
        """Wait for the end."""
        await self.wait_eof()
        return b""


@cache
def _bounded_at(most: int) -> type[BoundedStream]:
    return type("BoundedStream", (BoundedStream,), {"__slots__": (), "most": most})


def limit_body(request: web.Request, most: int) -> None:
    """Limit a body to `most` bytes; 0 is no limit, and a lower limit is kept."""
    body = request.content
    lower = isinstance(body, BoundedStream) and body.most <= most
    if not most or lower or not (isinstance(body, BoundedStream) or type(body) is StreamReader):
        return
    body.__class__ = _bounded_at(most)
    if isinstance(body, BoundedStream) and max(body.total_bytes, request.content_length or 0) > most:
        body.refuse()


def close_unread(request: web.Request, response: web.StreamResponse) -> None:
    """Close the connection after the response, unless the body was read to its end.

    The rest is neither parsed nor decompressed: reading it would only help a client that sends a decompression bomb.
    """
    body = request.content
    if body.at_eof():
        return
    response.force_close()
    response.headers["Connection"] = "close"
    if not body.is_eof():
        _discard(request, body)


def _discard(request: web.Request, body: StreamReader) -> None:
    body.__class__ = DiscardedStream
    request.protocol.close()  # aiohttp drops further input unparsed
    with suppress(Exception):  # the error that every read raises
        body.read_nowait()  # frees the memory
    if request.transport is not None:
        request.transport.resume_reading()
    asyncio.get_running_loop().call_later(DISCARD_SECONDS, body.feed_eof)
