"""Bodies of requests: bounded while they are read, and thrown away unread.

A stream is changed in place by giving it another class, so that every way to read a body meets the bound: `read()`,
`content`, `multipart()`, `post()` and whatever else aiohttp has.
"""

import asyncio
from contextlib import suppress
from functools import cache
from typing import ClassVar

from aiohttp import StreamReader, web

LINGER_SECONDS = 0.5
"""How long what is still sent of an unread body is thrown away before the connection is closed.

Closing at once would reset the connection, and a client that is still sending would lose the answer (RFC 9112, 9.6).
"""


class BoundedStream(StreamReader):
    """A body that may have `most` bytes, counted after inflation; more make it unreadable, and are not inflated."""

    __slots__ = ()
    most: ClassVar[int]

    def feed_data(self, data: bytes, size: int = 0) -> bool:
        """Take what the parser has read; raises the 413 that readers get, which also stops the parser."""
        if self.total_bytes + len(data) > self.most:
            self.refuse()
        if (refused := self.exception()) is not None:
            raise refused
        return super().feed_data(data, size)

    def set_exception(self, exc: BaseException, *cause: BaseException) -> None:
        """Make every read raise this, unless it raises something already."""
        if self.exception() is None:
            super().set_exception(exc, *cause)

    async def wait_eof(self) -> None:
        """Wait until all has arrived; raises at once what every read raises."""
        if (refused := self.exception()) is not None:
            raise refused
        await super().wait_eof()

    def refuse(self) -> None:
        """Make every read a 413."""
        text = f"the body is larger than {self.most} bytes"
        self.set_exception(web.HTTPRequestEntityTooLarge(self.most, text=text))


class DiscardedStream(StreamReader):
    """A body that nobody reads any more; aiohttp waits for its end, as for every body, and gets nothing of it."""

    __slots__ = ()

    def feed_data(self, data: bytes, size: int = 0) -> bool:  # noqa: ARG002 (aiohttp's signature)
        """Take nothing."""
        return False

    async def readany(self) -> bytes:
        """Wait for the end."""
        await self.wait_eof()
        return b""


@cache
def _bounded_at(most: int) -> type[BoundedStream]:
    return type("BoundedStream", (BoundedStream,), {"__slots__": (), "most": most})


def bound(request: web.Request, most: int) -> None:
    """Let at most `most` bytes of the body be read; 0 is no bound, and a lower one that is set already stays."""
    body = request.content
    lower = isinstance(body, BoundedStream) and body.most <= most
    if not most or lower or not (isinstance(body, BoundedStream) or type(body) is StreamReader):
        return
    body.__class__ = _bounded_at(most)
    if isinstance(body, BoundedStream) and max(body.total_bytes, request.content_length or 0) > most:
        body.refuse()


def close_unread(request: web.Request, response: web.StreamResponse) -> None:
    """Have the connection closed after the response, if something of the body was not read.

    Nothing more of it is parsed or inflated: to read on only to find the next request is worth nothing to anyone but
    to who sends a body that grows a thousandfold.
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
    request.protocol.close()  # from here on it drops what arrives as it is
    with suppress(Exception):  # the one that every read was to raise
        body.read_nowait()  # gives the memory back
    if request.transport is not None:
        request.transport.resume_reading()
    asyncio.get_running_loop().call_later(LINGER_SECONDS, body.feed_eof)
