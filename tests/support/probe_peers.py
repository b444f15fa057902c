"""Scripted servers on the loopback address, and the probe's script."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "scripts" / "petsage-probe"
LONG = 10.0
"""Seconds after which a test fails; nothing takes nearly as long."""

Behavior = Callable[[socket.socket], None]


@dataclass(frozen=True)
class ProbeResult:
    """Exit status and output of the script."""

    code: int
    out: str
    err: str = ""


@dataclass
class Peer:
    """A server: its port, and what its clients have sent so far, one entry for each connection."""

    port: int
    received: list[bytes] = field(default_factory=list)
    asked: threading.Event = field(default_factory=threading.Event)

    @property
    def name(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self.name}/"


def environment(**variables: str) -> Mapping[str, str]:
    """Return an environment with nothing that the probe reads except `variables`."""
    return {"PATH": os.environ["PATH"], "LC_ALL": "C", **variables}


def probe(
    *arguments: str,
    timeout: str | None = f"{LONG:g}",
    command: tuple[str, ...] = (sys.executable, str(SCRIPT)),
    environ: Mapping[str, str] | None = None,
) -> ProbeResult:
    """Run the script as a container would, and wait for it."""
    options = () if timeout is None else ("--timeout", timeout)
    done = subprocess.run(
        [*command, *arguments, *options],
        env=environment(**(environ or {})),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=3 * LONG,
        check=False,
    )
    return ProbeResult(done.returncode, done.stdout.decode(), done.stderr.decode())


@contextmanager
def listening(behavior: Behavior, family: int = socket.AF_INET, address: object = ("127.0.0.1", 0)) -> Iterator[Peer]:
    """Accept clients one after another: read the head of the request, then run `behavior`."""
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.bind(address)  # type: ignore[arg-type]
        listener.listen()
        peer = Peer(0 if family == socket.AF_UNIX else listener.getsockname()[1])
        thread = threading.Thread(target=_serve, args=(listener, behavior, peer))
        thread.start()
        try:
            yield peer
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(LONG)
            assert not thread.is_alive()


def _serve(listener: socket.socket, behavior: Behavior, peer: Peer) -> None:
    with suppress(OSError):  # the test is over
        while True:
            client, _ = listener.accept()
            with client:
                _serve_one(client, behavior, peer)


def _serve_one(client: socket.socket, behavior: Behavior, peer: Peer) -> None:
    client.settimeout(LONG)
    index = len(peer.received)
    peer.received.append(b"")
    while not peer.received[index].endswith(b"\r\n\r\n"):
        data = client.recv(4096)
        if not data:
            return
        peer.received[index] += data
    peer.asked.set()
    with suppress(ConnectionError):  # the client has read enough
        behavior(client)
        client.shutdown(socket.SHUT_WR)
        peer.received[index] += client.recv(4096)


def answers(data: bytes) -> Behavior:
    """Answer with `data` and close."""
    return lambda client: client.sendall(data)


def answers_and_hangs(data: bytes) -> Behavior:
    """Answer with `data` and neither go on nor close until the client is gone."""

    def behavior(client: socket.socket) -> None:
        client.sendall(data)
        client.recv(1)

    return behavior


def answers_without_end(start: bytes, again: bytes, pause: float = 0.0) -> Behavior:
    """Answer with `start`, then with `again` every `pause` seconds until the client is gone."""

    def behavior(client: socket.socket) -> None:
        client.sendall(start)
        never = threading.Event()
        while True:
            client.sendall(again)
            never.wait(pause)

    return behavior


def resets(data: bytes) -> Behavior:
    """Answer with `data` and, when that was read, reset the connection."""

    def behavior(client: socket.socket) -> None:
        client.sendall(data)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        client.close()

    return behavior


def answer(status: str, body: bytes = b"", *fields: str) -> bytes:
    """Return the bytes of a complete answer."""
    head = [f"HTTP/1.1 {status}", *fields, f"Content-Length: {len(body)}", "", ""]
    return "\r\n".join(head).encode() + body


@contextmanager
def full_queue() -> Iterator[socket.socket]:
    """Listen without accepting, with as many clients waiting that a further one gets no connection."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(3):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)  # noqa: FBT003 (the socket module's own signature)
            waiting.connect_ex(listener.getsockname())
        yield listener
