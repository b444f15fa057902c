"""Task of one feature: sets it up, and enters and exits its lifespans."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack

from petsage import PetSageError
from petsage.checks.registry import CURRENT_FEATURE
from petsage.core.inventory import Step
from petsage.feature import Contribution, FeatureFailed
from petsage.untrusted import class_name, group_members, is_raised_by_signal

CANCEL_GRACE_SECONDS = 1.0
"""Seconds that a cancelled feature has to clean up before it is no longer waited for."""


class FeatureDownError(PetSageError):
    """A feature failed: at `step`, because of `cause`."""

    def __init__(self, step: Step, cause: BaseException) -> None:
        super().__init__(f"{step}: {class_name(cause)}")
        self.step = step
        self.cause = cause


class FeatureLifespan:
    """Starts a feature in a task of its own, which runs until `stop()`.

    A lifespan with a TaskGroup whose child fails cancels the task that entered it. That is this task, not the server's.
    """

    def __init__(self, name: str, setup: Callable[[], Contribution]) -> None:
        self._setup = setup
        self._name = name
        self._step = Step.SETUP
        self._stopping = asyncio.Event()
        self._up: asyncio.Future[Contribution] = asyncio.get_running_loop().create_future()
        self._task: asyncio.Task[BaseException | None] | None = None
        self._abandoned = False

    async def start(self, timeout: float) -> Contribution:  # noqa: ASYNC109 (a late feature is reported)
        """Return the contribution once all lifespans are entered. Raise `FeatureDownError` on failure or timeout."""
        self._task = asyncio.create_task(self._run(), name=f"feature {self._name}")
        await asyncio.wait((self._task, self._up), timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        if self._up.done():
            return self._up.result()
        if self._task.done():
            raise FeatureDownError(self._step, self._task.result() or _ended_by_itself())
        step = self._step
        await self.cancel()
        raise FeatureDownError(step, FeatureFailed(f"it did not start within {timeout:g} s"))

    async def failure(self) -> FeatureDownError | None:
        """Wait until the feature ends; return why, or None if it was stopped."""
        if self._task is None:
            return None
        await asyncio.wait((self._task,))
        if self._stopping.is_set():
            return None
        return FeatureDownError(self._step, self._task.result() or _ended_by_itself())

    async def stop(self) -> BaseException | None:
        """Leave the lifespans; return the error, if any. A feature that is still starting is cancelled."""
        if self._task is None or not self.running:
            return None
        self._stopping.set()
        if not self._up.done():
            self._task.cancel()
        await asyncio.wait((self._task,))
        return self._task.result() if self._up.done() else None

    @property
    def running(self) -> bool:
        """Whether the task still runs, and was not given up by `cancel()`."""
        return self._task is not None and not self._task.done() and not self._abandoned

    async def cancel(self) -> None:
        """Stop the task, then cancel it; give it up if it does not end within `CANCEL_GRACE_SECONDS`."""
        if self._task is None or not self.running:
            return
        if self._up.done():
            self._stopping.set()
            await asyncio.wait((self._task,), timeout=CANCEL_GRACE_SECONDS / 2)
        self._stopping.set()
        self._task.cancel()
        await asyncio.wait((self._task,), timeout=CANCEL_GRACE_SECONDS / 2)
        self._abandoned = not self._task.done()

    async def _run(self) -> BaseException | None:
        CURRENT_FEATURE.set(self._name)
        try:
            contribution = self._setup()
            self._step = Step.START
            async with AsyncExitStack() as stack:
                for lifespan in contribution.lifespans:
                    await stack.enter_async_context(lifespan)
                self._step = Step.RUN
                self._up.set_result(contribution)
                await self._stopping.wait()
        except BaseException as error:  # SystemExit raised by a task would end the server
            if is_raised_by_signal(error):
                raise
            return _innermost(error)
        return None


def _innermost(error: BaseException) -> BaseException:
    """Return the error inside groups of one, such as a TaskGroup raises."""
    while len(members := group_members(error)) == 1:
        (error,) = members
    return error


def _ended_by_itself() -> FeatureFailed:
    return FeatureFailed("its lifespan ended by itself")
