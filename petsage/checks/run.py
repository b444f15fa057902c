"""One run of a check: driven step by step, so that whoever blocks the event loop is found."""

import asyncio
import inspect
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from contextlib import suppress
from time import monotonic
from typing import Any, NoReturn

from petsage.checks.model import Check, Runnable
from petsage.checks.outcome import Outcome, noted, raised, returned
from petsage.checks.step import Step
from petsage.checks.threads import in_daemon_thread


class Run(Coroutine[Any, Any, None]):
    """A coroutine that drives that of a check, for one task; it raises nothing of the check's.

    `ended` gets what the check came to, or None if the run was cancelled and came to nothing. `stalled` gets the
    seconds of each step over the limit; `blocked` is the longest that was the check's own, and `unblocked` when the
    last was over; the first step of one in a `thread` never is. `note` is what it waited for when it was cancelled,
    if it noted that on the cancellation; `expired` is its owner's. `began` is when its first step began, 0 before that.
    """

    __slots__ = (
        "_abandoned",
        "_body",
        "_ended",
        "_stalled",
        "_starting",
        "began",
        "blocked",
        "expired",
        "note",
        "started",
        "task",
        "unblocked",
    )

    def __init__(
        self,
        body: Coroutine[Any, Any, object],
        ended: Callable[[Outcome | None], None],
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
        self.expired = False
        self.note: str | None = None
        self.started = monotonic()
        self.began = 0.0
        self.task: asyncio.Task[None] | None = None

    def begin(self, name: str, context: Any) -> None:
        """Begin in a task of its own, whatever the loop's task factory is."""
        self.task = asyncio.Task(self, name=name, context=context)

    def abandon(self) -> None:
        """Cancel the task for good, even if the check ignores that; it ends in the loop's next turn."""
        self._abandoned = True
        if self.task is not None:
            self.task.cancel()

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
        step = Step()
        self.began = self.began or monotonic()
        try:
            awaited = move(argument)
        except StopIteration as stop:
            outcome: Outcome | None = returned(stop.value)
        except asyncio.CancelledError as error:
            self.note = noted(error)
            outcome = None if self.task is not None and self.task.cancelling() else raised(error)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 (a check that calls sys.exit() fails, and stops nothing)
            outcome = raised(error)
        else:
            self._time(step)
            return awaited
        self._time(step)
        self._ended(outcome)
        del outcome  # it holds an exception whose traceback holds this frame
        raise StopIteration

    def _time(self, step: Step) -> None:
        if seconds := step.overlong():
            if not self._starting and step.was_its_own():
                self.blocked = max(self.blocked, seconds)
                self.unblocked = monotonic()
            self._stalled(seconds)
        self._starting = False

    def _leave(self) -> NoReturn:
        with suppress(Exception):
            self._body.close()
        raise asyncio.CancelledError


class Body:
    """Makes the coroutine of each run of a check, in a `thread` if it may block; that is `busy` while it goes on."""

    __slots__ = ("_function", "_name", "busy", "thread")

    def __init__(self, check: Runnable, name: str) -> None:
        function: Callable[[], Any] = check.run if isinstance(check, Check) else check
        self._function = function
        self._name = name
        self.thread = not _is_asynchronous(function)
        self.busy = False

    def __call__(self) -> Coroutine[Any, Any, object]:
        """Return the coroutine of one run."""
        return self._in_thread() if self.thread else self._awaited()

    async def _awaited(self) -> object:
        return await self._function()

    async def _in_thread(self) -> object:
        self.busy = True
        try:
            ending = in_daemon_thread(self._caught, self._name)
        except OSError:
            self.busy = False
            raise
        try:
            value, error = await asyncio.wrap_future(ending)
        except BaseException:
            ending.add_done_callback(_close)
            raise
        if error is not None:
            raise error
        return await value if inspect.isawaitable(value) else value

    def _caught(self) -> tuple[object, BaseException | None]:
        """Return what came of the call: a future refuses StopIteration, and SystemExit from one stops the loop."""
        try:
            return self._function(), None
        except BaseException as error:  # noqa: BLE001 (raised again by whoever waits)
            return None, error
        finally:
            self.busy = False


def _close(ending: Future[tuple[object, BaseException | None]]) -> None:
    """Close what a thread has returned to be awaited when nobody waits for it any more."""
    value, _ = ending.result()
    if inspect.iscoroutine(value):
        value.close()


def _is_asynchronous(function: Callable[[], Any]) -> bool:
    call = getattr(function, "__call__", None)  # noqa: B004 (asks what a call gives)
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(call)
