"""One feature's life: set up, lifespans entered, held, and left again, all in one task of its own."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack

from petsage import PetSageError
from petsage.checks.registry import OWNER
from petsage.core.inventory import Step
from petsage.feature import Contribution, FeatureFailed

CANCEL_GRACE_SECONDS = 1.0
"""Seconds that a cancelled feature gets to clean up before it is left behind."""


class FeatureDownError(PetSageError):
    """A feature did not come up; `step` is where, `cause` is why."""

    def __init__(self, step: Step, cause: BaseException) -> None:
        super().__init__(f"{step}: {type(cause).__name__}")
        self.step = step
        self.cause = cause


class FeatureLifespan:
    """Brings a feature up and holds it until `stop()`.

    A lifespan that holds a TaskGroup whose child dies cancels the task that entered it, which is this one and never
    the house's.
    """

    def __init__(self, name: str, setup: Callable[[], Contribution]) -> None:
        self._setup = setup
        self._name = name
        self._step = Step.SETUP
        self._stopping = asyncio.Event()
        self._up: asyncio.Future[Contribution] = asyncio.get_running_loop().create_future()
        self._task: asyncio.Task[BaseException | None] | None = None
        self._left_behind = False

    async def start(self, timeout: float) -> Contribution:  # noqa: ASYNC109 (a late feature is named, not raised)
        """Return the contribution once the feature is up; raise `FeatureDownError` after `timeout` seconds."""
        self._task = asyncio.create_task(self._live(), name=f"feature {self._name}")
        await asyncio.wait((self._task, self._up), timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        if self._up.done():
            return self._up.result()
        if self._task.done():
            raise FeatureDownError(self._step, self._task.result() or _ended_by_itself())
        step = self._step
        await self.cancel()
        raise FeatureDownError(step, FeatureFailed(f"it did not come up within {timeout:g} s"))

    async def died(self) -> FeatureDownError | None:
        """Wait until the feature is down; return why, or None when it was asked to stop."""
        if self._task is None:
            return None
        await asyncio.wait((self._task,))
        if self._stopping.is_set():
            return None
        return FeatureDownError(self._step, self._task.result() or _ended_by_itself())

    async def stop(self) -> BaseException | None:
        """Leave the lifespans; return what went wrong. A feature that is still coming up is cancelled."""
        if self._task is None or not self.alive:
            return None
        self._stopping.set()
        if not self._up.done():
            self._task.cancel()
        await asyncio.wait((self._task,))
        return self._task.result() if self._up.done() else None

    @property
    def alive(self) -> bool:
        """Say whether the feature's task still runs, and is waited for."""
        return self._task is not None and not self._task.done() and not self._left_behind

    async def cancel(self) -> None:
        """End what still runs: asked to leave, then cancelled; what does not end within the grace is left behind."""
        if self._task is None or not self.alive:
            return
        if self._up.done():
            self._stopping.set()
            await asyncio.wait((self._task,), timeout=CANCEL_GRACE_SECONDS / 2)
        self._stopping.set()
        self._task.cancel()
        await asyncio.wait((self._task,), timeout=CANCEL_GRACE_SECONDS / 2)
        self._left_behind = not self._task.done()

    async def _live(self) -> BaseException | None:
        OWNER.set(self._name)
        try:
            contribution = self._setup()
            self._step = Step.START
            async with AsyncExitStack() as stack:
                for lifespan in contribution.lifespans:
                    await stack.enter_async_context(lifespan)
                self._step = Step.RUN
                self._up.set_result(contribution)
                await self._stopping.wait()
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 (SystemExit out of a task would end the house)
            return _innermost(error)
        return None


def _innermost(error: BaseException) -> BaseException:
    """Unwrap groups of one, such as a TaskGroup raises."""
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error


def _ended_by_itself() -> FeatureFailed:
    return FeatureFailed("its lifespan ended by itself")
