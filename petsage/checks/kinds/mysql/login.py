"""Logging in to MySQL and MariaDB.

The drivers cannot be bounded: aiomysql and asyncmy put together an answer of any length before anybody sees it, resolve
names in the loop's executor, and make their own connections, with no place between themselves and the socket.

https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase.html
"""

import struct
from typing import NamedTuple

from petsage.checks.kinds.mysql.errors import is_server_error, server_failure
from petsage.checks.kinds.mysql.greeting import Greeting, read_greeting
from petsage.checks.kinds.mysql.methods import NATIVE, proof
from petsage.checks.kinds.mysql.wire import END, ERROR, MORE, OK, PacketStream
from petsage.checks.model import CheckFailed, Code
from petsage.checks.sdk.errors import translate_errors
from petsage.checks.sdk.servers import Login
from petsage.checks.sdk.texts import Masker
from petsage.checks.sdk.tls import TlsPolicy
from petsage.text import first_line

# LONG_PASSWORD, PROTOCOL_41, TRANSACTIONS, RESERVED2 (a proof of up to 255 bytes), PLUGIN_AUTH
_ABLE = 0x00000001 | 0x00000200 | 0x00002000 | 0x00008000 | 0x00080000
_WITH_DATABASE, _WITH_TLS = 0x00000008, 0x00000800
_MAX_PACKET, _UTF8MB4 = 1 << 24, 45
_MAX_NAME = 255
_PROVED, _WANTS_PASSWORD = b"\x03", b"\x04"
_MAX_ROUNDS = 8
_UNKNOWN_USER = Login("petsage", None)
_QUIT = b"\x01"


class Session(NamedTuple):
    """A server that let us in."""

    wire: PacketStream
    greeting: Greeting

    async def quit(self) -> None:
        """Say goodbye, so that the server counts no connection that broke off."""
        await self.wire.command(_QUIT)
        await self.wire.stream.close_tls()


async def log_in(
    wire: PacketStream, login: Login, database: str | None, policy: TlsPolicy | None, masker: Masker
) -> Session:
    """Enter; fail unless the server lets the user in."""
    greeting = await read_greeting(wire)
    answer = await _Handshake(wire, greeting, login, database, masker).answer(policy)
    if answer[0] == ERROR:
        raise server_failure(answer, masker)
    wire.in_handshake = False
    return Session(wire, greeting)


async def probe_without_login(wire: PacketStream, policy: TlsPolicy | None) -> Greeting:
    """Take part in the handshake as a user that does not exist; fail on the server's own trouble.

    A server counts a greeting that nobody answers as a connection error, and after `max_connect_errors` of them (100)
    blocks the client's host (error 1129). A user that is not let in is not counted there. MariaDB would log him: so its
    question how he logs in is not answered, which it does not log, and does not count there either.
    """
    greeting = await read_greeting(wire)
    handshake = _Handshake(wire, greeting, _UNKNOWN_USER, None, Masker())
    answer = await (handshake.first(policy, b"none") if "MariaDB" in greeting.version else handshake.answer(policy))
    if answer[0] == ERROR and is_server_error(answer):
        raise server_failure(answer, Masker())
    if answer[0] == OK:
        await Session(wire, greeting).quit()
    return greeting


class _Handshake:
    def __init__(
        self, wire: PacketStream, greeting: Greeting, login: Login, database: str | None, masker: Masker
    ) -> None:
        self._wire = wire
        self._greeting = greeting
        self._user = _encode_name(login.user)
        self._password = (login.password or "").encode()
        self._database = _encode_name(database)
        self._masker = masker
        self._able = _ABLE | (_WITH_DATABASE if database else 0)

    async def answer(self, policy: TlsPolicy | None) -> bytes:
        """Return the packet that ends the handshake: OK or an error."""
        packet = await self.first(policy, self._greeting.method)
        for _ in range(_MAX_ROUNDS):
            if packet[0] in {OK, ERROR}:
                return packet
            await self._go_on(packet)
            packet = await self._wire.read()
        raise self._wire.not_mysql("a login without an end")

    async def first(self, policy: TlsPolicy | None, method: bytes) -> bytes:
        """Return the answer to a user who logs in by a method: the last one, or a question."""
        if policy is not None:
            await self._start_tls(policy)
        proved = proof(method, self._password, self._greeting.nonce)
        if proved is None and self._password:
            method = NATIVE  # the server names another method then
        await self._wire.write(self._response(method, proved or b""))
        return await self._wire.read()

    async def _start_tls(self, policy: TlsPolicy) -> None:
        where = self._wire.stream.where
        if not self._greeting.offers_tls:
            if policy.required:
                raise CheckFailed(f"{where} does not speak TLS", code=Code.TLS)
            return
        self._able |= _WITH_TLS
        await self._wire.write(self._head())
        if not self._wire.is_drained:
            raise self._wire.not_mysql("more than a greeting")
        with translate_errors(where):
            await self._wire.stream.start_tls(policy.context, policy.server_name)

    def _head(self) -> bytes:
        return struct.pack("<IIB23x", self._able, _MAX_PACKET, _UTF8MB4)

    def _response(self, method: bytes, proved: bytes) -> bytes:
        database = self._database + b"\0" if self._able & _WITH_DATABASE else b""
        return self._head() + self._user + b"\0" + bytes([len(proved)]) + proved + database + method + b"\0"

    async def _go_on(self, packet: bytes) -> None:
        if packet[0] == END:
            method, _, nonce = packet[1:].partition(b"\0")
            await self._wire.write(self._proved(method, nonce[:20]))
        elif packet == bytes([MORE]) + _WANTS_PASSWORD:
            await self._wire.write(self._readable() + b"\0")
        elif packet != bytes([MORE]) + _PROVED:
            raise self._wire.not_mysql("something that belongs to no login")

    def _proved(self, method: bytes, nonce: bytes) -> bytes:
        proved = proof(method, self._password, nonce)
        if proved is not None or not self._password:
            return proved or b""
        if method == b"sha256_password":
            return self._readable() + b"\0"
        named = first_line(method, 40) or "mysql_old_password"
        raise CheckFailed(f"the user logs in by {named}, which is not known here", code=Code.LOGIN)

    def _readable(self) -> bytes:
        if self._wire.stream.tls is None and self._password:
            raise CheckFailed("the server wants to read the password, and does not speak TLS", code=Code.LOGIN)
        return self._password


def _encode_name(name: str | None) -> bytes:
    return (name or "").encode()[:_MAX_NAME]
