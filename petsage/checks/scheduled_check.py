"""The running of one check: at its times, at most one run in flight, and when a result is not believed."""

import asyncio
from collections.abc import Callable
from time import monotonic

from petsage.checks.check_run import CheckCallable, CheckRun
from petsage.checks.model import Status
from petsage.checks.record import CheckRecord
from petsage.checks.results import CheckResult, hung, timed_out
from petsage.checks.scheduler import Jitter, Scheduler

_MOST_DOUBTS = 3
"""How many results in a row are not believed: blocking the loop again and again hides no failure for ever."""

_FAREWELL = 0.05
"""Seconds that a run has to end when it is cancelled at its timeout, and to say what it waited for."""

_PATIENCE, _LAST_PATIENCE = 5.0, 6.0
"""Seconds past its timeout after which a run that ignored being cancelled is cancelled once more, and closed."""

Deliver = Callable[[CheckRecord, CheckResult, float], None]


class ScheduledCheck:
    """Runs one check, and delivers what each run came to and how many seconds it took.

    A run past its timeout is cancelled, and is a result. While it goes on in spite of that, or in its thread, none
    begins, and each time one would be due is another result. A coroutine that ignores being cancelled is cancelled once
    more some seconds later, then closed, so that the next run comes; a thread cannot be ended. What comes to no good
    while somebody else holds up the event loop is not believed, and run again. `phase`, from 0 to 1, is where the
    jitter begins.
    """

    __slots__ = (
        "_agenda",
        "_body",
        "_deliver",
        "_delivered",
        "_doubted",
        "_doubts",
        "_jitter",
        "_late",
        "_name",
        "_run",
        "_waiter",
        "due",
        "record",
    )

    def __init__(self, record: CheckRecord, agenda: Scheduler, deliver: Deliver, phase: float) -> None:
        self.record = record
        self.due = float("inf")
        self._name = f"check {record.spec.name}"
        self._body = CheckCallable(record.spec.check, self._name)
        self._agenda = agenda
        self._deliver = deliver
        self._jitter = Jitter(phase)
        self._run: CheckRun | None = None
        self._late = self._doubted = False
        self._doubts = 0
        self._waiter: asyncio.Future[None] | None = None
        self._delivered = float("-inf")

    def schedule(self, now: float, within: float) -> None:
        """Let the first run begin within so many seconds from now."""
        self._agenda.put(self, now + self._jitter.first(within))

    def wake(self, now: float) -> None:
        """Do what is due: begin a run, or deal with the one that is still going on."""
        run = self._run
        if run is None:
            self._begin()
        elif self._late:
            self._insist(run, now)
            self._conclude(hung(now - run.started), run, now)
        elif run.expired:
            self._time_out(run, now)
        else:
            self._overdue(run, now)

    def fresh(self, since: float = float("inf")) -> asyncio.Future[None] | None:
        """Return what is done when the present run has its result; begin a run unless one goes on.

        The present run may have begun before `since`, so ask again then. Return None when the result of a run that
        began later is known, or when the present one is past its timeout, which is its result.
        """
        if self._delivered >= since:
            return None
        if self._run is None:
            self._begin()
        if self._late:
            return None
        if self._waiter is None:
            self._waiter = asyncio.get_running_loop().create_future()
        return self._waiter

    def stop(self) -> asyncio.Task[None] | None:
        """Begin no more runs, and cancel the one that goes on; return its task."""
        self._release()
        run = self._run
        if run is None:
            return None
        self._late = True
        if self._body.busy:
            run.abandon()
        else:
            run.cancel()
        return run.task

    def retire(self) -> None:
        """Stop, and let nothing wake this check again."""
        self.stop()
        self.due = float("inf")

    def abandon(self) -> None:
        """End the task of a run that ignored `stop`."""
        if self._run is not None:
            self._run.abandon()

    def _begin(self) -> None:
        if self._body.busy:  # somebody cancelled the task of a run whose thread goes on
            self._agenda.put(self, monotonic() + self.record.interval())
            return
        self._late = self._doubted = False
        self._run = run = CheckRun(self._body(), self._ended, self._agenda.stalled, thread=self._body.thread)
        self._agenda.put(self, run.started + self.record.spec.timeout)
        run.begin(self._name, self._agenda.context.copy())

    def _overdue(self, run: CheckRun, now: float) -> None:
        timeout = self.record.spec.timeout
        if run.blocked and run.unblocked >= self.due and self._doubts < _MOST_DOUBTS:
            self._doubts += 1
            self._agenda.put(self, self.due + run.blocked)
        elif self._doubtful(run) and not self._doubted:
            self._doubted = True
            self._cancel(run)
            self._agenda.put(self, now + timeout)
        elif self._cancel(run):
            run.expired = True
            self._agenda.put(self, now + _FAREWELL)
        else:
            self._time_out(run, now)

    def _time_out(self, run: CheckRun, now: float) -> None:
        self._late = True
        timeout = self.record.spec.timeout
        self._conclude(hung(now - run.started) if self._doubted else timed_out(timeout, run.note), run, now)

    def _insist(self, run: CheckRun, now: float) -> None:
        """Cancel a run that goes on past its timeout; close it when that has not helped."""
        late = now - run.started - self.record.spec.timeout
        if not run.cancels:
            self._cancel(run)  # what its thread returned is awaited meanwhile, and nobody has ended that
        elif run.cancels > 1 and late >= _LAST_PATIENCE and not self._body.busy:
            run.abandon()
        elif run.cancels == 1 and late >= _PATIENCE:
            self._cancel(run)

    def _ended(self, outcome: CheckResult) -> None:
        run, self._run = self._run, None
        if run is None or self._late:
            return  # its result is known; the next run begins when it is due
        now = monotonic()
        if run.expired:
            self._time_out(run, now)
        elif self._doubted or (outcome.status is not Status.PASS and self._doubtful(run)):
            self._doubts += 1
            self._agenda.put(self, now)
        else:
            self._conclude(outcome.blocking(run.blocked) if run.blocked else outcome, run, now)

    def _doubtful(self, run: CheckRun) -> bool:
        """Say whether somebody else held up the loop during this run."""
        return not run.blocked and run.started < self._agenda.stalled_at and self._doubts < _MOST_DOUBTS

    def _cancel(self, run: CheckRun) -> bool:
        """Cancel a run, and return whether it can be: a thread cannot."""
        return not self._body.busy and run.cancel()

    def _conclude(self, outcome: CheckResult, run: CheckRun, now: float) -> None:
        self._doubts = 0
        self._delivered = run.began
        try:
            self._deliver(self.record, outcome, now - run.started)
        finally:  # whatever becomes of this result, the next run comes
            self._put_next(run, now)
            self._release()

    def _put_next(self, run: CheckRun, now: float) -> None:
        gap = self._jitter.gap(self.record.interval())
        self._agenda.put(self, max(now, run.started + gap) if self._run is None else now + gap)

    def _release(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
        self._waiter = None
