"""MySQL's packets: a length of three bytes, a sequence number and the payload.

https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_packets.html
"""

import struct

from petsage.checks.model import CheckFailed, Code
from petsage.checks.sdk.connection import Stream
from petsage.checks.sdk.texts import guess_protocol

OK, MORE, END, ERROR = 0x00, 0x01, 0xFE, 0xFF
"""First bytes of packets. In a handshake END requests another method; after it, END ends columns and rows."""

_HEADER = 4
_MAX_NUMBER = 16  # of a packet, in a handshake
_MAX_IN_HANDSHAKE = 65536  # bytes of a packet
_MAX_PACKET = 0xFFFFFF  # bytes; a packet of this length continues in the next one


class PacketStream:
    """The packets of one connection; in the handshake, a limit on their length and number applies."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.in_handshake = True
        self._received = bytearray()
        self._number = 0

    @property
    def is_empty(self) -> bool:
        """Whether all received bytes were read, as is required before TLS starts."""
        return not self._received

    async def read(self) -> bytes:
        """Return the payload of the next packet, of at least one byte."""
        await self._fill(_HEADER)
        size, number = int.from_bytes(self._received[:3], "little"), self._received[3]
        longest = _MAX_IN_HANDSHAKE if self.in_handshake else _MAX_PACKET
        if not 0 < size < longest or (self.in_handshake and number > _MAX_NUMBER):
            raise self.not_mysql(guess_protocol(bytes(self._received)))
        await self._fill(_HEADER + size)
        payload = bytes(self._received[_HEADER : _HEADER + size])
        del self._received[: _HEADER + size]
        self._number = number + 1
        return payload

    async def write(self, payload: bytes) -> None:
        """Send a packet that continues the exchange."""
        await self.stream.send(struct.pack("<I", len(payload) | (self._number & 0xFF) << 24) + payload)
        self._number += 1

    async def command(self, payload: bytes) -> None:
        """Send a packet that begins a new exchange."""
        self._number = 0
        await self.write(payload)

    def not_mysql(self, answered: str) -> CheckFailed:
        """Return the failure for an answer that is not MySQL's."""
        text = f"{self.stream.where} is not a MySQL server: it answered {answered}"
        return CheckFailed(text, code=Code.PROTOCOL)

    async def _fill(self, count: int) -> None:
        if not self._received:
            self._received += await self.stream.receive_some(1)
        while len(self._received) < count:
            more = await self.stream.receive()
            if not more:
                raise self._ended()
            self._received += more

    def _ended(self) -> CheckFailed:
        has_payload = len(self._received) > _HEADER
        return self.stream.truncated() if has_payload else self.not_mysql(guess_protocol(bytes(self._received)))
