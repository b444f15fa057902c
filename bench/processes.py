"""Measured programs: started on a core of their own; the kernel reports what they use."""

import os
import select
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from bench.answers import first_success, free_port
from bench.bench import CannotMeasure

ENDS_WITHIN = 30.0
_CPUCLOCK_SCHED = 2  # include/linux/posix-timers.h; with the process id it is the clock of clock_getcpuclockid(3)


@contextmanager
def pinned(core: int) -> Iterator[None]:
    """Run the block, and whatever it starts, on this core."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


class Server:
    """A running server: `started` is the time of its exec (`time.perf_counter`); the end of the block kills it.

    Once `wait` returned, `answered` is the moment of its first success, and `cpu_to_answer` the seconds used by then.
    """

    def __init__(self, name: str, command: Sequence[str], port: int, cwd: Path | None) -> None:
        self.name = name
        self.port = port
        self.cpu_to_answer = 0.0
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 (read when the server does not answer, closed with it)
        self.started = self.answered = time.perf_counter()
        self._process = subprocess.Popen(command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log)
        self.pid = self._process.pid

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    @property
    def url(self) -> str:
        """URL of the server, without a path."""
        return f"http://127.0.0.1:{self.port}"

    def wait(self, path: str) -> None:
        """Wait for the first 200 of this path; raise `CannotMeasure` if none comes."""
        answered = first_success(self.port, path, while_true=lambda: self._process.poll() is None)
        if answered is None:
            raise CannotMeasure(f"{self.name} does not answer at {path}:\n{self._said()}")
        self.answered = answered
        self.cpu_to_answer = self.cpu()

    def cpu(self) -> float:
        """Return the used CPU time in seconds, of all threads and children."""
        return sum(time.clock_gettime_ns((~pid << 3) | _CPUCLOCK_SCHED) for pid in _family(self.pid)) / 1e9

    def rss(self) -> int:
        """Return the resident memory in bytes, children included."""
        return sum(_status(pid, "VmRSS") for pid in _family(self.pid))

    def peak(self) -> int:
        """Return the peak of the resident memory in bytes, plus the peak of each child."""
        return sum(_status(pid, "VmHWM") for pid in _family(self.pid))

    def stop(self) -> float:
        """Send SIGTERM, and return the seconds until the exit; raise `CannotMeasure` if it does not exit."""
        ended = os.pidfd_open(self.pid)
        try:
            sent = time.perf_counter()
            self._process.send_signal(signal.SIGTERM)
            if not select.select([ended], [], [], ENDS_WITHIN)[0]:
                raise CannotMeasure(f"{self.name} goes on {ENDS_WITHIN:.0f} s after SIGTERM")
            took = time.perf_counter() - sent
        finally:
            os.close(ended)
        self._process.wait()
        return took

    def kill(self) -> None:
        """Kill the process, unless it has exited."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        self._log.close()

    def _said(self) -> str:
        self._log.seek(0)
        return self._log.read().decode(errors="replace")[-2000:]


def start(name: str, command: Sequence[str | Path], *, core: int, cwd: Path | None = None) -> Server:
    """Start a server on a core, with a free port of the loopback as its last argument; don't wait for it."""
    port = free_port()
    with pinned(core):
        return Server(name, [*map(str, command), str(port)], port, cwd)


def _family(pid: int) -> list[int]:
    """Return a process and its descendants; one that has exited meanwhile has none."""
    try:
        threads = [*Path(f"/proc/{pid}/task").iterdir()]
        children = [int(child) for thread in threads for child in (thread / "children").read_text().split()]
    except FileNotFoundError:
        children = []
    return [pid, *(one for child in children for one in _family(child))]


def _status(pid: int, key: str) -> int:
    """Return a line of a process's status, which is in KiB, in bytes (proc_pid_status(5))."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{key}:"))
