"""Close a connection without a reset: send the last response, then read and discard until the client closes."""

import asyncio
from time import monotonic
from typing import Any

from aiohttp import web

LINGER_SECONDS = 2.0
"""How long input is read and discarded after the last response.

Closing at once would reset the connection, and the client could lose the response (RFC 9112, section 9.6).
"""

MAX_LINGER_BYTES = 1024 * 1024
"""How many bytes are discarded before the connection is closed anyway."""


class LingeringHandler(web.RequestHandler):
    """Protocol handler of one connection that can linger before it closes."""

    __slots__ = ("_closed", "_discarding", "_inspecting", "_linger_end", "_link", "_received")

    def __init__(self, server: web.Server, loop: asyncio.AbstractEventLoop, **options: Any) -> None:
        super().__init__(server, loop=loop, lingering_time=LINGER_SECONDS, **options)
        self._link: asyncio.Transport | None = None  # aiohttp's own `transport` is None earlier
        self._closed: asyncio.Future[None] | None = None
        self._discarding = False
        self._inspecting = True  # whether input is examined before aiohttp parses it
        self._linger_end: float | None = None
        self._received = 0  # bytes since the connection began to wait for a request

    async def linger(self) -> None:
        """Send nothing more, and discard input until the client closes the connection or its time is over."""
        if self._link is not None and not self._link.is_closing():
            self._closed = asyncio.get_running_loop().create_future()
            self._start_lingering(self._link)
            await self._closed

    def _start_lingering(self, link: asyncio.Transport) -> None:
        self._discard_input()
        self._linger_end = monotonic() + LINGER_SECONDS
        self._received = 0
        try:
            link.write_eof()
        except (OSError, RuntimeError):  # the client has closed the connection
            link.abort()

    def _discard_input(self) -> None:
        self._discarding = self._inspecting = True

    def _bound_discarded(self) -> None:
        if self._linger_end is not None and self._received > MAX_LINGER_BYTES:
            self.force_close()
