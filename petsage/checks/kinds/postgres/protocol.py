"""The part of PostgreSQL's protocol that needs no login.

https://www.postgresql.org/docs/current/protocol-message-formats.html
"""

import struct
from collections.abc import Mapping

from petsage.checks.kinds.postgres.errors import server_failure
from petsage.checks.model import CheckFailed, Code
from petsage.checks.sdk.connection import Stream
from petsage.checks.sdk.errors import translate_errors
from petsage.checks.sdk.texts import guess_protocol
from petsage.checks.sdk.tls import TlsPolicy

SSL_REQUEST = struct.pack("!II", 8, 80877103)

HEADER_BYTES = 5
"""A message begins with its type, one byte, and its length, four."""

MAX_MESSAGE_BYTES = 65536

_PARAMETERS = b"user\0petsage\0database\0postgres\0application_name\0petsage\0\0"
_STARTUP = struct.pack("!II", len(_PARAMETERS) + 8, 3 << 16) + _PARAMETERS
_AUTHENTICATION, _ERROR, _NEGOTIATION = b"R", b"E", b"v"
_TERMINATE = b"X\0\0\0\x04"
_AUTHENTICATED = bytes(4)

# Classes of SQLSTATE that are about the server; others are about the login, and prove that the server answers.
_SERVER_ERRORS = ("53", "57", "58", "F0", "XX")


async def probe_protocol(stream: Stream, policy: TlsPolicy | None) -> None:
    """Send a startup packet; raise `CheckFailed` unless the server requests authentication, or refuses the user."""
    if policy is not None:
        await start_tls(stream, policy)
    await stream.send(_STARTUP)
    kind, payload = await _message(stream)
    if kind == _ERROR:
        _check_error(stream, _fields(payload))
    elif kind == _AUTHENTICATION and payload.startswith(_AUTHENTICATED):
        await stream.send(_TERMINATE)
    await stream.close_tls()


async def start_tls(stream: Stream, policy: TlsPolicy) -> None:
    """Request TLS and start it; continue without it when the server declines and TLS is not required."""
    await stream.send(SSL_REQUEST)
    answer = await stream.receive_some(1)
    if answer == b"S":
        with translate_errors(stream.where):
            await stream.start_tls(policy.context, policy.server_name)
    elif answer != b"N":
        raise not_postgres(stream.where, answer)
    elif policy.required:
        raise CheckFailed(f"{stream.where} does not speak TLS", code=Code.TLS)


def not_postgres(where: str, answer: bytes) -> CheckFailed:
    """Return the failure for an answer that is not PostgreSQL's."""
    text = f"{where} is not a PostgreSQL server: it answered {guess_protocol(answer)}"
    return CheckFailed(text, code=Code.PROTOCOL)


def _check_error(stream: Stream, fields: Mapping[str, str]) -> None:
    state, message = fields.get("C", ""), fields.get("M", "")
    if not state:
        text = f"{stream.where} is not a PostgreSQL server: its error has no code"
        raise CheckFailed(text, code=Code.PROTOCOL)
    if state.startswith(_SERVER_ERRORS):
        raise server_failure(state, message)


async def _message(stream: Stream) -> tuple[bytes, bytes]:
    data = bytearray(await stream.receive_some(HEADER_BYTES))
    kind, size = bytes(data[:1]), int.from_bytes(data[1:HEADER_BYTES], "big")
    if kind not in {_AUTHENTICATION, _ERROR, _NEGOTIATION} or not 4 <= size <= MAX_MESSAGE_BYTES:  # noqa: PLR2004 (the length's own bytes)
        raise not_postgres(stream.where, bytes(data))
    while len(data) < size + 1:
        more = await stream.receive()
        if not more:
            raise stream.truncated()
        data += more
    return kind, bytes(data[HEADER_BYTES : size + 1])


def _fields(payload: bytes) -> Mapping[str, str]:
    parts = (part.decode(errors="replace") for part in payload.split(b"\0") if part)
    return {part[0]: part[1:] for part in parts}
