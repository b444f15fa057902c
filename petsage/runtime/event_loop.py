"""Run a coroutine of a command to its end, whatever tasks of checks and features raise meanwhile."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from petsage.checks.interrupts import is_of_signal
from petsage.logs import get_logger

logger = get_logger(__name__)
Result = TypeVar("Result")


def run(main: Coroutine[Any, Any, Result]) -> Result:
    """Run `main` in an event loop of its own, as `asyncio.run` does, and return its result.

    A task that raises `SystemExit` or `KeyboardInterrupt`, such as a child of a check's task group, stops the loop. It
    is started again: the task has ended itself alone. What a signal raises ends all of it.
    """
    with asyncio.Runner() as runner:
        task = runner.get_loop().create_task(main)
        while not task.done():
            try:
                runner.run(_end(task))
            except (SystemExit, KeyboardInterrupt) as error:
                if task.done() or task.cancelling() or is_of_signal(error):
                    raise
                logger.error("a task raised %s; it has ended, the others go on", type(error).__name__)  # noqa: TRY400 (the place is in the task's own record)
        return task.result()


async def _end(task: asyncio.Task[Any]) -> None:
    """Wait until the task is done; Ctrl-C cancels whoever waits here, and with it the task."""
    try:
        await asyncio.wait((task,))
    finally:
        if not task.done():
            task.cancel()
            await asyncio.wait((task,))
