"""What is asked of this machine only: `disk`, `file` and `command`."""

import asyncio
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

from tests.integration.kinds.servers import until
from tests.integration.truth.files import changed
from tests.integration.truth.group import Group, Trouble, in_thread
from tests.integration.truth.table import OFTEN

YOUNGER_THAN = 1.0
_INODES = 64
_MOUNT = f"size=4m,nr_inodes={_INODES}"


@contextmanager
def disk() -> Iterator[Group]:
    """Mount a small file system."""
    with tempfile.TemporaryDirectory(prefix="petsage") as name:
        mount = Path(name)
        _mount(mount)
        try:
            entry = {"kind": "disk", "path": str(mount / "data"), **OFTEN}
            yield Group("file system", {"disk": entry}, _of_a_disk(mount))
        finally:
            _unmount(mount)


def _unmount(mount: Path) -> None:
    subprocess.run(["umount", str(mount)], check=True)


def _mount(mount: Path) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", _MOUNT, "petsage", str(mount)], check=True)
    (mount / "data").mkdir()


def _of_a_disk(mount: Path) -> dict[str, Trouble]:
    @asynccontextmanager
    async def unmounted() -> AsyncIterator[None]:
        await asyncio.to_thread(_unmount, mount)
        try:
            yield
        finally:
            await asyncio.to_thread(_mount, mount)

    @asynccontextmanager
    async def mounted_again() -> AsyncIterator[None]:
        async with unmounted():
            pass
        yield

    return {
        "stopped": unmounted,
        "restarted": mounted_again,
        "full": lambda: in_thread(_full(mount / "data" / "file")),
        "no inode left": lambda: in_thread(_without_inodes(mount / "data" / "files")),
        "read-only": lambda: _read_only(mount),
    }


@contextmanager
def _full(path: Path) -> Iterator[None]:
    with suppress(OSError), path.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
    try:
        yield
    finally:
        path.unlink()


@contextmanager
def _without_inodes(path: Path) -> Iterator[None]:
    path.mkdir()
    with suppress(OSError):
        for number in range(_INODES):
            (path / str(number)).touch()
    try:
        yield
    finally:
        shutil.rmtree(path)


@asynccontextmanager
async def _read_only(mount: Path) -> AsyncIterator[None]:
    await asyncio.to_thread(_remount, mount, "ro")
    try:
        yield
    finally:
        await asyncio.to_thread(_remount, mount, f"rw,{_MOUNT}")


def _remount(mount: Path, options: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{options}", str(mount)], check=True)


class _Heart:
    """A worker that touches a file ten times a second."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        argv = ["sh", "-c", 'while :; do : > "$0"; sleep 0.1; done', str(self.path)]
        self._process = subprocess.Popen(argv, start_new_session=True)
        until(self.path.exists, "the worker writes nothing")

    def kill(self) -> None:
        self.signal(signal.SIGKILL)
        assert self._process is not None
        self._process.wait()

    def signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        os.killpg(self._process.pid, number)

    async def grown_old(self) -> None:
        """Return when the file is too old, from which moment on the check has to see it."""
        await asyncio.to_thread(until, self._is_old, "the file remains young")

    def _is_old(self) -> bool:
        return time.time() - self.path.stat().st_mtime >= YOUNGER_THAN


@contextmanager
def file() -> Iterator[Group]:
    """Start a worker whose heartbeat is a file."""
    with tempfile.TemporaryDirectory(prefix="petsage") as name:
        heart = _Heart(Path(name) / "heartbeat")
        heart.start()
        try:
            entry = {"kind": "file", "path": str(heart.path), "younger_than": f"{YOUNGER_THAN:g}s", **OFTEN}
            yield Group("worker with a heartbeat", {"file": entry}, _of_a_heart(heart))
        finally:
            heart.kill()


def _of_a_heart(heart: _Heart) -> dict[str, Trouble]:
    @asynccontextmanager
    async def stopped() -> AsyncIterator[None]:
        heart.kill()
        await heart.grown_old()
        try:
            yield
        finally:
            await asyncio.to_thread(heart.start)

    @asynccontextmanager
    async def paused() -> AsyncIterator[None]:
        heart.signal(signal.SIGSTOP)
        await heart.grown_old()
        try:
            yield
        finally:
            heart.signal(signal.SIGCONT)

    @asynccontextmanager
    async def restarted() -> AsyncIterator[None]:
        heart.kill()
        heart.path.unlink()
        await asyncio.to_thread(heart.start)
        yield

    @asynccontextmanager
    async def starting() -> AsyncIterator[None]:
        heart.kill()
        heart.path.unlink()
        try:
            yield
        finally:
            await asyncio.to_thread(heart.start)

    return {"stopped": stopped, "paused": paused, "restarted": restarted, "starting up": starting}


@contextmanager
def command() -> Iterator[Group]:
    """Write a program that holds, and can be made to fail."""
    with tempfile.TemporaryDirectory(prefix="petsage") as name:
        script = Path(name) / "program"
        script.write_text("echo well\n")
        entry = {"kind": "command", "argv": ["sh", str(script)], **OFTEN}
        yield Group("program", {"command": entry}, _of_a_program(script))


def _of_a_program(script: Path) -> dict[str, Trouble]:
    def saying(text: str) -> Trouble:
        return lambda: changed(script, text)

    return {
        "stopped": saying("exit 1\n"),
        "paused": saying("kill -STOP $$\n"),
        "restarted": saying("echo 'well again'\n"),
        "silent": saying("sleep 60\n"),
        "drips": saying("while :; do echo .; sleep 0.05; done\n"),
    }
