"""A transport that inspects a login before asyncpg receives it.

asyncpg computes as many rounds of SCRAM as the server requests, on the event loop: two billion take half an hour.
"""

import re
import socket
import ssl
from typing import Any

from petsage.checks.kinds.postgres.cancel import BackendSession
from petsage.checks.kinds.postgres.protocol import HEADER_BYTES, MAX_MESSAGE_BYTES, SSL_REQUEST, not_postgres
from petsage.checks.model import CheckFailed, Code
from petsage.checks.sdk.connection import Stream
from petsage.checks.sdk.transport import BoundedTransport

_MESSAGES = b"RENvSKZ"
_CHALLENGE = 11
_MAX_ROUNDS = 100_000
_VERSION = re.compile(rb"server_version\0[^\d\0]{0,30}\d[^\0]{0,200}\0")
_ROUNDS = re.compile(rb",i=0*(\d{1,20})")


class InspectingTransport(BoundedTransport):
    """Passes on each message of a login when it is complete and was checked; after the login, everything.

    Attributes:
        declined: Whether the server declined a request for TLS.
    """

    def __init__(self, stream: Stream, protocol: Any, tls: tuple[ssl.SSLContext, str] | None = None) -> None:
        self._where = stream.where
        self._tls = tls
        self._key = b""
        self._pending = bytearray()
        self._logged_in = False
        self._has_version = False
        self._requests_tls = False
        self.declined = False
        super().__init__(stream, protocol)

    def write(self, data: bytes | bytearray | memoryview) -> None:  # noqa: D102 (asyncio's)
        self._requests_tls = bytes(data) == SSL_REQUEST  # its answer is one byte, and no message
        super().write(data)

    async def start_tls(self, context: ssl.SSLContext, server_name: str) -> None:  # noqa: D102 (the transport's)
        self._tls = context, server_name
        await super().start_tls(context, server_name)

    def session(self) -> BackendSession | None:
        """Return the session, with a copy of the socket; None before the login and after the end."""
        if not self._key or self.is_closing():
            return None
        try:
            host, port = self._stream.sock.getpeername()[:2]
            return BackendSession((host, port), self._key, self._tls, _copy(self._stream.sock))
        except OSError:  # the connection is broken, which ends the statement; or no descriptor is left
            return None

    def inspect(self, data: bytes) -> bytes:  # noqa: D102 (the base class describes it)
        if self._logged_in:
            return data
        if self._requests_tls:
            return self._tls_answer(data)
        self._pending += data
        complete = b""
        while message := self._next_message():
            if not self._logged_in:
                self._check_message(message)
            complete += message
        return complete

    def _tls_answer(self, data: bytes) -> bytes:
        if data not in (b"S", b"N") and data[:1] != b"E":
            raise not_postgres(self._where, data)
        self.declined = data != b"S"
        return data

    def _next_message(self) -> bytes:
        if self._logged_in:
            return self._take(len(self._pending))
        size = int.from_bytes(self._pending[1:HEADER_BYTES], "big") + 1
        if self._pending and self._pending[0] not in _MESSAGES:
            raise not_postgres(self._where, bytes(self._pending))
        if len(self._pending) < HEADER_BYTES:
            return b""
        if not HEADER_BYTES <= size <= MAX_MESSAGE_BYTES:
            raise not_postgres(self._where, bytes(self._pending))
        return self._take(size) if len(self._pending) >= size else b""

    def _take(self, size: int) -> bytes:
        message = bytes(self._pending[:size])
        del self._pending[:size]
        return message

    def _check_message(self, message: bytes) -> None:
        kind, payload = message[:1], message[HEADER_BYTES:]
        if kind == b"R" and int.from_bytes(payload[:4], "big") == _CHALLENGE:
            self._check_challenge(payload)
        elif kind == b"S" and payload.startswith(b"server_version\0"):
            self._has_version = _VERSION.fullmatch(payload) is not None
        elif kind == b"K":
            self._key = payload
        elif kind == b"Z":
            self._logged_in = True
            if not self._has_version:  # asyncpg relies on it
                text = f"{self._where} is not a PostgreSQL server: it names no version"
                raise CheckFailed(text, code=Code.PROTOCOL)

    def _check_challenge(self, payload: bytes) -> None:
        rounds = _ROUNDS.search(payload)
        if rounds and int(rounds[1]) > _MAX_ROUNDS:
            text = f"{self._where} asks for {int(rounds[1])} rounds of SCRAM, more than {_MAX_ROUNDS}"
            raise CheckFailed(text, code=Code.PROTOCOL)


def _copy(sock: socket.socket) -> socket.socket:
    copy = sock.dup()
    copy.setblocking(False)  # noqa: FBT003 (the method's only way)
    return copy
