"""Bytes to a server and back, as no well-behaved client would send them."""

import json
import socket
from collections.abc import Iterable
from typing import Any, NamedTuple

WITHIN = 30.0
"""Seconds after which a test fails; nothing that works takes as long."""


class Got(NamedTuple):
    """What came until the server closed the connection."""

    start: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=WITHIN)


def ask(port: int, *parts: bytes) -> Got:
    """Send the parts one after the other, and return the answer and what follows it until the server closes."""
    with connect(port) as client:
        for part in parts:
            client.sendall(part)
        return read_all(client)


def read_all(client: socket.socket) -> Got:
    """Read until the server closes the connection."""
    received = b"".join(iter(lambda: client.recv(65536), b""))
    head, _, body = received.partition(b"\r\n\r\n")
    start, *lines = head.decode("latin-1").split("\r\n")
    return Got(start, _fields(lines), body)


def _fields(lines: Iterable[str]) -> dict[str, str]:
    return {name: value for name, _, value in (line.partition(": ") for line in lines)}
