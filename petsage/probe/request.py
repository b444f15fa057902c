"""One request to one URL, in steps whose names are reported."""

from time import monotonic

try:
    import _socket as socket
except ImportError:  # not CPython
    import socket  # type: ignore[no-redef]

from petsage.probe.response import SUCCESS, ProbeResponse, Stream
from petsage.probe.url import ProbeUrl

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _thread import LockType
    from typing import Any


class ProbeRequest:
    """One request, made by `run` in a thread of its own; another thread reads `step`, `passed` and `line`."""

    def __init__(self, url: ProbeUrl, deadline: float) -> None:
        self._url = url
        self._deadline = deadline
        self.step = "starting"
        self.passed = False
        self.line = ""

    def run(self, done: "LockType") -> None:
        """Make the request, set `passed` and `line`, and release `done`."""
        try:
            response = self._response()
            self.passed, self.line = response.status in SUCCESS, str(response)
        except (OSError, EOFError, ValueError) as error:
            self.line = f"{self.step}: {_reason(error)}"
        finally:
            done.release()

    def _response(self) -> ProbeResponse:
        connection = self._connect()
        self.step = f"sending the request to {self._url}"
        connection.sendall(self._url.request())
        self.step = f"waiting for the answer from {self._url}"
        stream = Stream(connection)
        stream.receive()
        self.step = f"reading the head of the answer from {self._url}"
        response = ProbeResponse(stream)
        self.step = f"reading the body of the {response.status} from {self._url}"
        try:
            response.read_body()
        except (OSError, EOFError, ValueError):
            if response.status in SUCCESS:
                raise
        return response

    def _connect(self) -> socket.socket:
        self.step = f"resolving {self._url}"
        addresses = self._url.addresses()
        self.step = f"connecting to {self._url}"
        failures = []
        for index, (family, address, name) in enumerate(addresses):
            try:
                return _connect_to(family, address, self._timeout(len(addresses) - index))
            except OSError as error:
                failures.append(f"{name} {_reason(error)}" if len(addresses) > 1 else _reason(error))
        raise OSError("; ".join(failures))

    def _timeout(self, remaining: int) -> float | None:
        """Return the seconds for one of the remaining addresses; the last one is limited by the deadline alone."""
        return None if remaining == 1 else max((self._deadline - monotonic()) / remaining, 0.001)


def _connect_to(family: int, address: "Any", timeout: float | None) -> socket.socket:
    connection = socket.socket(family, socket.SOCK_STREAM)
    connection.settimeout(timeout)
    connection.connect(address)
    connection.settimeout(None)
    return connection


def _reason(error: Exception) -> str:
    if isinstance(error, ConnectionRefusedError):
        return "refused, nothing listens there"
    return getattr(error, "strerror", None) or str(error)
