"""Short programs: time and memory of one run, as the kernel reports them for the exited process (wait4(2))."""

import ctypes
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

from bench.bench import CannotMeasure

_PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h
_BESIDE = '"$@" >/dev/null & exec echo "$!"'  # the program echo, which leaves a child that has ended to its heir


class Spent(NamedTuple):
    """Seconds of one run: wall clock and CPU."""

    wall: float
    cpu: float


def spent(command: list[str], environment: Mapping[str, str]) -> Spent:
    """Run a program, and discard its output; raise `CannotMeasure` if it fails.

    It is spawned without a copy of this process, so that it is not charged for this process's size.
    """
    thrown_away = (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)
    began = time.perf_counter()
    pid = os.posix_spawnp(command[0], command, environment, file_actions=[thrown_away])
    _, status, usage = os.wait4(pid, 0)
    wall = time.perf_counter() - began
    _succeeded(command, status)
    return Spent(wall, usage.ru_utime + usage.ru_stime)


def peak(command: list[str], environment: Mapping[str, str]) -> int:
    """Return the peak memory of one run of a program in bytes; raise `CannotMeasure` if it fails.

    On Linux a program inherits the peak of the process that executed it. So a shell starts it, which needs less memory
    than any of them and exits at once; the program then becomes a child of this process.
    """
    reading, writing = os.pipe()
    with os.fdopen(reading) as said, _adopting():
        shell = ["sh", "-c", _BESIDE, "sh", *command]
        pid = os.posix_spawnp("sh", shell, environment, file_actions=[(os.POSIX_SPAWN_DUP2, writing, 1)])
        os.close(writing)
        orphan = int(said.readline())
        os.waitpid(pid, 0)
        _, status, usage = os.wait4(orphan, 0)
    _succeeded(command, status)
    return usage.ru_maxrss * 1024


@contextmanager
def _adopting() -> Iterator[None]:
    """Become the parent of processes whose parent exits."""
    prctl = ctypes.CDLL(None).prctl
    prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    try:
        yield
    finally:
        prctl(_PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


def _succeeded(command: list[str], status: int) -> None:
    code = os.waitstatus_to_exitcode(status)
    if code:
        raise CannotMeasure(f"{' '.join(command)} ended with {code}")
