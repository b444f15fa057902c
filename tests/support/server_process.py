"""Servers in processes of their own, started by `petsage serve`."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

START_WITHIN = 60.0
_LISTENS = re.compile(r"listens on (\S+)")


class Answer(NamedTuple):
    """Answer of a server."""

    status: int
    headers: dict[str, str]
    body: str

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Server:
    """A running server: its URL, its log (standard error), and its process."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lines: list[str] = []
        self._listening = threading.Event()
        self.url = ""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def wait_until_listening(self) -> None:
        if not self._listening.wait(START_WITHIN) or not self.url:
            raise AssertionError("the server did not start:\n" + self.log)

    @property
    def log(self) -> str:
        return "".join(self.lines)

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def get(self, path: str, method: str = "GET", headers: dict[str, str] | None = None) -> Answer:
        request = urllib.request.Request(self.url + path, method=method, headers=headers or {})
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return Answer(response.status, dict(response.headers), response.read().decode())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, dict(error.headers), error.read().decode())

    def terminate(self, number: int = signal.SIGTERM, within: float = 30.0) -> int:
        """Send a signal, and return the exit status."""
        self.process.send_signal(number)
        return self.wait(within)

    def wait(self, within: float = 30.0) -> int:
        status = self.process.wait(within)
        self._reader.join(within)
        return status

    def _read(self) -> None:
        assert self.process.stderr is not None
        with self.process.stderr as lines:
            for line in lines:
                self.lines.append(line)
                if (found := _LISTENS.search(line)) is not None:
                    self.url = found.group(1).rstrip(',"}')
                    self._listening.set()
        self._listening.set()


def start(
    *arguments: str,
    cwd: Path,
    env: dict[str, str] | None = None,
    python: str = sys.executable,
    before: Sequence[str] = (),
) -> Server:
    """Start `petsage serve` and return at once; `before` is a command that starts a command, such as `prlimit`."""
    process = subprocess.Popen(
        [*before, python, "-m", "petsage", "serve", *arguments],
        cwd=cwd,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    return Server(process)


@contextmanager
def serving(
    *arguments: str,
    cwd: Path,
    env: dict[str, str] | None = None,
    python: str = sys.executable,
    before: Sequence[str] = (),
) -> Iterator[Server]:
    """Serve on a free port of the loopback until the block ends."""
    server = start("--host", "127.0.0.1", "--port", "0", *arguments, cwd=cwd, env=env, python=python, before=before)
    try:
        server.wait_until_listening()
        yield server
    finally:
        if server.process.poll() is None:
            server.process.kill()
        server.wait()


def hide_uvloop(path: Path) -> Path:
    """Return a folder that, on PYTHONPATH, makes the import of uvloop fail."""
    folder = path / "hidden"
    folder.mkdir()
    (folder / "uvloop.py").write_text("raise ImportError('hidden')")
    return folder
