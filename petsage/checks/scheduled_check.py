"""Run one check on schedule, one run at a time: its timeout, and results that are discarded."""

import asyncio
from collections.abc import Callable
from time import monotonic

from petsage.checks.check_run import CheckCallable, CheckRun
from petsage.checks.model import Status
from petsage.checks.record import CheckRecord
from petsage.checks.results import CheckResult, hung_result, timeout_result
from petsage.checks.scheduler import Jitter, Scheduler

_MAX_DISCARDED = 3
"""Limit of results discarded in a row: code that keeps stalling the loop must not hide a failure forever."""

_CANCEL_GRACE_SECONDS = 0.05
"""Time that a run has to end after it was cancelled at its timeout; its result then names what it awaited."""

_CANCEL_AGAIN_AFTER_SECONDS, _CLOSE_AFTER_SECONDS = 5.0, 6.0
"""Time past the timeout after which a run that ignores its cancellation is cancelled once more, then closed."""

Deliver = Callable[[CheckRecord, CheckResult, float], None]


class ScheduledCheck:
    """Runs one check, and delivers the result of each run with its duration in seconds.

    A run is cancelled at its timeout, and then has the result `timeout`. Until it ends no other run begins; each run
    that was due meanwhile has the result `hung`. A coroutine that ignores its cancellation is cancelled once
    more some seconds later, and then closed, so that the next run can begin. A thread cannot be ended.

    A failure during an event-loop stall that other code caused is discarded, and the check is run again.

    `due` is when the scheduler next calls `fire`. `phase`, from 0 to 1, is where the jitter begins.
    """

    __slots__ = (
        "_callable",
        "_concluded",
        "_deliver",
        "_delivered",
        "_discarded",
        "_discarding",
        "_jitter",
        "_name",
        "_run",
        "_scheduler",
        "_waiter",
        "due",
        "record",
    )

    def __init__(self, record: CheckRecord, scheduler: Scheduler, deliver: Deliver, phase: float) -> None:
        self.record = record
        self.due = float("inf")
        self._name = f"check {record.spec.name}"
        self._callable = CheckCallable(record.spec.check, self._name)
        self._scheduler = scheduler
        self._deliver = deliver
        self._jitter = Jitter(phase)
        self._run: CheckRun | None = None
        self._concluded = self._discarding = False
        self._discarded = 0
        self._waiter: asyncio.Future[None] | None = None
        self._delivered = float("-inf")

    def schedule(self, now: float, within: float) -> None:
        """Schedule the first run, at most `within` seconds from now."""
        self._scheduler.put(self, now + self._jitter.first(within))

    def fire(self, now: float) -> None:
        """Begin a run, or handle the one that has not ended."""
        run = self._run
        if run is None:
            self._begin()
        elif self._concluded:
            self._cancel_again(run, now)
            self._conclude(hung_result(now - run.started), run, now)
        elif run.expired:
            self._time_out(run, now)
        else:
            self._overdue(run, now)

    def fresh(self, since: float = float("inf")) -> asyncio.Future[None] | None:
        """Return a future that is done when the current run has its result; begin a run if there is none.

        Return None if the result of a run that began after `since` is known, or if the current run is past its timeout,
        which is its result. The current run may have begun before `since`: call this again when the future is done.
        """
        if self._delivered >= since:
            return None
        if self._run is None:
            self._begin()
        if self._concluded:
            return None
        if self._waiter is None:
            self._waiter = asyncio.get_running_loop().create_future()
        return self._waiter

    def stop(self) -> asyncio.Task[None] | None:
        """Cancel the current run and begin no other; return its task."""
        self._release()
        run = self._run
        if run is None:
            return None
        self._concluded = True
        if self._callable.busy:
            run.abandon()
        else:
            run.cancel()
        return run.task

    def retire(self) -> None:
        """Stop, and remove this check from the schedule."""
        self.stop()
        self.due = float("inf")

    def abandon(self) -> None:
        """End the task of a run that ignored `stop`."""
        if self._run is not None:
            self._run.abandon()

    def _begin(self) -> None:
        if self._callable.busy:  # the run was cancelled by other code, and its thread has not ended
            self._scheduler.put(self, monotonic() + self.record.interval())
            return
        self._concluded = self._discarding = False
        self._run = run = CheckRun(
            self._callable(), self._on_end, self._scheduler.stalled, thread=self._callable.thread
        )
        self._scheduler.put(self, run.started + self.record.spec.timeout)
        run.begin(self._name, self._scheduler.context.copy())

    def _overdue(self, run: CheckRun, now: float) -> None:
        timeout = self.record.spec.timeout
        if run.blocked and run.blocked_until >= self.due and self._discarded < _MAX_DISCARDED:
            self._discarded += 1
            self._scheduler.put(self, self.due + run.blocked)
        elif self._was_disturbed(run) and not self._discarding:
            self._discarding = True
            self._cancel(run)
            self._scheduler.put(self, now + timeout)
        elif self._cancel(run):
            run.expired = True
            self._scheduler.put(self, now + _CANCEL_GRACE_SECONDS)
        else:
            self._time_out(run, now)

    def _time_out(self, run: CheckRun, now: float) -> None:
        self._concluded = True
        timeout = self.record.spec.timeout
        result = hung_result(now - run.started) if self._discarding else timeout_result(timeout, run.note)
        self._conclude(result, run, now)

    def _cancel_again(self, run: CheckRun, now: float) -> None:
        """Cancel a run that continues past its timeout; close it if that has no effect."""
        late = now - run.started - self.record.spec.timeout
        if not run.cancels:
            self._cancel(run)  # its thread has ended since, and returned an awaitable, which has not been cancelled
        elif run.cancels > 1 and late >= _CLOSE_AFTER_SECONDS and not self._callable.busy:
            run.abandon()
        elif run.cancels == 1 and late >= _CANCEL_AGAIN_AFTER_SECONDS:
            self._cancel(run)

    def _on_end(self, result: CheckResult) -> None:
        run, self._run = self._run, None
        if run is None or self._concluded:
            return  # its result was delivered at its timeout
        now = monotonic()
        if run.expired:
            self._time_out(run, now)
        elif self._discarding or (result.status is not Status.PASS and self._was_disturbed(run)):
            self._discarded += 1
            self._scheduler.put(self, now)
        else:
            self._conclude(result.blocking(run.blocked) if run.blocked else result, run, now)

    def _was_disturbed(self, run: CheckRun) -> bool:
        """Return whether other code stalled the loop during this run."""
        return not run.blocked and run.started < self._scheduler.stalled_at and self._discarded < _MAX_DISCARDED

    def _cancel(self, run: CheckRun) -> bool:
        """Cancel a run; return false if it cannot be cancelled because it is in a thread."""
        return not self._callable.busy and run.cancel()

    def _conclude(self, result: CheckResult, run: CheckRun, now: float) -> None:
        self._discarded = 0
        self._delivered = run.began
        try:
            self._deliver(self.record, result, now - run.started)
        finally:  # the next run must come even if a subscriber raises
            self._put_next(run, now)
            self._release()

    def _put_next(self, run: CheckRun, now: float) -> None:
        gap = self._jitter.gap(self.record.interval())
        self._scheduler.put(self, max(now, run.started + gap) if self._run is None else now + gap)

    def _release(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
        self._waiter = None
