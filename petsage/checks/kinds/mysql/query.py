"""Queries over a connection that has logged in.

https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_com_query.html
"""

from petsage.checks.kinds.mysql.errors import server_failure
from petsage.checks.kinds.mysql.login import Session
from petsage.checks.kinds.mysql.packets import END, ERROR, OK, PacketStream
from petsage.checks.sdk.texts import Masker

_QUERY = b"\x03"
_LOCAL_INFILE = 0xFB
_MAX_END = 9  # bytes; a longer packet that begins with END is a row


async def run_query(session: Session, query: str, masker: Masker) -> None:
    """Run a query, and read and discard its rows; raise `CheckFailed` for an error."""
    packets = session.packets
    await packets.command(_QUERY + query.encode())
    first = await packets.read()
    if first[0] == ERROR:
        raise server_failure(first, masker)
    if first[0] == OK:
        return
    if first[0] == _LOCAL_INFILE:
        raise packets.not_mysql("a request for a local file")
    await _read_to_end(packets, masker)  # of the columns
    await _read_to_end(packets, masker)  # of the rows


async def _read_to_end(packets: PacketStream, masker: Masker) -> None:
    while True:
        packet = await packets.read()
        if packet[0] == ERROR:
            raise server_failure(packet, masker)
        if packet[0] == END and len(packet) < _MAX_END:
            return
