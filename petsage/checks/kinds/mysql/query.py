"""Asking a server that let us in.

https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_com_query.html
"""

from petsage.checks.kinds.mysql.errors import server_failure
from petsage.checks.kinds.mysql.login import Session
from petsage.checks.kinds.mysql.wire import END, ERROR, OK, PacketStream
from petsage.checks.sdk.texts import Masker

_QUERY = b"\x03"
_LOCAL_INFILE = 0xFB
_MAX_END = 9


async def run_query(session: Session, query: str, masker: Masker) -> None:
    """Fail unless the server answers the query; what it answers is read, and not looked at."""
    wire = session.wire
    await wire.command(_QUERY + query.encode())
    first = await wire.read()
    if first[0] == ERROR:
        raise server_failure(first, masker)
    if first[0] == OK:
        return
    if first[0] == _LOCAL_INFILE:
        raise wire.not_mysql("a wish for a file")
    await _read_to_end(wire, masker)  # of the columns
    await _read_to_end(wire, masker)  # of the rows


async def _read_to_end(wire: PacketStream, masker: Masker) -> None:
    while True:
        packet = await wire.read()
        if packet[0] == ERROR:
            raise server_failure(packet, masker)
        if packet[0] == END and len(packet) < _MAX_END:
            return
