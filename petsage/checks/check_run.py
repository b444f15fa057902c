"""Whose a long step of the event loop was: the check's own, or that of a machine with other things to do."""

import asyncio
import inspect
import resource
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future
from contextlib import suppress
from time import monotonic
from typing import Any, NamedTuple, NoReturn

from petsage.checks.interrupts import is_of_signal
from petsage.checks.model import Check, Runnable
from petsage.checks.results import CheckResult, noted, raised, returned
from petsage.checks.threads import in_daemon_thread

STEP_LIMIT = 0.1
"""The longest step, in seconds, that is taken for a coroutine's own work."""

_WHO = getattr(resource, "RUSAGE_THREAD", resource.RUSAGE_SELF)  # of one thread on Linux (getrusage(2)) only


class StallDetector:
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


class CheckRun(Coroutine[Any, Any, None]):
    """A coroutine that drives that of a check, for one task; it raises nothing of the check's.

    `ended` gets what the check came to, once, whatever it raised and whoever cancelled it. `stalled` gets the seconds
    of each step over the limit; `blocked` is the longest that was the check's own, and `unblocked` when the last was
    over; the first step of one in a `thread` never is. `note` is what it waited for when it was cancelled, if it noted
    that on the cancellation; `cancels` is how often its owner cancelled it; `expired` is its owner's;
    `began` is when its first step began, 0 before that.
    """

    __slots__ = (
        "_abandoned",
        "_body",
        "_ended",
        "_stalled",
        "_starting",
        "began",
        "blocked",
        "cancels",
        "expired",
        "note",
        "started",
        "task",
        "unblocked",
    )

    def __init__(
        self,
        body: Coroutine[Any, Any, CheckResult],
        ended: Callable[[CheckResult], None],
        stalled: Callable[[float], None],
        *,
        thread: bool = False,
    ) -> None:
        self._body = body
        self._ended = ended
        self._stalled = stalled
        self._abandoned = False
        self._starting = thread
        self.blocked = 0.0
        self.unblocked = 0.0
        self.cancels = 0
        self.expired = False
        self.note: str | None = None
        self.started = monotonic()
        self.began = 0.0
        self.task: asyncio.Task[None] | None = None

    def begin(self, name: str, context: Any) -> None:
        """Begin in a task of its own, whatever the loop's task factory is."""
        self.task = asyncio.Task(self, name=name, context=context)

    def cancel(self) -> bool:
        """Cancel the task, and return whether that can be."""
        self.cancels += 1
        return self.task is not None and self.task.cancel()

    def abandon(self) -> None:
        """Cancel the task for good, even if the check ignores that; it ends in the loop's next turn."""
        self._abandoned = True
        self.cancel()

    def send(self, value: None) -> Any:  # noqa: D102 (a coroutine's)
        return self._step(self._body.send, value)

    def throw(self, error: Any, value: Any = None, _traceback: Any = None, /) -> Any:  # noqa: D102 (a coroutine's)
        if self._abandoned:
            self._leave()
        return self._step(self._body.throw, error if value is None else value)

    def close(self) -> None:  # noqa: D102 (a coroutine's)
        self._body.close()

    def __await__(self) -> NoReturn:
        raise TypeError("a run is for a task, not to be awaited")

    def _step(self, move: Callable[[Any], Any], argument: object) -> Any:
        step = StallDetector()
        self.began = self.began or monotonic()
        try:
            awaited = move(argument)
        except StopIteration as stop:
            outcome: CheckResult = stop.value
        except asyncio.CancelledError as error:
            self.note = noted(error)
            outcome = raised(error)
        except BaseException as error:  # a check that calls sys.exit() fails, and stops nothing
            if is_of_signal(error):
                raise
            outcome = raised(error)
        else:
            self._time(step)
            return awaited
        self._time(step)
        self._ended(outcome)
        del outcome  # it holds an exception whose traceback holds this frame
        raise StopIteration

    def _time(self, step: StallDetector) -> None:
        if seconds := step.overlong():
            if not self._starting and step.was_its_own():
                self.blocked = max(self.blocked, seconds)
                self.unblocked = monotonic()
            self._stalled(seconds)
        self._starting = False

    def _leave(self) -> NoReturn:
        left = asyncio.CancelledError()
        with suppress(BaseException):  # the check may raise anything while it is closed
            self._body.close()
        self._ended(raised(left))
        raise left


class _Deferred(NamedTuple):
    """What a plain function returned to be awaited."""

    value: Awaitable[object]


class CheckCallable:
    """Makes the coroutine of each run of a check, in a `thread` if it may block; that is `busy` while it goes on."""

    __slots__ = ("_function", "_name", "busy", "thread")

    def __init__(self, check: Runnable, name: str) -> None:
        function: Callable[[], Any] = check.run if isinstance(check, Check) else check
        self._function = function
        self._name = name
        self.thread = not _is_asynchronous(function)
        self.busy = False

    def __call__(self) -> Coroutine[Any, Any, CheckResult]:
        """Return the coroutine of one run."""
        return self._in_thread() if self.thread else self._awaited()

    async def _awaited(self) -> CheckResult:
        return returned(await self._function())

    async def _in_thread(self) -> CheckResult:
        self.busy = True
        try:
            ending = in_daemon_thread(self._called, self._name)
        except OSError:
            self.busy = False
            raise
        try:
            result = await asyncio.wrap_future(ending)
        except BaseException:
            ending.add_done_callback(_close)
            raise
        return returned(await result.value) if isinstance(result, _Deferred) else result

    def _called(self) -> CheckResult | _Deferred:
        """Return what came of the call; nothing that was raised passes from this thread to the event loop's."""
        try:
            value = self._function()
            return _Deferred(value) if _is_awaitable(value) else returned(value)
        except BaseException as error:  # noqa: BLE001 (a check that calls sys.exit() fails, and stops nothing)
            return raised(error)
        finally:
            self.busy = False


def _close(ending: Future[CheckResult | _Deferred]) -> None:
    """Close what a thread has returned to be awaited when nobody waits for it any more."""
    result = ending.result()
    if isinstance(result, _Deferred) and inspect.iscoroutine(result.value):
        result.value.close()


def _is_awaitable(value: object) -> bool:
    try:
        return inspect.isawaitable(value)
    except BaseException:  # noqa: BLE001 (its class, or what it says of its class, may raise anything)
        return False


def _is_asynchronous(function: Callable[[], Any]) -> bool:
    call = getattr(function, "__call__", None)  # noqa: B004 (asks what a call gives)
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(call)
