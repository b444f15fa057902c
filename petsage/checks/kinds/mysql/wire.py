"""MySQL's packets: three bytes of length, a number, and the payload.

https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_packets.html
"""

import struct

from petsage.checks.model import CheckFailed, Code
from petsage.checks.sdk.connection import Stream
from petsage.checks.sdk.texts import guess_protocol

OK, MORE, END, ERROR = 0x00, 0x01, 0xFE, 0xFF
"""First bytes of packets; END asks for another method in a handshake, and ends the rows of an answer."""

_HEADER = 4
_MAX_NUMBER = 16  # of a packet, in a handshake
_MAX_IN_HANDSHAKE = 65536
_MAX_PACKET = 0xFFFFFF  # a packet of this length goes on in the next


class PacketStream:
    """Packets of one connection; in a handshake they are short and few."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.in_handshake = True
        self._came = bytearray()
        self._number = 0

    @property
    def is_drained(self) -> bool:
        """Say whether all that came was read: before TLS begins nothing may be left."""
        return not self._came

    async def read(self) -> bytes:
        """Return the payload of the next packet, of at least one byte."""
        await self._fill(_HEADER)
        size, number = int.from_bytes(self._came[:3], "little"), self._came[3]
        longest = _MAX_IN_HANDSHAKE if self.in_handshake else _MAX_PACKET
        if not 0 < size < longest or (self.in_handshake and number > _MAX_NUMBER):
            raise self.not_mysql(guess_protocol(bytes(self._came)))
        await self._fill(_HEADER + size)
        payload = bytes(self._came[_HEADER : _HEADER + size])
        del self._came[: _HEADER + size]
        self._number = number + 1
        return payload

    async def write(self, payload: bytes) -> None:
        """Send a packet that answers the last one."""
        await self.stream.send(struct.pack("<I", len(payload) | (self._number & 0xFF) << 24) + payload)
        self._number += 1

    async def command(self, payload: bytes) -> None:
        """Send a packet that begins something new."""
        self._number = 0
        await self.write(payload)

    def not_mysql(self, answered: str) -> CheckFailed:
        """Return what to raise when no MySQL server answers like this."""
        said = f"{self.stream.where} is not a MySQL server: it answered {answered}"
        return CheckFailed(said, code=Code.PROTOCOL)

    async def _fill(self, count: int) -> None:
        if not self._came:
            self._came += await self.stream.receive_some(1)
        while len(self._came) < count:
            more = await self.stream.receive()
            if not more:
                raise self._ended()
            self._came += more

    def _ended(self) -> CheckFailed:
        whole = len(self._came) > _HEADER
        return self.stream.truncated() if whole else self.not_mysql(guess_protocol(bytes(self._came)))
