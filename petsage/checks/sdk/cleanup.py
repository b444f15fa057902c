"""What is left to be done on the other side after a run that was cancelled, without holding anybody up."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from contextlib import suppress
from typing import Any

_FAREWELL = 0.04
"""Seconds that a cancelled run waits for it: fewer than the monitor gives it to end."""

_MOST = 1.0
"""Seconds after which it is given up, since the peer is gone: so much can be added to the exit of the process."""

Step = Callable[[], Coroutine[Any, Any, None]]


async def afterwards(step: Step) -> None:
    """Do it in a thread with a loop of its own; return when it is done, or soon, and it goes on.

    The loop of the check may end at once, and a task of it would be cancelled then. The thread is no daemon, so that
    the end of the process does not cut it off.
    """
    ended: Future[None] = Future()
    ended.set_running_or_notify_cancel()
    try:
        threading.Thread(target=_run, args=(step, ended), name="leave a server").start()
    except RuntimeError:  # there is no thread left
        return
    waiting = asyncio.wrap_future(ended)
    try:
        await asyncio.wait([waiting], timeout=_FAREWELL)
    finally:
        waiting.cancel()  # this loop may be closed when the thread ends


def _run(step: Step, ended: Future[None]) -> None:
    with suppress(Exception):  # the peer may answer anything, or nothing: the run has its result
        asyncio.run(_bounded(step))
    ended.set_result(None)


async def _bounded(step: Step) -> None:
    async with asyncio.timeout(_MOST):
        await step()
