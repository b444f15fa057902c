"""Asking a server that let us in.

https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_com_query.html
"""

from petsage.checks.kinds.mysql.errors import failed
from petsage.checks.kinds.mysql.login import Session
from petsage.checks.kinds.mysql.wire import END, ERROR, OK, Wire
from petsage.checks.sdk.texts import Hidden

_QUERY = b"\x03"
_WANTS_FILE = 0xFB
_LONGEST_END = 9


async def ask(session: Session, query: str, hidden: Hidden) -> None:
    """Fail unless the server answers the query; what it answers is read, and not looked at."""
    wire = session.wire
    await wire.command(_QUERY + query.encode())
    first = await wire.read()
    if first[0] == ERROR:
        raise failed(first, hidden)
    if first[0] == OK:
        return
    if first[0] == _WANTS_FILE:
        raise wire.not_mysql("a wish for a file")
    await _to_end(wire, hidden)  # of the columns
    await _to_end(wire, hidden)  # of the rows


async def _to_end(wire: Wire, hidden: Hidden) -> None:
    while True:
        packet = await wire.read()
        if packet[0] == ERROR:
            raise failed(packet, hidden)
        if packet[0] == END and len(packet) < _LONGEST_END:
            return
