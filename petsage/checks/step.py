"""Whose a long step of the event loop was: the check's own, or that of a machine with other things to do."""

import resource
from time import monotonic

STEP_LIMIT = 0.1
"""The longest step, in seconds, that is taken for a coroutine's own work."""

_WHO = getattr(resource, "RUSAGE_THREAD", resource.RUSAGE_SELF)  # of one thread on Linux (getrusage(2)) only


class Step:
    """One step, timed from its making on."""

    __slots__ = ("_began", "_used")

    def __init__(self) -> None:
        self._used = resource.getrusage(_WHO)
        self._began = monotonic()

    def overlong(self) -> float:
        """Return its seconds so far if they are over the limit, else 0."""
        seconds = monotonic() - self._began
        return seconds if seconds > STEP_LIMIT else 0.0

    def was_its_own(self) -> bool:
        """Say whether the thread computed for longer than the limit, or gave up the processor by itself to wait.

        A thread that did neither was ready to run, and was not let: the machine is starved.
        """
        before, now = self._used, resource.getrusage(_WHO)
        computed = now.ru_utime + now.ru_stime - before.ru_utime - before.ru_stime
        return computed > STEP_LIMIT or now.ru_nvcsw > before.ru_nvcsw
