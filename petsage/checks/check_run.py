"""One run of a check in its task, and detection of the steps in which it blocks the event loop."""

import asyncio
import inspect
import resource
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future
from contextlib import suppress
from time import monotonic
from typing import Any, NamedTuple, NoReturn

from petsage.checks.model import Check, Runnable
from petsage.checks.results import CheckResult, note_of, result_of_exception, result_of_value
from petsage.checks.threads import in_daemon_thread
from petsage.untrusted import is_raised_by_signal

MAX_STEP_SECONDS = 0.1
"""A step that takes longer is a stall of the event loop."""

_RUSAGE_WHO = getattr(resource, "RUSAGE_THREAD", resource.RUSAGE_SELF)  # only Linux measures a single thread


class StallDetector:
    """Measures one step of a coroutine, from the creation of this object."""

    __slots__ = ("_began", "_used")

    def __init__(self) -> None:
        self._used = resource.getrusage(_RUSAGE_WHO)
        self._began = monotonic()

    def stall_seconds(self) -> float:
        """Return the seconds since the step began if they exceed the limit, else 0."""
        seconds = monotonic() - self._began
        return seconds if seconds > MAX_STEP_SECONDS else 0.0

    def was_own_work(self) -> bool:
        """Return whether the thread computed for longer than the limit, or blocked in a system call.

        A thread that did neither was ready to run and got no CPU: the machine is overloaded, the check is not slow.
        """
        before, now = self._used, resource.getrusage(_RUSAGE_WHO)
        computed = now.ru_utime + now.ru_stime - before.ru_utime - before.ru_stime
        return computed > MAX_STEP_SECONDS or now.ru_nvcsw > before.ru_nvcsw


class CheckRun(Coroutine[Any, Any, None]):
    """Coroutine that runs a check's coroutine in a task of its own, and turns what the check raises into a result.

    `on_end` is called once with the result, however the run ends. `on_stall` is called with the seconds of each step
    over the limit. Times are of the monotonic clock:

    - `started` is when the run was created, `began` when its first step began, 0 before that
    - `blocked` is the longest step over the limit that was the check's own work, in seconds, and `blocked_until` is the
      end of the last one; the first step of a run in a `thread` does not count, because it starts the thread
    - `cancels` counts the calls of `cancel`, and `note` is what the check was waiting for when it was cancelled, if
      it added that to the exception as a note
    - `expired` is set by the owner of the run when its timeout has passed
    """

    __slots__ = (
        "_abandoned",
        "_body",
        "_on_end",
        "_on_stall",
        "_starting",
        "began",
        "blocked",
        "blocked_until",
        "cancels",
        "expired",
        "note",
        "started",
        "task",
    )

    def __init__(
        self,
        body: Coroutine[Any, Any, CheckResult],
        on_end: Callable[[CheckResult], None],
        on_stall: Callable[[float], None],
        *,
        thread: bool = False,
    ) -> None:
        self._body = body
        self._on_end = on_end
        self._on_stall = on_stall
        self._abandoned = False
        self._starting = thread
        self.blocked = 0.0
        self.blocked_until = 0.0
        self.cancels = 0
        self.expired = False
        self.note: str | None = None
        self.started = monotonic()
        self.began = 0.0
        self.task: asyncio.Task[None] | None = None

    def begin(self, name: str, context: Any) -> None:
        """Begin in a task of its own, without the task factory of the loop."""
        self.task = asyncio.Task(self, name=name, context=context)

    def cancel(self) -> bool:
        """Cancel the task; return false if it has ended or was never begun."""
        self.cancels += 1
        return self.task is not None and self.task.cancel()

    def abandon(self) -> None:
        """Cancel the task and close the check's coroutine, so that the task ends in the next turn of the loop."""
        self._abandoned = True
        self.cancel()

    def send(self, value: None) -> Any:  # noqa: D102 (of Coroutine)
        return self._step(self._body.send, value)

    def throw(self, error: Any, value: Any = None, _traceback: Any = None, /) -> Any:  # noqa: D102 (of Coroutine)
        if self._abandoned:
            self._close_body()
        return self._step(self._body.throw, error if value is None else value)

    def close(self) -> None:  # noqa: D102 (of Coroutine)
        self._body.close()

    def __await__(self) -> NoReturn:
        raise TypeError("a CheckRun cannot be awaited: call begin(), which makes a task of it")

    def _step(self, move: Callable[[Any], Any], argument: object) -> Any:
        step = StallDetector()
        self.began = self.began or monotonic()
        try:
            awaited = move(argument)
        except StopIteration as stop:
            result: CheckResult = stop.value
        except asyncio.CancelledError as error:
            self.note = note_of(error)
            result = result_of_exception(error)
        except BaseException as error:  # a check that calls sys.exit() fails, and does not stop the process
            if is_raised_by_signal(error):
                raise
            result = result_of_exception(error)
        else:
            self._time(step)
            return awaited
        self._time(step)
        self._on_end(result)
        del result  # breaks a cycle: it refers to an exception whose traceback refers to this frame
        raise StopIteration

    def _time(self, step: StallDetector) -> None:
        if seconds := step.stall_seconds():
            if not self._starting and step.was_own_work():
                self.blocked = max(self.blocked, seconds)
                self.blocked_until = monotonic()
            self._on_stall(seconds)
        self._starting = False

    def _close_body(self) -> NoReturn:
        cancelled = asyncio.CancelledError()
        with suppress(BaseException):  # the check may raise anything while it is closed
            self._body.close()
        self._on_end(result_of_exception(cancelled))
        raise cancelled


class _ReturnedAwaitable(NamedTuple):
    """Awaitable that a check's plain function returned, to be awaited in the event loop."""

    value: Awaitable[object]


class CheckCallable:
    """Creates the coroutine of each run of a check.

    A check that is not a coroutine function runs in a thread: `thread` is true, and `busy` until it returns.
    """

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
        return result_of_value(await self._function())

    async def _in_thread(self) -> CheckResult:
        self.busy = True
        try:
            future = in_daemon_thread(self._call, self._name)
        except OSError:
            self.busy = False
            raise
        try:
            result = await asyncio.wrap_future(future)
        except BaseException:
            future.add_done_callback(_close)
            raise
        return result_of_value(await result.value) if isinstance(result, _ReturnedAwaitable) else result

    def _call(self) -> CheckResult | _ReturnedAwaitable:
        """Return the result of the call. Exceptions become results here, in the thread, and never reach the loop."""
        try:
            value = self._function()
            return _ReturnedAwaitable(value) if _is_awaitable(value) else result_of_value(value)
        except BaseException as error:  # noqa: BLE001 (a check that calls sys.exit() fails, and does not stop the process)
            return result_of_exception(error)
        finally:
            self.busy = False


def _close(future: Future[CheckResult | _ReturnedAwaitable]) -> None:
    """Close a coroutine that a thread returned after its run had ended, and that is never awaited."""
    result = future.result()
    if isinstance(result, _ReturnedAwaitable) and inspect.iscoroutine(result.value):
        result.value.close()


def _is_awaitable(value: object) -> bool:
    try:
        return inspect.isawaitable(value)
    except BaseException:  # noqa: BLE001 (its class and its `__class__` may raise anything)
        return False


def _is_asynchronous(function: Callable[[], Any]) -> bool:
    call = getattr(function, "__call__", None)  # noqa: B004 (looks up the method, does not test for it)
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(call)
