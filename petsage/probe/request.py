"""One question to one target, asked in steps that have names."""

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
    """One question, asked by `run` in a thread of its own; whoever waits for it reads `step`, `passed` and `line`."""

    def __init__(self, target: ProbeUrl, deadline: float) -> None:
        self._target = target
        self._deadline = deadline
        self.step = "starting"
        self.passed = False
        self.line = ""

    def run(self, done: "LockType") -> None:
        """Ask, keep the verdict, release `done`."""
        try:
            answer = self._ask()
            self.passed, self.line = answer.status in SUCCESS, str(answer)
        except (OSError, EOFError, ValueError) as error:
            self.line = f"{self.step}: {_why(error)}"
        finally:
            done.release()

    def _ask(self) -> ProbeResponse:
        connection = self._connect()
        self.step = f"sending the request to {self._target}"
        connection.sendall(self._target.request())
        self.step = f"waiting for the answer of {self._target}"
        stream = Stream(connection)
        stream.more()
        self.step = f"reading the head of the answer of {self._target}"
        answer = ProbeResponse(stream)
        self.step = f"reading the body of the {answer.status} of {self._target}"
        try:
            answer.read_body()
        except (OSError, EOFError, ValueError):
            if answer.status in SUCCESS:
                raise
        return answer

    def _connect(self) -> socket.socket:
        self.step = f"resolving {self._target}"
        addresses = self._target.addresses()
        self.step = f"connecting to {self._target}"
        failures = []
        for index, (family, address, name) in enumerate(addresses):
            try:
                return _connected(family, address, self._share(len(addresses) - index))
            except OSError as error:
                failures.append(f"{name} {_why(error)}" if len(addresses) > 1 else _why(error))
        raise OSError("; ".join(failures))

    def _share(self, left: int) -> float | None:
        """Return the seconds that one of the addresses left may take; for the last one the deadline alone counts."""
        return None if left == 1 else max((self._deadline - monotonic()) / left, 0.001)


def _connected(family: int, address: "Any", timeout: float | None) -> socket.socket:
    connection = socket.socket(family, socket.SOCK_STREAM)
    connection.settimeout(timeout)
    connection.connect(address)
    connection.settimeout(None)
    return connection


def _why(error: Exception) -> str:
    if isinstance(error, ConnectionRefusedError):
        return "refused, nothing listens there"
    return getattr(error, "strerror", None) or str(error)
