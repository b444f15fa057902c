"""PostgreSQL's protocol as far as a server speaks it to anybody.

https://www.postgresql.org/docs/current/protocol-message-formats.html
"""

import struct
from collections.abc import Mapping

from petsage.checks.kinds._stream import Stream, connected
from petsage.checks.kinds._text import one_line, who_answered
from petsage.checks.model import CheckFailed

_PARAMETERS = b"user\0petsage\0database\0postgres\0application_name\0petsage\0\0"
_STARTUP = struct.pack("!II", len(_PARAMETERS) + 8, 3 << 16) + _PARAMETERS
_AUTHENTICATION, _ERROR, _NEGOTIATION = b"R", b"E", b"v"
_LONGEST_MESSAGE = 65536
_HEADER = 5

# Classes of SQLSTATE that are about the server; others are about who asks, and prove that somebody answers.
_SERVER_TROUBLE = ("53", "57", "58", "F0", "XX")


async def speaks(host: str, port: int) -> None:
    """Fail unless the server answers a startup packet by asking for authentication, or by turning the user down."""
    async with connected(host, port) as stream:
        await stream.send(_STARTUP)
        kind, payload = await _message(stream)
    if kind == _ERROR:
        fields = _fields(payload)
        state, message = fields.get("C", ""), fields.get("M", "")
        if not state:
            raise CheckFailed(f"{stream.where} is not a PostgreSQL server: its error has no code")
        if state.startswith(_SERVER_TROUBLE):
            raise CheckFailed(trouble(state, message))


def trouble(state: str, message: str) -> str:
    """Return the public reason for a server's own trouble, by its SQLSTATE and text."""
    if state == "53300":
        return "too many connections"
    if state == "57P03":  # cannot_connect_now
        return f"{'shutting down' if 'shutting down' in message else 'starting up'}: {one_line(message)}"
    return f"error {one_line(state, 5)}: {one_line(message)}"


async def _message(stream: Stream) -> tuple[bytes, bytes]:
    data = bytearray(await stream.receive_some(_HEADER))
    kind, size = bytes(data[:1]), int.from_bytes(data[1:_HEADER], "big")
    if kind not in {_AUTHENTICATION, _ERROR, _NEGOTIATION} or not 4 <= size <= _LONGEST_MESSAGE:  # noqa: PLR2004 (the length's own bytes)
        raise CheckFailed(f"{stream.where} is not a PostgreSQL server: it answered {who_answered(bytes(data))}")
    while len(data) < size + 1:
        data += await stream.receive_some(1)
    return kind, bytes(data[_HEADER : size + 1])


def _fields(payload: bytes) -> Mapping[str, str]:
    parts = (part.decode(errors="replace") for part in payload.split(b"\0") if part)
    return {part[0]: part[1:] for part in parts}
