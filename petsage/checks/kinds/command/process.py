"""A program in a session of its own, watched by a daemon thread, of which nothing is left behind."""

import asyncio
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock

from petsage.checks.kinds.command.process_tree import ProcessTree
from petsage.checks.model import CheckFailed, Code
from petsage.checks.threads import in_daemon_thread

_MAX_KEPT = 4096  # bytes of output
_MAX_OUTPUT = 1 << 20  # bytes of output after which a program is ended


async def run(argv: Sequence[str], env: Mapping[str, str], cwd: Path) -> tuple[int, bytes]:
    """Return a program's exit code (negative: the signal) and the beginning of its output.

    Cancelled, it kills the group and returns when the program is gone; cancelled once more, it does not wait for that.
    """
    child = _Child(ProcessTree())
    output = _Output(child)
    try:
        gone = in_daemon_thread(lambda: child.live(argv, {**os.environ, **env}, cwd, output.writer), f"run {argv[0]}")
    except OSError:
        os.close(output.writer)
        output.close()
        raise
    try:
        code = await asyncio.wrap_future(gone)
    except asyncio.CancelledError:
        child.kill()
        with suppress(CheckFailed):
            await asyncio.wrap_future(gone)
        raise
    finally:
        child.kill()
        output.close()
    if output.seen > _MAX_OUTPUT:
        raise CheckFailed("ended because it wrote more than 1 MiB", code=Code.CONTENT)
    return code, bytes(output.kept)


class _Child:
    """A process group; `live` is called in the thread, `kill` from anywhere, also before there is a process."""

    def __init__(self, descent: ProcessTree) -> None:
        self._descent = descent
        self._lock = Lock()
        self._group: int | None = None
        self._doomed = False

    def live(self, argv: Sequence[str], env: Mapping[str, str], cwd: Path, writer: int) -> int:
        """Start, wait for the end, kill all that is left of it, and return the exit code."""
        process = _start(argv, {**env, **self._descent.environment}, cwd, writer)
        with self._lock:
            self._group = process.pid
        if self._doomed:
            self.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # not reaped: its number is still the group's
        self.kill()
        with self._lock:
            self._group = None
            code = process.wait()
        self._descent.end(process.pid)
        return code

    def kill(self) -> None:
        """Kill the whole group."""
        with self._lock, suppress(ProcessLookupError, PermissionError):
            self._doomed = True
            if self._group is not None:
                os.killpg(self._group, signal.SIGKILL)


class _Output:
    """What a program writes, read by the event loop; grandchildren may hold the pipe, so its end is not waited for."""

    def __init__(self, child: _Child) -> None:
        self.kept = bytearray()
        self.seen = 0
        self._child = child
        self._reader, self.writer = os.pipe()
        os.set_blocking(self._reader, False)
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._reader, self._read)

    def close(self) -> None:
        """Take what is there still, and let go."""
        self._read()
        self._loop.remove_reader(self._reader)
        os.close(self._reader)

    def _read(self) -> None:
        try:
            data = os.read(self._reader, 65536)
        except BlockingIOError:
            return
        if not data:
            self._loop.remove_reader(self._reader)
        self.seen += len(data)
        self.kept += data[: _MAX_KEPT - len(self.kept)]
        if self.seen > _MAX_OUTPUT:
            self._child.kill()


def _start(argv: Sequence[str], env: Mapping[str, str], cwd: Path, writer: int) -> "subprocess.Popen[bytes]":
    try:
        return subprocess.Popen(  # noqa: S603 (the operator's own list, and no shell)
            argv, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=writer, stderr=writer, start_new_session=True
        )
    except OSError as error:
        raise _unstartable(error, argv[0], cwd) from None
    finally:
        os.close(writer)


def _unstartable(error: OSError, program: str, cwd: Path) -> CheckFailed:
    is_folder = str(error.filename) == str(cwd)
    what = str(cwd) if is_folder else program
    if isinstance(error, FileNotFoundError):
        return CheckFailed(f"{what}: no such {'folder' if is_folder else 'program'}", code=Code.MISSING)
    if isinstance(error, PermissionError) and not is_folder:
        return CheckFailed(f"{what}: not executable", code=Code.DENIED)
    code = Code.DENIED if isinstance(error, PermissionError) else Code.LOCAL
    return CheckFailed(f"{what}: {error.strerror}", code=code)
