"""A transport that limits what a driver reads: it counts received bytes, and passes them on in small pieces."""

import asyncio
import socket
import ssl
from collections.abc import Callable
from typing import Any

from petsage.checks.model import CheckFailed
from petsage.checks.sdk.connection import READ_BYTES, Stream


class BoundedTransport(asyncio.Transport):
    """An asyncio transport between a driver's protocol and a `Stream`, whose limit and TLS apply.

    The transport owns the socket. When the peer sends more than the stream's limit, or something that `inspect`
    refuses, the connection ends. `close` ends it at once, and discards what could not be sent yet.

    Attributes:
        failure: Why the transport ended the connection, None when it did not.
    """

    def __init__(self, stream: Stream, protocol: asyncio.BaseProtocol) -> None:
        super().__init__({"socket": stream.sock, "peername": _peername(stream.sock)})
        self.failure: CheckFailed | None = None
        self._loop = asyncio.get_running_loop()
        self._stream = stream
        self._protocol: Any = protocol
        self._unsent = bytearray()
        self._ended = False
        self._reading = False
        protocol.connection_made(self)
        self.resume_reading()
        if stream.tls is not None:
            self._loop.call_soon(self._call, self._decrypt)

    async def start_tls(self, context: ssl.SSLContext, server_name: str) -> None:
        """Complete a TLS handshake, and encrypt from then on; raise `OSError` when it fails."""
        self.pause_reading()
        await self._stream.start_tls(context, server_name)
        self.resume_reading()
        self._loop.call_soon(self._call, self._decrypt)

    def inspect(self, data: bytes) -> bytes:
        """Return the bytes to pass to the driver, of those received by now; raise `CheckFailed` to end the connection.

        A subclass overrides this, and may keep bytes for a later call.
        """
        return data

    def pause_reading(self) -> None:
        """Stop reading from the socket."""
        if self._reading:
            self._loop.remove_reader(self._stream.sock)
        self._reading = False

    def resume_reading(self) -> None:
        """Read from the socket again."""
        if not self._reading and not self._ended:
            self._loop.add_reader(self._stream.sock, self._call, self._read)
            self._reading = True

    def is_reading(self) -> bool:
        """Return whether the socket is read from."""
        return self._reading

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send bytes, or keep them until the socket accepts them."""
        if not self._ended:
            self._call(self._write, bytes(data))

    def close(self) -> None:
        """Send a TLS close_notify, unless bytes are still waiting to be sent, and end the connection."""
        if not self._ended and self._stream.tls is not None and not self._unsent:
            self._unsent += self._stream.tls.close_notify()
            self._call(self._flush)
        self._end(None)

    def abort(self) -> None:
        """End the connection without sending anything more."""
        self._end(None)

    def is_closing(self) -> bool:
        """Return whether the connection has ended."""
        return self._ended

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Pass received bytes to another protocol."""
        self._protocol = protocol

    def get_protocol(self) -> asyncio.BaseProtocol:
        """Return the protocol that receives the bytes."""
        protocol: asyncio.BaseProtocol = self._protocol
        return protocol

    def get_write_buffer_size(self) -> int:
        """Return how many bytes wait to be sent."""
        return len(self._unsent)

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Do nothing: a check sends only what the configuration contains."""

    def can_write_eof(self) -> bool:
        """Return False: TLS has no half-closed connections."""
        return False

    def _call(self, step: Callable[..., None], *arguments: Any) -> None:
        try:
            step(*arguments)
        except (BlockingIOError, InterruptedError):
            return
        except CheckFailed as failure:
            self.failure = failure
            self._end(ConnectionAbortedError())
        except Exception as error:  # noqa: BLE001 (of the network, or of a driver that cannot parse the answer)
            self._end(self._stream.find_alert(error))

    def _read(self) -> None:
        data = self._stream.sock.recv(READ_BYTES)
        self._stream.count_received(len(data))
        if self._stream.tls is not None:
            self._stream.tls.feed(data)
            self._decrypt()
        else:
            self._pass_on(data)

    def _decrypt(self) -> None:
        tls = self._stream.tls
        while tls is not None and not self._ended and (data := tls.read()) is not None:
            self._pass_on(data)
        if tls is not None and not self._ended:
            self._unsent += tls.take_output()
            self._flush()

    def _pass_on(self, data: bytes) -> None:
        if not data:
            self._protocol.eof_received()
            self._end(None)
        elif data := self.inspect(data):
            self._protocol.data_received(data)

    def _write(self, data: bytes) -> None:
        self._unsent += self._stream.tls.encrypt(data) if self._stream.tls else data
        self._flush()

    def _flush(self) -> None:
        try:
            while self._unsent:
                del self._unsent[: self._stream.sock.send(self._unsent)]
        except (BlockingIOError, InterruptedError):
            self._loop.add_writer(self._stream.sock, self._call, self._flush)
        else:
            self._loop.remove_writer(self._stream.sock)

    def _end(self, error: Exception | None) -> None:
        if self._ended:
            return
        self.pause_reading()
        self._loop.remove_writer(self._stream.sock)
        self._ended = True
        self._unsent.clear()
        self._stream.sock.close()
        self._loop.call_soon(self._protocol.connection_lost, error)


def _peername(sock: socket.socket) -> object:
    try:
        return sock.getpeername()
    except OSError:  # the connection is broken: the next read or write reports why
        return None
