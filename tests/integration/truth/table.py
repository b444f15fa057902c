"""What is right: for every kind of check and everything that can become of its peer, `pass` or a code."""

from collections.abc import Mapping
from typing import NamedTuple

PASS = "pass"

INTERVAL, DOWN_INTERVAL, TIMEOUT, FALL, RISE = 0.5, 0.25, 0.5, 2, 1
DOWN_WITHIN = INTERVAL * FALL + TIMEOUT
UP_WITHIN = DOWN_INTERVAL * RISE + TIMEOUT
OFTEN = {"interval": "500ms", "down_interval": "250ms", "timeout": "500ms", "fall": FALL, "rise": RISE}

CONDITIONS = (
    "stopped",
    "paused",
    "packets dropped",
    "reset",
    "restarted",
    "starting up",
    "full",
    "wrong password",
    "accepts and closes",
    "silent",
    "drips",
    "another protocol",
    "TLS on plain",
    "plain on TLS",
    "certificate expired",
    "self-signed",
    "wrong host",
    "rotated",
    "authority removed",
    "cut off",
    "stalls",
    "no inode left",
    "read-only",
)

_PEER = {
    "stopped": "refused",
    "paused": "timeout",
    "packets dropped": "timeout",
    "reset": "reset",
    "restarted": PASS,
    "accepts and closes": "closed",
    "silent": "timeout",
    "drips": "timeout",
    "cut off": "closed",
    "stalls": "timeout",
    "another protocol": "protocol",
}
_CERTIFICATE = {
    "plain on TLS": "tls",
    "certificate expired": "certificate",
    "self-signed": "certificate",
    "wrong host": "certificate",
    "rotated": PASS,
    "authority removed": "certificate",
}
_LOGIN = {"starting up": "starting", "full": "full", "wrong password": "login"}
_HTTP = {"starting up": "status", "full": "closed or reset", "wrong password": "status"}

RIGHT: Mapping[str, Mapping[str, str]] = {
    "http": {**_PEER, **_HTTP, "TLS on plain": "status"},
    "https": {**_PEER, **_HTTP, **_CERTIFICATE, "another protocol": "tls"},
    "tcp": {
        **dict.fromkeys(_PEER, PASS),
        "stopped": "refused",
        "packets dropped": "timeout",
        "full": "timeout",
        "TLS on plain": PASS,
    },
    "tcp.expect": {
        **_PEER,
        "another protocol": "content",
        "full": "timeout",
        "TLS on plain": "timeout",
        "cut off": PASS,
        "stalls": PASS,
    },
    "tls": {**_PEER, **_CERTIFICATE, "another protocol": "tls", "full": "closed or reset"},
    "dns": {
        "stopped": "unresolved or timeout",
        "paused": "timeout",
        "packets dropped": "timeout",
        "restarted": PASS,
        "starting up": "unresolved",
        "silent": "timeout",
        "another protocol": "timeout",
    },
    "postgres": {**_PEER, "starting up": "starting", "full": PASS, "TLS on plain": "reset"},
    "postgres.login": {**_PEER, **_LOGIN, "TLS on plain": "reset"},
    "postgres.tls": {**_PEER, **_LOGIN, **_CERTIFICATE},
    "mysql": {**_PEER, "starting up": "timeout", "full": PASS, "TLS on plain": "timeout"},
    "mysql.login": {**_PEER, **_LOGIN, "starting up": "timeout", "TLS on plain": "timeout"},
    "redis": {**_PEER, "starting up": "starting", "full": "full", "TLS on plain": "reset"},
    "redis.login": {**_PEER, **_LOGIN, "TLS on plain": "reset"},
    "redis.tls": {**_PEER, **_LOGIN, **_CERTIFICATE, "full": "closed or reset", "another protocol": "tls"},
    "disk": {
        "stopped": "missing",
        "restarted": PASS,
        "full": "full",
        "no inode left": "full",
        "read-only": "read_only",
    },
    "file": {"stopped": "old", "paused": "old", "restarted": PASS, "starting up": "missing"},
    "command": {"stopped": "status", "paused": "timeout", "restarted": PASS, "silent": "timeout", "drips": "timeout"},
}


def is_right(right: str, found: str) -> bool:
    """Return whether a result is right; `or` separates codes of which either may be found."""
    return found in right.split(" or ")


class Gap(NamedTuple):
    """A cell that is not right yet."""

    row: str
    condition: str


KNOWN_GAPS: frozenset[Gap] = frozenset()
"""Cells that are known to be wrong: the test fails for another wrong cell, and for one of these that is right."""

_NOT_NETWORK = "nothing is asked over a network"
_NO_PASSWORD = "the check sends no password"
_NO_TLS = "the check speaks no TLS"
_SPEAKS_TLS = "the check speaks TLS"
_DATAGRAMS = "names are asked for in datagrams, without connections"
_NOT_THAT = "only a file system has that"
_FILES = frozenset({"no inode left", "read-only"})


def why_not(row: str, condition: str) -> str:
    """Return why a cell does not apply."""
    if condition in _OWN_REASONS.get(row, {}):
        return _OWN_REASONS[row][condition]
    if condition in _FILES:
        return _NOT_THAT
    if row in {"disk", "file", "command"}:
        return _NOT_NETWORK
    if condition == "wrong password":
        return _NO_PASSWORD
    if condition in _CERTIFICATE:
        return _NO_TLS
    return _DATAGRAMS if row == "dns" else _SPEAKS_TLS


_NOT_STARTING = "the port is there when the server is, and a port is all that is asked for"
_OWN_REASONS: Mapping[str, Mapping[str, str]] = {
    "tcp": {"starting up": _NOT_STARTING},
    "tcp.expect": {"starting up": _NOT_STARTING},
    "tls": {"starting up": _NOT_STARTING},
    "disk": {
        "paused": "a file system of this machine is not paused; one of the network that hangs is a timeout",
        "starting up": "a file system is mounted or it is not",
    },
    "file": {
        "full": "who cannot write the file leaves it old, which is the cell `stopped`",
        "no inode left": "who cannot write the file leaves it old, which is the cell `stopped`",
        "read-only": "who cannot write the file leaves it old, which is the cell `stopped`",
        "silent": "who does not write the file leaves it old, which is the cell `stopped`",
    },
    "command": {
        "starting up": "a program is started anew for each run",
        "full": "what the program asks about is its own matter: it exits with 0 or it does not",
        "wrong password": "what the program asks about is its own matter: it exits with 0 or it does not",
        "no inode left": "what the program asks about is its own matter: it exits with 0 or it does not",
        "read-only": "what the program asks about is its own matter: it exits with 0 or it does not",
    },
}
