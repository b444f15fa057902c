"""Run a program in a session of its own, wait for it in a daemon thread, and kill all its processes."""

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
_MAX_OUTPUT = 1 << 20  # bytes of output after which a program is killed


async def run(argv: Sequence[str], env: Mapping[str, str], cwd: Path) -> tuple[int, bytes]:
    """Run a program; return its exit code (negative: the signal) and the first 4 KiB of its output.

    A cancellation kills the process group and waits until the program has ended; a second one does not wait.

    Raises:
        CheckFailed: The program cannot be started, or wrote more than 1 MiB.
    """
    child = _Child(ProcessTree())
    output = _Output(child)
    try:
        ended = in_daemon_thread(lambda: child.run(argv, {**os.environ, **env}, cwd, output.writer), f"run {argv[0]}")
    except OSError:
        os.close(output.writer)
        output.close()
        raise
    try:
        code = await asyncio.wrap_future(ended)
    except asyncio.CancelledError:
        child.kill()
        with suppress(CheckFailed):
            await asyncio.wrap_future(ended)
        raise
    finally:
        child.kill()
        output.close()
    if output.seen > _MAX_OUTPUT:
        raise CheckFailed("killed because it wrote more than 1 MiB", code=Code.CONTENT)
    return code, bytes(output.kept)


class _Child:
    """A process group; `run` is called in the thread, `kill` from any thread, also before the process exists."""

    def __init__(self, processes: ProcessTree) -> None:
        self._processes = processes
        self._lock = Lock()
        self._group: int | None = None
        self._killed = False

    def run(self, argv: Sequence[str], env: Mapping[str, str], cwd: Path, writer: int) -> int:
        """Start the program, wait until it ends, kill its remaining processes, and return the exit code."""
        process = _start(argv, {**env, **self._processes.environment}, cwd, writer)
        with self._lock:
            self._group = process.pid
        if self._killed:
            self.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # not reaped yet, so that its PID is not used again
        self.kill()
        with self._lock:
            self._group = None
            code = process.wait()
        self._processes.kill_remaining(process.pid)
        return code

    def kill(self) -> None:
        """Kill the whole group."""
        with self._lock, suppress(ProcessLookupError, PermissionError):
            self._killed = True
            if self._group is not None:
                os.killpg(self._group, signal.SIGKILL)


class _Output:
    """A program's output, read by the event loop; it may have no end, since grandchildren may keep the pipe open."""

    def __init__(self, child: _Child) -> None:
        self.kept = bytearray()
        self.seen = 0
        self._child = child
        self._reader, self.writer = os.pipe()
        os.set_blocking(self._reader, False)
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._reader, self._read)

    def close(self) -> None:
        """Read the remaining output, and close the pipe."""
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
        raise _start_failure(error, argv[0], cwd) from None
    finally:
        os.close(writer)


def _start_failure(error: OSError, program: str, cwd: Path) -> CheckFailed:
    is_folder = str(error.filename) == str(cwd)
    what = str(cwd) if is_folder else program
    if isinstance(error, FileNotFoundError):
        return CheckFailed(f"{what}: no such {'folder' if is_folder else 'program'}", code=Code.MISSING)
    if isinstance(error, PermissionError) and not is_folder:
        return CheckFailed(f"{what}: not executable", code=Code.DENIED)
    code = Code.DENIED if isinstance(error, PermissionError) else Code.LOCAL
    return CheckFailed(f"{what}: {error.strerror}", code=code)
