"""Cancellation of a statement: a server finishes it although its connection was closed.

https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-CANCELING-REQUESTS
"""

import asyncio
import socket
import ssl
import struct
from contextlib import suppress
from typing import NamedTuple

from petsage.checks.kinds.postgres.protocol import start_tls
from petsage.checks.sdk.connection import open_stream
from petsage.checks.sdk.tls import TlsPolicy

_CANCEL = 80877102
_MAX_TRIES = 3
_CLOSE_SECONDS = 0.25


class BackendSession(NamedTuple):
    """A connection that may have a statement running.

    Attributes:
        address: Host and port of the server.
        key: The backend's process number and secret, which a cancel request must have.
        tls: The context and the server's name where the connection uses TLS.
        sock: A copy of the connection's socket, which shows whether the server has closed it.
    """

    address: tuple[str, int]
    key: bytes
    tls: tuple[ssl.SSLContext, str] | None
    sock: socket.socket

    async def end(self) -> None:
        """Send cancel requests until the server closes the connection: one may arrive before the statement starts."""
        with self.sock:
            for _ in range(_MAX_TRIES):
                await self._cancel()
                if await self._is_closed():
                    return

    async def _cancel(self) -> None:
        async with open_stream(*self.address) as stream:
            if self.tls is not None:
                await start_tls(stream, TlsPolicy(*self.tls, required=True))
            await stream.send(struct.pack("!II", 8 + len(self.key), _CANCEL) + self.key)
            while await stream.receive():
                pass

    async def _is_closed(self) -> bool:
        loop = asyncio.get_running_loop()
        with suppress(TimeoutError):
            async with asyncio.timeout(_CLOSE_SECONDS):
                with suppress(ConnectionError):
                    while await loop.sock_recv(self.sock, 1 << 14):
                        pass
                return True
        return False
