"""TCP and TLS connections for kinds that implement a protocol; how much is read from a peer is limited."""

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
"""Bytes that are read from a peer unless a kind sets another limit; the kinds here read messages of at most 64 KiB."""

READ_BYTES = 16 << 10
"""Bytes that are read at a time, so that the event loop runs between two reads."""


class Stream:
    """A connected socket, optionally with TLS; errors of the network are raised as `CheckFailed` with a public reason.

    Arguments:
        sock: A connected, non-blocking socket; the code that opened it closes it.
        where: The peer's address, as reasons name it.
        max_bytes: How many bytes may be received in all, TLS records included; more raise `CheckFailed`.

    Attributes:
        sock: The socket.
        where: The peer's address, as reasons name it.
        tls: The TLS engine of the connection, None while it is not encrypted.
    """

    def __init__(self, sock: socket.socket, where: str, max_bytes: int = MAX_BYTES) -> None:
        self.sock = sock
        self.where = where
        self.tls: TlsEngine | None = None
        self._loop = asyncio.get_running_loop()
        self._max_bytes = max_bytes
        self._received = 0

    async def send(self, data: bytes) -> None:
        """Send all of `data`; raise `CheckFailed` when the connection breaks."""
        with translate_errors(self.where), timeout_reason(f"connected, but {self.where} accepts nothing"):
            try:
                await self._loop.sock_sendall(self.sock, self.tls.encrypt(data) if self.tls else data)
            except OSError as error:
                raise self.find_alert(error) from None

    def find_alert(self, error: Exception) -> Exception:
        """Return the TLS alert that the peer sent before the connection broke, or `error` when there is none.

        Sending fails with the broken connection, while the alert that explains it has not been read yet.
        """
        if self.tls is None or not isinstance(error, OSError) or isinstance(error, ssl.SSLError):
            return error
        try:
            while data := self.sock.recv(READ_BYTES):
                self.tls.feed(data)
                self.tls.read()
        except ssl.SSLError as alert:
            return alert
        except OSError:
            return error
        return error

    async def receive(self, max_bytes: int = 4096) -> bytes:
        """Return the next bytes, at least one, or `b""` at the end of the connection.

        Arguments:
            max_bytes: How many bytes are returned at most while the connection is not encrypted.

        Raises:
            CheckFailed: The connection broke, or the peer sent more than the stream's limit.
        """
        with translate_errors(self.where), timeout_reason(f"connected, but {self.where} sends nothing"):
            return await self._receive(max_bytes) if self.tls is None else await self._decrypt(self.tls)

    async def receive_some(self, count: int) -> bytes:
        """Return at least `count` bytes, or fewer when the connection ends after the first of them.

        Raises:
            CheckFailed: As `receive`, and when the connection ends before the first byte.
        """
        data = bytearray()
        while len(data) < count and (more := await self.receive()):
            data += more
        if not data:
            raise CheckFailed(f"{self.where} closed the connection without an answer", code=Code.CLOSED)
        return bytes(data)

    async def start_tls(self, context: ssl.SSLContext, server_name: str) -> TlsEngine:
        """Complete a TLS handshake, and encrypt from then on.

        Arguments:
            context: A context for clients.
            server_name: The name that is sent as SNI, and that the certificate must be for.

        Raises:
            OSError: The handshake failed, as `ssl` or the socket raises it; `translate_errors` makes a reason of it.
            CheckFailed: The peer sent more than the stream's limit.
        """
        tls = TlsEngine(context, server_name)
        with timeout_reason(f"connected, but {self.where} sends nothing"):
            while not tls.handshake():
                await self._loop.sock_sendall(self.sock, tls.take_output())
                tls.feed(await self._receive(READ_BYTES))
            await self._loop.sock_sendall(self.sock, tls.take_output())
        self.tls = tls
        return tls

    async def close_tls(self) -> None:
        """Send TLS's close_notify, so that the peer logs no broken connection; do nothing without TLS."""
        if self.tls is not None:
            with suppress(OSError), timeout_reason(f"connected, but {self.where} accepts nothing"):
                await self._loop.sock_sendall(self.sock, self.tls.close_notify())

    def truncated(self) -> CheckFailed:
        """Return the exception for a connection that ends within an answer."""
        return CheckFailed(f"{self.where} closed the connection in the middle of its answer", code=Code.CLOSED)

    def count_received(self, count: int) -> None:
        """Count bytes that were received; raise `CheckFailed` beyond the limit."""
        self._received += count
        if self._received > self._max_bytes:
            text = f"{self.where} sent more than {format_size(self._max_bytes)}, and no complete answer"
            raise CheckFailed(text, code=Code.PROTOCOL)

    def raise_limit(self, count: int) -> None:
        """Allow `count` bytes more to be received."""
        self._max_bytes += count

    async def _receive(self, max_bytes: int) -> bytes:
        data = await self._loop.sock_recv(self.sock, max_bytes)
        self.count_received(len(data))
        return data

    async def _decrypt(self, tls: TlsEngine) -> bytes:
        while (data := tls.read()) is None:
            tls.feed(await self._receive(READ_BYTES))
        return data


async def resolve_host(host: str, port: int) -> list[Address]:
    """Resolve a host in a daemon thread, and return its addresses as `socket.getaddrinfo` does.

    Raises:
        CheckFailed: The name does not resolve.
    """
    reason = f"no answer from the name server about {host}"
    with translate_errors(format_address(host, port)), timeout_reason(reason):
        return await resolve(host, port)


async def connect(host: str, port: int) -> socket.socket:
    """Return a connected socket, which the caller closes; addresses are tried as in RFC 8305 (Happy Eyeballs).

    Raises:
        CheckFailed: The name does not resolve, or no address accepts the connection.
    """
    found = await resolve_host(host, port)
    where = format_address(host, port)
    with translate_errors(where), timeout_reason(f"no answer from {where}"):
        return await start_connection(found, happy_eyeballs_delay=0.25)


@asynccontextmanager
async def open_stream(host: str, port: int, max_bytes: int = MAX_BYTES) -> AsyncIterator[Stream]:
    """Connect, and yield a `Stream`; the socket is closed when the context ends.

    Arguments:
        host: A name or an address.
        port: A TCP port.
        max_bytes: How many bytes may be received in all.

    Raises:
        CheckFailed: As `connect`.
    """
    with await connect(host, port) as sock:
        yield Stream(sock, format_address(host, port), max_bytes)
