"""Ending a statement that nobody waits for any more: a server goes on with it after its connection is closed.

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
_END_SECONDS = 0.25


class BackendSession(NamedTuple):
    """A connection that may be asking something: how to reach its server, what names it there, and its socket.

    The socket is a copy, which shows whether the server has ended the connection.
    """

    address: tuple[str, int]
    key: bytes
    tls: tuple[ssl.SSLContext, str] | None
    sock: socket.socket

    async def end(self) -> None:
        """Cancel what goes on, until the server ends the connection: it may not have begun when it is cancelled."""
        with self.sock:
            for _ in range(_MAX_TRIES):
                await self._cancel()
                if await self._is_ended():
                    return

    async def _cancel(self) -> None:
        async with open_stream(*self.address) as stream:
            if self.tls is not None:
                await start_tls(stream, TlsPolicy(*self.tls, required=True))
            await stream.send(struct.pack("!II", 8 + len(self.key), _CANCEL) + self.key)
            while await stream.receive():
                pass

    async def _is_ended(self) -> bool:
        loop = asyncio.get_running_loop()
        with suppress(TimeoutError):
            async with asyncio.timeout(_END_SECONDS):
                with suppress(ConnectionError):
                    while await loop.sock_recv(self.sock, 1 << 14):
                        pass
                return True
        return False
