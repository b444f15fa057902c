"""Connections for checks that speak a protocol themselves: whatever the peer does, only so much of it is read."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from aiohappyeyeballs import start_connection

from petsage.checks.model import CheckFailed, Code
from petsage.checks.sdk.errors import format_address, timeout_reason, translate_errors
from petsage.checks.sdk.tls import TlsEngine
from petsage.checks.threads import Address, resolve
from petsage.fields import format_size

MAX_BYTES = 256 << 10
"""Bytes that are read from a peer unless a kind says otherwise: each reads lines and messages of at most 64 KiB."""

READ_BYTES = 16 << 10
"""Bytes that are read at a time: the event loop turns before the next are looked at."""


class Stream:
    """A connected socket; what goes wrong on it is raised as a public reason. At most `most` bytes are read from it."""

    def __init__(self, sock: socket.socket, where: str, most: int = MAX_BYTES) -> None:
        self.sock = sock
        self.where = where
        self.tls: TlsEngine | None = None
        self._loop = asyncio.get_running_loop()
        self._most = most
        self._read = 0

    async def send(self, data: bytes) -> None:
        """Send all of it."""
        with translate_errors(self.where), timeout_reason(f"connected, but {self.where} takes nothing"):
            try:
                await self._loop.sock_sendall(self.sock, self.tls.sealed(data) if self.tls else data)
            except OSError as error:
                raise self.why(error) from None

    def why(self, error: Exception) -> Exception:
        """Return the alert of TLS by which the peer told why it broke off, if it sent one before that; else the error.

        Whoever sends meets the broken connection first, and the alert is still to be read.
        """
        if self.tls is None or not isinstance(error, OSError) or isinstance(error, ssl.SSLError):
            return error
        try:
            while data := self.sock.recv(READ_BYTES):
                self.tls.feed(data)
                self.tls.opened()
        except ssl.SSLError as alert:
            return alert
        except OSError:
            return error
        return error

    async def receive(self, most: int = 4096) -> bytes:
        """Return what has come, at least a byte and at most `most` of what is not encrypted; nothing at the end."""
        with translate_errors(self.where), timeout_reason(f"connected, but {self.where} says nothing"):
            return await self._receive(most) if self.tls is None else await self._opened(self.tls)

    async def receive_some(self, count: int) -> bytes:
        """Return at least `count` bytes, or fewer where the peer ends after saying something."""
        data = bytearray()
        while len(data) < count and (more := await self.receive()):
            data += more
        if not data:
            raise CheckFailed(f"{self.where} closed the connection without an answer", code=Code.CLOSED)
        return bytes(data)

    async def secure(self, context: ssl.SSLContext, server_name: str) -> TlsEngine:
        """Go on in TLS, and return that side of the connection; raise what `ssl` raises, and other OSErrors."""
        tls = TlsEngine(context, server_name)
        with timeout_reason(f"connected, but {self.where} says nothing"):
            while not tls.shake_hands():
                await self._loop.sock_sendall(self.sock, tls.to_send())
                tls.feed(await self._receive(READ_BYTES))
            await self._loop.sock_sendall(self.sock, tls.to_send())
        self.tls = tls
        return tls

    async def part(self) -> None:
        """Say goodbye in TLS, so that the peer does not log a connection that broke off; it may be gone already."""
        if self.tls is not None:
            with suppress(OSError), timeout_reason(f"connected, but {self.where} takes nothing"):
                await self._loop.sock_sendall(self.sock, self.tls.goodbye())

    def cut_off(self) -> CheckFailed:
        """Return what to raise when the peer's end comes in the middle of its answer."""
        return CheckFailed(f"{self.where} closed the connection in the middle of its answer", code=Code.CLOSED)

    def count(self, received: int) -> None:
        """Count bytes of the peer; raise `CheckFailed` when they are more than are ever needed."""
        self._read += received
        if self._read > self._most:
            text = f"{self.where} sent more than {format_size(self._most)}, and no complete answer"
            raise CheckFailed(text, code=Code.PROTOCOL)

    def allow(self, more: int) -> None:
        """Let the peer send so many bytes more."""
        self._most += more

    async def _receive(self, most: int) -> bytes:
        data = await self._loop.sock_recv(self.sock, most)
        self.count(len(data))
        return data

    async def _opened(self, tls: TlsEngine) -> bytes:
        while (data := tls.opened()) is None:
            tls.feed(await self._receive(READ_BYTES))
        return data


async def resolve_host(host: str, port: int) -> list[Address]:
    """Resolve a host in a daemon thread; what goes wrong is raised as a public reason."""
    with translate_errors(format_address(host, port)), timeout_reason(f"the name server says nothing about {host}"):
        return await resolve(host, port)


async def connect(host: str, port: int) -> socket.socket:
    """Connect by TCP, to addresses of both families as RFC 8305 has it; the caller closes the socket."""
    found = await resolve_host(host, port)
    where = format_address(host, port)
    with translate_errors(where), timeout_reason(f"no answer from {where}"):
        return await start_connection(found, happy_eyeballs_delay=0.25)


@asynccontextmanager
async def open_stream(host: str, port: int, most: int = MAX_BYTES) -> AsyncIterator[Stream]:
    """Enter with a connection; leaving closes it, whatever happens."""
    with await connect(host, port) as sock:
        yield Stream(sock, format_address(host, port), most)
