"""Raw HTTP: arbitrary bytes to a server, and its answer."""

import json
import socket
from collections.abc import Iterable
from typing import Any, NamedTuple

TIMEOUT = 30.0
"""Seconds after which a test fails."""


class RawAnswer(NamedTuple):
    """An answer, read until the server closed the connection."""

    start: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT)


def ask(port: int, *parts: bytes) -> RawAnswer:
    """Send the parts one after the other, and return the answer with everything that follows it."""
    with connect(port) as client:
        for part in parts:
            client.sendall(part)
        return read_all(client)


def read_all(client: socket.socket) -> RawAnswer:
    """Read until the server closes the connection."""
    received = b"".join(iter(lambda: client.recv(65536), b""))
    head, _, body = received.partition(b"\r\n\r\n")
    start, *lines = head.decode("latin-1").split("\r\n")
    return RawAnswer(start, _fields(lines), body)


def _fields(lines: Iterable[str]) -> dict[str, str]:
    return {name: value for name, _, value in (line.partition(": ") for line in lines)}
