"""The handshake and login of MySQL and MariaDB.

No driver is used: aiomysql and asyncmy read an answer of any length into memory, resolve names in the loop's executor,
and open their own connections, in which the received bytes cannot be limited.

https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase.html
"""

import struct
from typing import NamedTuple

from petsage.checks.kinds.mysql.errors import is_server_error, server_failure
from petsage.checks.kinds.mysql.greeting import Greeting, read_greeting
from petsage.checks.kinds.mysql.methods import NATIVE, proof
from petsage.checks.kinds.mysql.packets import END, ERROR, MORE, OK, PacketStream
from petsage.checks.model import CheckFailed, Code
from petsage.checks.sdk.errors import translate_errors
from petsage.checks.sdk.servers import Login
from petsage.checks.sdk.texts import Masker
from petsage.checks.sdk.tls import TlsPolicy
from petsage.text import first_line

# Capabilities: LONG_PASSWORD, PROTOCOL_41, TRANSACTIONS, RESERVED2 (a proof of up to 255 bytes), PLUGIN_AUTH.
_CAPABILITIES = 0x00000001 | 0x00000200 | 0x00002000 | 0x00008000 | 0x00080000
_WITH_DATABASE, _WITH_TLS = 0x00000008, 0x00000800
_MAX_PACKET, _UTF8MB4 = 1 << 24, 45
_MAX_NAME = 255
_ACCEPTED, _PASSWORD_REQUIRED = b"\x03", b"\x04"
_MAX_ROUNDS = 8
_UNKNOWN_USER = Login("petsage", None)
_QUIT = b"\x01"


class Session(NamedTuple):
    """A connection that has logged in."""

    packets: PacketStream
    greeting: Greeting

    async def quit(self) -> None:
        """Send COM_QUIT, so that the server counts no aborted connection."""
        await self.packets.command(_QUIT)
        await self.packets.stream.close_tls()


async def log_in(
    packets: PacketStream, login: Login, database: str | None, policy: TlsPolicy | None, masker: Masker
) -> Session:
    """Complete the handshake; raise `CheckFailed` unless the server accepts the login."""
    greeting = await read_greeting(packets)
    answer = await _Handshake(packets, greeting, login, database, masker).answer(policy)
    if answer[0] == ERROR:
        raise server_failure(answer, masker)
    packets.in_handshake = False
    return Session(packets, greeting)


async def probe_without_login(packets: PacketStream, policy: TlsPolicy | None) -> Greeting:
    """Take part in the handshake as a user that does not exist; raise `CheckFailed` for an error of the server itself.

    A server counts a greeting without an answer as a connection error, and blocks the client's host after
    `max_connect_errors` (100) of them, by error 1129. A refused user is not counted. MariaDB logs a refused user, so
    that its request for another authentication method is left unanswered, which it neither logs nor counts.
    """
    greeting = await read_greeting(packets)
    handshake = _Handshake(packets, greeting, _UNKNOWN_USER, None, Masker())
    answer = await (
        handshake.first_answer(policy, b"none") if "MariaDB" in greeting.version else handshake.answer(policy)
    )
    if answer[0] == ERROR and is_server_error(answer):
        raise server_failure(answer, Masker())
    if answer[0] == OK:
        await Session(packets, greeting).quit()
    return greeting


class _Handshake:
    """The client's part of a handshake, from the server's greeting to its last answer."""

    def __init__(
        self, packets: PacketStream, greeting: Greeting, login: Login, database: str | None, masker: Masker
    ) -> None:
        self._packets = packets
        self._greeting = greeting
        self._user = _encode_name(login.user)
        self._password = (login.password or "").encode()
        self._database = _encode_name(database)
        self._masker = masker
        self._capabilities = _CAPABILITIES | (_WITH_DATABASE if database else 0)

    async def answer(self, policy: TlsPolicy | None) -> bytes:
        """Return the packet that ends the handshake: OK or an error."""
        packet = await self.first_answer(policy, self._greeting.method)
        for _ in range(_MAX_ROUNDS):
            if packet[0] in {OK, ERROR}:
                return packet
            await self._continue(packet)
            packet = await self._packets.read()
        raise self._packets.not_mysql("a login without an end")

    async def first_answer(self, policy: TlsPolicy | None, method: bytes) -> bytes:
        """Send the login by an authentication method; return the answer: OK, an error, or a request for more."""
        if policy is not None:
            await self._start_tls(policy)
        proved = proof(method, self._password, self._greeting.nonce)
        if proved is None and self._password:
            method = NATIVE  # the server then requests the method that it wants
        await self._packets.write(self._response(method, proved or b""))
        return await self._packets.read()

    async def _start_tls(self, policy: TlsPolicy) -> None:
        where = self._packets.stream.where
        if not self._greeting.offers_tls:
            if policy.required:
                raise CheckFailed(f"{where} does not speak TLS", code=Code.TLS)
            return
        self._capabilities |= _WITH_TLS
        await self._packets.write(self._head())
        if not self._packets.is_empty:
            raise self._packets.not_mysql("more than a greeting")
        with translate_errors(where):
            await self._packets.stream.start_tls(policy.context, policy.server_name)

    def _head(self) -> bytes:
        return struct.pack("<IIB23x", self._capabilities, _MAX_PACKET, _UTF8MB4)

    def _response(self, method: bytes, proved: bytes) -> bytes:
        database = self._database + b"\0" if self._capabilities & _WITH_DATABASE else b""
        return self._head() + self._user + b"\0" + bytes([len(proved)]) + proved + database + method + b"\0"

    async def _continue(self, packet: bytes) -> None:
        if packet[0] == END:
            method, _, nonce = packet[1:].partition(b"\0")
            await self._packets.write(self._prove(method, nonce[:20]))
        elif packet == bytes([MORE]) + _PASSWORD_REQUIRED:
            await self._packets.write(self._plain_password() + b"\0")
        elif packet != bytes([MORE]) + _ACCEPTED:
            raise self._packets.not_mysql("something that is not part of a login")

    def _prove(self, method: bytes, nonce: bytes) -> bytes:
        proved = proof(method, self._password, nonce)
        if proved is not None or not self._password:
            return proved or b""
        if method == b"sha256_password":
            return self._plain_password() + b"\0"
        name = first_line(method, 40) or "mysql_old_password"
        raise CheckFailed(f"the user logs in by {name}, which is not supported", code=Code.LOGIN)

    def _plain_password(self) -> bytes:
        if self._packets.stream.tls is None and self._password:
            raise CheckFailed("the server wants the password unencrypted, and does not speak TLS", code=Code.LOGIN)
        return self._password


def _encode_name(name: str | None) -> bytes:
    return (name or "").encode()[:_MAX_NAME]
