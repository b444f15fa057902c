"""Servers that say what a test wants, and the command line in this process or in one of its own."""

import contextlib
import json
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import BaseRequestHandler, BaseServer, TCPServer, ThreadingMixIn, UnixStreamServer
from typing import Any, NamedTuple

import pytest

from petsage.cli import main


class Asked(NamedTuple):
    """A question: how many came before it, for what, with which credentials."""

    number: int
    path: str
    authorization: str


Reply = Callable[[Asked], tuple[int, Any]]


class Peer:
    """Answers each question with a status and a body; `asked` are the questions."""

    def __init__(self, reply: Reply) -> None:
        self.asked: list[Asked] = []
        self.url = ""
        self._reply = reply
        self._lock = threading.Lock()

    def answer(self, path: str, authorization: str) -> tuple[int, bytes]:
        with self._lock:
            question = Asked(len(self.asked), path, authorization)
            self.asked.append(question)
            status, body = self._reply(question)
        return status, body if isinstance(body, bytes) else json.dumps(body).encode()


class _HttpServer(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """Write nothing: a client that leaves early is what some tests are about."""


class _UnixServer(ThreadingMixIn, UnixStreamServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Write nothing, for the same reason."""


def _handler(peer: Peer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = peer.answer(self.path, self.headers.get("Authorization", ""))
            self.send_response(status)
            if status == 302:
                self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    return Handler


@contextmanager
def peer(reply: Reply, socket: Path | None = None) -> Iterator[Peer]:
    """Serve on a free port of the loopback, or on a Unix socket."""
    made = Peer(reply)
    server: BaseServer
    if socket is None:
        server = http = _HttpServer(("127.0.0.1", 0), _handler(made))
        made.url = f"http://127.0.0.1:{http.server_address[1]}"
    else:
        server = _UnixServer(str(socket), _handler(made))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def answering(answer: Callable[[], bytes]) -> Iterator[int]:
    """Answer each connection with these bytes, whatever is asked, and close it; yield the port."""

    class Handler(BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(1 << 16)
            with contextlib.suppress(OSError):
                self.request.sendall(answer())

    with TCPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def passing(_: Asked) -> tuple[int, Any]:
    return 200, {"status": "pass"}


class Done(NamedTuple):
    """What a command came to; moments and refs in it are written as `T` and `REF`."""

    status: int
    out: str
    err: str


def settled(text: str) -> str:
    text = re.sub(r" *\d+\.\d s  ", "T  ", text)
    text = re.sub(r"(after|in) \d+\.\d s", r"\1 T", text)
    return re.sub(r"\b(ref:?) '?[0-9a-f]{8}'?", r"\1 REF", text)


def command(capsys: pytest.CaptureFixture[str], *arguments: str) -> Done:
    """Run a command in this process."""
    capsys.readouterr()
    try:
        status = main(arguments)
    except SystemExit as error:
        status = int(str(error.code))
    said = capsys.readouterr()
    return Done(status, settled(said.out), settled(said.err))


@contextmanager
def running(*arguments: str, cwd: Path, **options: Any) -> Iterator[subprocess.Popen[str]]:
    """Run a command in a process of its own, its output in pipes unless the options say otherwise."""
    given = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    process = subprocess.Popen([sys.executable, "-m", "petsage", *arguments], cwd=cwd, text=True, **given)
    try:
        yield process
    finally:
        process.kill()
        with contextlib.suppress(ValueError):
            process.communicate()
