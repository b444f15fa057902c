"""A transport that looks at a login before asyncpg does.

asyncpg computes as many rounds of SCRAM as the server asks for, on the event loop: two billion take half an hour.
"""

import re
import socket
import ssl
from typing import Any

from petsage.checks.kinds.postgres.cancel import BackendSession
from petsage.checks.kinds.postgres.protocol import SSL_REQUEST, not_postgres
from petsage.checks.model import CheckFailed, Code
from petsage.checks.sdk.connection import Stream
from petsage.checks.sdk.transport import BoundedTransport

_HEADER = 5
_MAX_MESSAGE = 65536
_LOGIN_MESSAGES = b"RENvSKZ"
_CHALLENGE = 11
_MAX_ROUNDS = 100_000
_VERSION = re.compile(rb"server_version\0[^\d\0]{0,30}\d[^\0]{0,200}\0")
_ROUNDS = re.compile(rb",i=0*(\d{1,20})")


class InspectingTransport(BoundedTransport):
    """Holds each message of a login back until it is whole and looked at; after the login nothing is looked at.

    `declined` says that the server was asked for TLS, and does not speak it.
    """

    def __init__(self, stream: Stream, protocol: Any, tls: tuple[ssl.SSLContext, str] | None = None) -> None:
        self._where = stream.where
        self._tls = tls
        self._key = b""
        self._held = bytearray()
        self._over = False
        self._has_version = False
        self._asks_for_tls = False
        self.declined = False
        super().__init__(stream, protocol)

    def write(self, data: bytes | bytearray | memoryview) -> None:  # noqa: D102 (asyncio's)
        self._asks_for_tls = bytes(data) == SSL_REQUEST  # the answer to it is one byte, and no message
        super().write(data)

    async def start_tls(self, context: ssl.SSLContext, server_name: str) -> None:  # noqa: D102 (the transport's)
        self._tls = context, server_name
        await super().start_tls(context, server_name)

    def session(self) -> BackendSession | None:
        """Return what ends a statement, with a copy of the socket; None before the login and after the end."""
        if not self._key or self.is_closing():
            return None
        try:
            host, port = self._stream.sock.getpeername()[:2]
            return BackendSession((host, port), self._key, self._tls, _copy(self._stream.sock))
        except OSError:  # the peer has broken off, and ends the statement; or there is no descriptor left
            return None

    def inspect(self, data: bytes) -> bytes:  # noqa: D102 (said by the class)
        if self._over:
            return data
        if self._asks_for_tls:
            return self._answer(data)
        self._held += data
        whole = b""
        while message := self._next():
            if not self._over:
                self._judge(message)
            whole += message
        return whole

    def _answer(self, data: bytes) -> bytes:
        if data not in (b"S", b"N") and data[:1] != b"E":
            raise not_postgres(self._where, data)
        self.declined = data != b"S"
        return data

    def _next(self) -> bytes:
        if self._over:
            return self._taken(len(self._held))
        size = int.from_bytes(self._held[1:_HEADER], "big") + 1
        if self._held and self._held[0] not in _LOGIN_MESSAGES:
            raise not_postgres(self._where, bytes(self._held))
        if len(self._held) < _HEADER:
            return b""
        if not _HEADER <= size <= _MAX_MESSAGE:
            raise not_postgres(self._where, bytes(self._held))
        return self._taken(size) if len(self._held) >= size else b""

    def _taken(self, size: int) -> bytes:
        message = bytes(self._held[:size])
        del self._held[:size]
        return message

    def _judge(self, message: bytes) -> None:
        kind, payload = message[:1], message[_HEADER:]
        if kind == b"R" and int.from_bytes(payload[:4], "big") == _CHALLENGE:
            self._judge_challenge(payload)
        elif kind == b"S" and payload.startswith(b"server_version\0"):
            self._has_version = _VERSION.fullmatch(payload) is not None
        elif kind == b"K":
            self._key = payload
        elif kind == b"Z":
            self._over = True
            if not self._has_version:  # asyncpg relies on it
                said = f"{self._where} is not a PostgreSQL server: it names no version"
                raise CheckFailed(said, code=Code.PROTOCOL)

    def _judge_challenge(self, payload: bytes) -> None:
        rounds = _ROUNDS.search(payload)
        if rounds and int(rounds[1]) > _MAX_ROUNDS:
            said = f"{self._where} asks for {int(rounds[1])} rounds of SCRAM, more than {_MAX_ROUNDS}"
            raise CheckFailed(said, code=Code.PROTOCOL)


def _copy(sock: socket.socket) -> socket.socket:
    copy = sock.dup()
    copy.setblocking(False)  # noqa: FBT003 (the method's only way)
    return copy
