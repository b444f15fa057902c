"""MySQL's and MariaDB's errors, and what they mean for a check.

https://dev.mysql.com/doc/mysql-errors/en/server-error-reference.html, https://mariadb.com/kb/en/mariadb-error-codes/
"""

from collections.abc import Mapping

from petsage.checks.model import CheckFailed, Code
from petsage.checks.sdk.texts import Masker

_NUMBER_END = 3
_STATE_MARKER, _STATE_LENGTH = b"#", 6

_SERVER: Mapping[int, tuple[str, Code]] = {
    1040: ("too many connections", Code.FULL),
    1041: ("out of memory", Code.FULL),
    1053: ("shutting down", Code.STOPPING),
    1129: ("this host is blocked because of many connection errors", Code.DENIED),
    1130: ("this host is not allowed to connect", Code.DENIED),
    1135: ("it cannot start a thread for a connection", Code.FULL),
    1203: ("too many connections of this user", Code.FULL),
    1226: ("too many connections or queries of this user", Code.FULL),
    3169: ("the connection was killed", Code.CLOSED),
}
_CODES: Mapping[int, Code] = {
    **dict.fromkeys((1044, 1045, 1049, 1251, 1275, 1524, 1698, 1820, 1862, 3118, 4151), Code.LOGIN),
    **dict.fromkeys((1142, 1143, 1227, 1370), Code.DENIED),
    **dict.fromkeys((1205, 1317, 1969, 3024), Code.TIMEOUT),
    1021: Code.FULL,
    1043: Code.PROTOCOL,
    1047: Code.PROTOCOL,
    1158: Code.PROTOCOL,
    1290: Code.READ_ONLY,
    1927: Code.CLOSED,
    3159: Code.TLS,
}
_WRONG_PASSWORD = {1045, 1698}


def error_number(packet: bytes) -> int:
    """Return the number of an error packet."""
    return int.from_bytes(packet[1:_NUMBER_END], "little")


def is_server_error(packet: bytes) -> bool:
    """Return whether an error is about the server itself, and not about the client's login or query."""
    return error_number(packet) in _SERVER


def server_failure(packet: bytes, masker: Masker) -> CheckFailed:
    """Return the failure for an error packet."""
    number = error_number(packet)
    if number in _SERVER:
        text, code = _SERVER[number]
        return CheckFailed(text, code=code)
    message = packet[_NUMBER_END:]
    shown = masker.first_line(message[_STATE_LENGTH:] if message.startswith(_STATE_MARKER) else message)
    what = "wrong user or password" if number in _WRONG_PASSWORD else f"error {number}"
    return CheckFailed(f"{what}: {shown}", code=_CODES.get(number, Code.CONTENT))
