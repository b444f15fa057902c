"""Servers on the loopback address that say what they are told to, and the real script that asks them."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "scripts" / "petsage-probe"
LONG = 10.0
"""Seconds after which a test has failed; nothing takes nearly as long."""

Talk = Callable[[socket.socket], None]


@dataclass(frozen=True)
class Verdict:
    """What the script left behind."""

    code: int
    out: str
    err: str = ""


@dataclass
class Peer:
    """A server: its port, and all that its clients have sent it so far, one entry a connection."""

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
    """Return an environment without anything that the probe looks at, but for `variables`."""
    return {"PATH": os.environ["PATH"], "LC_ALL": "C", **variables}


def probe(
    *arguments: str,
    timeout: str | None = f"{LONG:g}",
    command: tuple[str, ...] = (sys.executable, str(SCRIPT)),
    environ: Mapping[str, str] | None = None,
) -> Verdict:
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
    return Verdict(done.returncode, done.stdout.decode(), done.stderr.decode())


@contextmanager
def listening(talk: Talk, family: int = socket.AF_INET, address: object = ("127.0.0.1", 0)) -> Iterator[Peer]:
    """Accept clients one after another; each is read to the end of its request's head, then talked to."""
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.bind(address)  # type: ignore[arg-type]
        listener.listen()
        peer = Peer(0 if family == socket.AF_UNIX else listener.getsockname()[1])
        thread = threading.Thread(target=_serve, args=(listener, talk, peer))
        thread.start()
        try:
            yield peer
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(LONG)
            assert not thread.is_alive()


def _serve(listener: socket.socket, talk: Talk, peer: Peer) -> None:
    with suppress(OSError):  # the test is over
        while True:
            client, _ = listener.accept()
            with client:
                _serve_one(client, talk, peer)


def _serve_one(client: socket.socket, talk: Talk, peer: Peer) -> None:
    client.settimeout(LONG)
    index = len(peer.received)
    peer.received.append(b"")
    while not peer.received[index].endswith(b"\r\n\r\n"):
        piece = client.recv(4096)
        if not piece:
            return
        peer.received[index] += piece
    peer.asked.set()
    with suppress(ConnectionError):  # the client has heard enough
        talk(client)
        client.shutdown(socket.SHUT_WR)
        peer.received[index] += client.recv(4096)


def says(data: bytes) -> Talk:
    """Answer with `data` and close."""
    return lambda client: client.sendall(data)


def says_and_hangs(data: bytes) -> Talk:
    """Answer with `data` and neither go on nor close until the client is gone."""

    def talk(client: socket.socket) -> None:
        client.sendall(data)
        client.recv(1)

    return talk


def says_for_ever(start: bytes, again: bytes, pause: float = 0.0) -> Talk:
    """Answer with `start`, then with `again` every `pause` seconds until the client is gone."""

    def talk(client: socket.socket) -> None:
        client.sendall(start)
        never = threading.Event()
        while True:
            client.sendall(again)
            never.wait(pause)

    return talk


def resets(data: bytes) -> Talk:
    """Answer with `data` and, when that was read, reset the connection."""

    def talk(client: socket.socket) -> None:
        client.sendall(data)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        client.close()

    return talk


def answer(status: str, body: bytes = b"", *fields: str) -> bytes:
    """Return a whole answer."""
    head = [f"HTTP/1.1 {status}", *fields, f"Content-Length: {len(body)}", "", ""]
    return "\r\n".join(head).encode() + body
