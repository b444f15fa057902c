"""Run a coroutine to its end even if a task of a check or a feature stops the event loop."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from petsage.logs import get_logger
from petsage.untrusted import is_raised_by_signal

logger = get_logger(__name__)
Result = TypeVar("Result")


def run(main: Coroutine[Any, Any, Result]) -> Result:
    """Run `main` in a new event loop, as `asyncio.run` does, and return its result."""
    with asyncio.Runner() as runner:
        task = runner.get_loop().create_task(main)
        return finish(task, lambda: runner.run(_end(task)))


def finish(task: asyncio.Task[Result], run_loop: Callable[[], object]) -> Result:
    """Call `run_loop` until a task is done, and return the result of the task.

    Another task that raises `SystemExit` or `KeyboardInterrupt`, such as a child of a check's task group, stops the
    event loop. It is started again. An exception that a signal handler raised is passed on.
    """
    while not task.done():
        try:
            run_loop()
        except (SystemExit, KeyboardInterrupt) as error:
            if task.cancelled() or task.cancelling() or is_raised_by_signal(error):
                raise
            if task.done():
                break  # the error is its own, or came in the iteration in which it ended
            logger.error("a task raised %r and ended; others continue", error)  # noqa: TRY400 (the task's own record has the traceback)
    return task.result()


async def _end(task: asyncio.Task[Any]) -> None:
    """Wait until the task is done; cancel it when this is cancelled, as by Ctrl-C."""
    try:
        await asyncio.wait((task,))
    finally:
        if not task.done():
            task.cancel()
            await asyncio.wait((task,))
