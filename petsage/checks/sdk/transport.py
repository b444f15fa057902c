"""A transport for drivers, which read without bounds: it counts what comes, and hands it over in small pieces."""

import asyncio
import socket
import ssl
from collections.abc import Callable
from typing import Any

from petsage.checks.model import CheckFailed
from petsage.checks.sdk.connection import READ_BYTES, Stream


class BoundedTransport(asyncio.Transport):
    """Connects a driver's protocol with a stream, in TLS once the stream is; the socket belongs to the transport.

    When the peer sends more than the stream allows, or what `looked_at` refuses, the connection ends and `failure` says
    why. Closing ends it at once, and drops what the peer has not taken.
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
            self._loop.call_soon(self._guarded, self._deliver)

    async def secure(self, context: ssl.SSLContext, server_name: str) -> None:
        """Go on in TLS; raise OSErrors."""
        self.pause_reading()
        await self._stream.secure(context, server_name)
        self.resume_reading()
        self._loop.call_soon(self._guarded, self._deliver)

    def looked_at(self, data: bytes) -> bytes:
        """Return what the driver may read of all that has come; raise `CheckFailed` to end the connection."""
        return data

    def pause_reading(self) -> None:
        """Stop reading from the socket."""
        if self._reading:
            self._loop.remove_reader(self._stream.sock)
        self._reading = False

    def resume_reading(self) -> None:
        """Read from the socket again."""
        if not self._reading and not self._ended:
            self._loop.add_reader(self._stream.sock, self._guarded, self._read)
            self._reading = True

    def is_reading(self) -> bool:
        """Return whether the socket is read from."""
        return self._reading

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send bytes, or keep them until the socket takes them."""
        if not self._ended:
            self._guarded(self._write, bytes(data))

    def close(self) -> None:
        """Send what is kept and a TLS close_notify, and end the connection."""
        if not self._ended and self._stream.tls is not None and not self._unsent:
            self._unsent += self._stream.tls.goodbye()
            self._guarded(self._flush)
        self._end(None)

    def abort(self) -> None:
        """End the connection without sending anything more."""
        self._end(None)

    def is_closing(self) -> bool:
        """Return whether the connection has ended."""
        return self._ended

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Hand what comes to another protocol."""
        self._protocol = protocol

    def get_protocol(self) -> asyncio.BaseProtocol:
        """Return the protocol that gets what comes."""
        protocol: asyncio.BaseProtocol = self._protocol
        return protocol

    def get_write_buffer_size(self) -> int:
        """Return how many bytes wait to be sent."""
        return len(self._unsent)

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Do nothing: what a check sends is a part of the configuration, and no larger."""

    def can_write_eof(self) -> bool:
        """Return False: TLS has no half-closed connections."""
        return False

    def _guarded(self, step: Callable[..., None], *arguments: Any) -> None:
        try:
            step(*arguments)
        except (BlockingIOError, InterruptedError):
            return
        except CheckFailed as failure:
            self.failure = failure
            self._end(ConnectionAbortedError())
        except Exception as error:  # noqa: BLE001 (of the network, or of a driver that what came was too much for)
            self._end(self._stream.why(error))

    def _read(self) -> None:
        data = self._stream.sock.recv(READ_BYTES)
        self._stream.count(len(data))
        if self._stream.tls is not None:
            self._stream.tls.feed(data)
            self._deliver()
        else:
            self._hand_over(data)

    def _deliver(self) -> None:
        tls = self._stream.tls
        while tls is not None and not self._ended and (data := tls.opened()) is not None:
            self._hand_over(data)
        if tls is not None and not self._ended:
            self._unsent += tls.to_send()
            self._flush()

    def _hand_over(self, data: bytes) -> None:
        if not data:
            self._protocol.eof_received()
            self._end(None)
        elif data := self.looked_at(data):
            self._protocol.data_received(data)

    def _write(self, data: bytes) -> None:
        self._unsent += self._stream.tls.sealed(data) if self._stream.tls else data
        self._flush()

    def _flush(self) -> None:
        try:
            while self._unsent:
                del self._unsent[: self._stream.sock.send(self._unsent)]
        except (BlockingIOError, InterruptedError):
            self._loop.add_writer(self._stream.sock, self._guarded, self._flush)
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
    except OSError:  # the peer has broken off; who reads or writes will be told why
        return None
