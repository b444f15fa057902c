"""Responses of servers: the first success after a start, and whether it has the expected document."""

import json
import socket
import time
from collections.abc import Callable
from http.client import HTTPConnection
from typing import Any

STARTS_WITHIN = 60.0
_PAUSE = 0.001
_LONGEST_ANSWER = 5.0
_LARGEST = 65536


def first_success(port: int, path: str, while_true: Callable[[], bool]) -> float | None:
    """Request a port of the loopback until it answers 200; return the time of that answer, of `time.perf_counter`.

    Return None after a minute, or as soon as `while_true` is not.
    """
    until = time.perf_counter() + STARTS_WITHIN
    while (now := time.perf_counter()) < until and while_true():
        if _succeeds(port, path):
            return time.perf_counter()
        time.sleep(max(0.0, now + _PAUSE - time.perf_counter()))
    return None


def get(port: int, path: str, headers: dict[str, str] | None = None) -> tuple[int, Any]:
    """Return the status and the JSON document of an answer, or its text if it is not JSON."""
    connection = HTTPConnection("127.0.0.1", port, timeout=_LONGEST_ANSWER)
    try:
        connection.request("GET", path, headers=headers or {})
        response = connection.getresponse()
        return response.status, _document(response.read().decode())
    finally:
        connection.close()


def _document(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _succeeds(port: int, path: str) -> bool:
    """Return whether the status is 200; uses a bare socket, which costs the client least."""
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=_LONGEST_ANSWER) as connection:
            connection.sendall(request.encode())
            return connection.recv(_LARGEST)[8:13] == b" 200 "
    except OSError:
        return False


def free_port() -> int:
    """Return a free TCP port of the loopback address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
