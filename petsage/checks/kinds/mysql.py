"""`mysql`: a MySQL or MariaDB server that speaks its protocol, without a driver and without credentials.

A server counts a greeting that nobody answers as a connection error, and after `max_connect_errors` of them (100)
blocks the client's host (error 1129). So the handshake is finished, as a user that is not let in; that is not counted.
Packets: https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase.html
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import ClassVar

from petsage.checks.kinds._schema import Url
from petsage.checks.kinds._server import Server, ServerSchema
from petsage.checks.kinds._stream import Stream, connected
from petsage.checks.kinds._text import latency_ms, one_line, who_answered
from petsage.checks.model import CheckFailed

leaves_process = True
component_type = "datastore"

_OK, _MORE, _ERROR, _SWITCH, _PROTOCOL_10 = 0x00, 0x01, 0xFF, 0xFE, 0x0A
_LONGEST_PACKET = 65536
_HIGHEST_NUMBER = 8  # of a packet, in a handshake
_QUIT = b"\x01\x00\x00\x00\x01"
# CLIENT_LONG_PASSWORD, PROTOCOL_41, RESERVED2 (secure connection), PLUGIN_AUTH; utf8mb4; user petsage, no password.
_RESPONSE = struct.pack("<IIB23x", 0x00088201, 1 << 24, 45) + b"petsage\0" + b"\0" + b"mysql_native_password\0"
_REASONS = {
    1040: "too many connections",
    1053: "shutting down",
    1129: "this host is blocked because of many connection errors",
    1130: "this host is not allowed to connect",
}


@dataclass(frozen=True, kw_only=True)
class Mysql(Server):
    """Holds when the server greets and takes part in the handshake; credentials in `url` are not used."""

    usual_port: ClassVar[int] = 3306

    async def run(self) -> Mapping[str, object]:
        """Read the greeting, ask to be let in, and hang up."""
        started = perf_counter()
        async with connected(*self.address) as stream:
            _, greeting = await _packet(stream)
            version = _version(greeting, stream.where)
            latency = latency_ms(started)
            await _say_goodbye(stream)
        return {"version": version, "latency_ms": latency}


def _version(greeting: bytes, where: str) -> str:
    if greeting[0] == _ERROR:
        code = int.from_bytes(greeting[1:3], "little")
        raise CheckFailed(_REASONS.get(code, f"error {code}: {one_line(greeting[3:])}"))
    if greeting[0] != _PROTOCOL_10:
        raise CheckFailed(f"{where} is not a MySQL server: it speaks protocol {greeting[0]}")
    return one_line(greeting[1:].partition(b"\0")[0], 60)


async def _say_goodbye(stream: Stream) -> None:
    await stream.send(_framed(_RESPONSE, 1))
    number, answer = await _packet(stream)
    if answer[0] == _SWITCH:
        await stream.send(_framed(b"", number + 1))
        _, answer = await _packet(stream)
    if answer[0] in {_OK, _MORE}:
        await stream.send(_QUIT)
    elif answer[0] != _ERROR:
        raise CheckFailed(f"{stream.where} is not a MySQL server: it answered the handshake with {answer[0]}")


def _framed(payload: bytes, number: int) -> bytes:
    return struct.pack("<I", len(payload) | (number & 0xFF) << 24) + payload


async def _packet(stream: Stream) -> tuple[int, bytes]:
    """Return the next packet's number and its payload, of at least one byte."""
    data = bytearray(await stream.receive_some(5))
    size = int.from_bytes(data[:3], "little")
    if not 0 < size < _LONGEST_PACKET or data[3] > _HIGHEST_NUMBER:
        raise CheckFailed(f"{stream.where} is not a MySQL server: it answered {who_answered(bytes(data))}")
    while len(data) < size + 4:
        data += await stream.receive_some(1)
    return data[3], bytes(data[4 : size + 4])


class MysqlSchema(ServerSchema):
    """Settings of `mysql`."""

    makes = Mysql

    url = Url(("mysql", "mariadb"))


schema = MysqlSchema()
