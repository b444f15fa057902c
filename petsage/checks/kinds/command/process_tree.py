"""The processes that a program has started: found by a variable in their environment, killed, and reaped as PID 1."""

import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep

from petsage.text import new_ref

MARK = "PETSAGE_CHECK_RUN"
"""The environment variable that identifies the processes of a run; its value is unique to the run."""

_MAX_SCANNED = 1000  # PIDs that are tried one by one instead of listing /proc
_MAX_ROUNDS = 10
_DEATH_SECONDS = 1.0
"""Maximum seconds to wait until killed processes have ended."""

_POLL_SECONDS = 0.002


class ProcessTree:
    """The processes of one run of a program, in any process group and session.

    A process with another environment, or with another user's rights, is not found. Without Linux' `/proc`, only the
    process group is.

    Attributes:
        environment: The variables that the program must be started with.
    """

    def __init__(self) -> None:
        self.environment: Mapping[str, str] = {MARK: new_ref()}

    def kill_remaining(self, leader: int) -> None:
        """Kill the remaining processes, after the leader was reaped and its group killed.

        PID 1 of a container without an init becomes the parent of all orphans, and must reap them: those of this run
        are reaped here, and no others.
        """
        found = set[int]()
        for _ in range(_MAX_ROUNDS):
            if not (new := {*self._kill_marked(leader)} - found):
                break
            found |= new
        _reap({-leader, *found})

    def _kill_marked(self, leader: int) -> Iterator[int]:
        """Kill the processes with the variable that were started after the leader; yield their PIDs."""
        mark = b"".join(f"\0{name}={value}\0".encode() for name, value in self.environment.items())
        for pid in _started_after(leader):
            with suppress(OSError):
                if mark in b"\0" + Path(f"/proc/{pid}/environ").read_bytes():
                    os.kill(pid, signal.SIGKILL)
                    yield pid


def _started_after(first: int) -> Iterator[int]:
    """Yield the PIDs of processes started after another one; PIDs are consecutive (proc(5), loadavg)."""
    try:
        last = int(Path("/proc/loadavg").read_text().split()[-1])
        if 0 <= last - first <= _MAX_SCANNED:
            yield from range(first + 1, last + 1)
            return
        listed = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdecimal()]
    except (OSError, ValueError, IndexError):
        return
    yield from (pid for pid in listed if (first < pid <= last if first < last else pid > first or pid <= last))


def _reap(left: set[int]) -> None:
    """Reap processes, and groups (negative numbers), that have ended; as PID 1, wait for all of them."""
    deadline = monotonic() + _DEATH_SECONDS
    while left := {number for number in left if not _is_gone(number)}:
        if os.getpid() != 1 or monotonic() > deadline:
            return
        sleep(_POLL_SECONDS)


def _is_gone(number: int) -> bool:
    with suppress(ChildProcessError):
        while os.waitpid(number, os.WNOHANG)[0]:
            pass
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
