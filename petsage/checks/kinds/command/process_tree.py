"""What a program has started: it is found by a mark in its environment, killed, and reaped where that is ours to do."""

import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep

from petsage.text import new_ref

MARK = "PETSAGE_CHECK_RUN"
"""The variable by which processes of a run are known; its value is of the run alone."""

_MAX_SCANNED = 1000
_MAX_ROUNDS = 10
_DEATH_SECONDS = 1.0
"""Seconds in which killed processes end, if the kernel lets them."""

_POLL_SECONDS = 0.002


class ProcessTree:
    """The processes that come from one run of a program, whatever groups and sessions they have moved to.

    One that has another environment, or another user's rights, is not known. Where there is no `/proc` as on Linux,
    only the process group is.
    """

    def __init__(self) -> None:
        self.environment: Mapping[str, str] = {MARK: new_ref()}

    def end(self, leader: int) -> None:
        """Kill what is left after the leader has been reaped and its group killed.

        The first process of a PID namespace, as in a container without an init, gets the orphans of all others: then
        their exit statuses are taken, and nobody else's.
        """
        found = set[int]()
        for _ in range(_MAX_ROUNDS):
            if not (new := {*self._escaped(leader)} - found):
                break
            found |= new
        _reap({-leader, *found})

    def _escaped(self, leader: int) -> Iterator[int]:
        """Kill the processes with the mark that began after the leader, and yield their numbers."""
        mark = b"".join(f"\0{name}={value}\0".encode() for name, value in self.environment.items())
        for pid in _begun_after(leader):
            with suppress(OSError):
                if mark in b"\0" + Path(f"/proc/{pid}/environ").read_bytes():
                    os.kill(pid, signal.SIGKILL)
                    yield pid


def _begun_after(first: int) -> Iterator[int]:
    """Yield the numbers of processes that began after another one; numbers are given in turn (proc(5), loadavg)."""
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
    """Reap what has ended of processes, and of groups, which are negative; the first process waits for all of them."""
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
