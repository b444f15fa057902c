"""The greeting, a server's first packet.

https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase_packets_protocol_handshake_v10.html
"""

from typing import NamedTuple

from petsage.checks.kinds.mysql.errors import server_failure
from petsage.checks.kinds.mysql.packets import ERROR, PacketStream
from petsage.checks.model import CheckFailed, Code
from petsage.checks.sdk.texts import Masker
from petsage.text import first_line

_PROTOCOL_10 = 0x0A
_TLS = 0x0800  # CLIENT_SSL
_MAX_VERSION = 60


class Greeting(NamedTuple):
    """The server's version, the number of the connection, and what the login depends on.

    Attributes:
        version: The version, of at most 60 characters.
        connection: The number of the connection, for KILL.
        offers_tls: Whether the server speaks TLS.
        method: The authentication method that it expects.
        nonce: The 20 bytes that a proof of the password is made with.
    """

    version: str
    connection: int
    offers_tls: bool
    method: bytes
    nonce: bytes


async def read_greeting(packets: PacketStream) -> Greeting:
    """Return the greeting; raise `CheckFailed` for an error, or another protocol."""
    packet = await packets.read()
    if packet[0] == ERROR:
        raise server_failure(packet, Masker())
    if packet[0] != _PROTOCOL_10:
        text = f"{packets.stream.where} is not a MySQL server: it speaks protocol {packet[0]}"
        raise CheckFailed(text, code=Code.PROTOCOL)
    version, _, rest = packet[1:].partition(b"\0")
    size = rest[20] if len(rest) > 20 else 0  # noqa: PLR2004 (the place of the length of the nonce)
    second = 31 + max(13, size - 8)
    return Greeting(
        version=first_line(version, _MAX_VERSION),
        connection=int.from_bytes(rest[:4], "little"),
        offers_tls=bool(int.from_bytes(rest[13:15], "little") & _TLS),
        method=rest[second:].partition(b"\0")[0],
        nonce=(rest[4:12] + rest[31:second])[:20],
    )
