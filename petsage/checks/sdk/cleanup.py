"""Cleanup on a server after a run was cancelled, without delaying the run or the event loop."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from contextlib import suppress
from typing import Any

_WAIT_SECONDS = 0.04
"""How long a cancelled run waits for its cleanup: less than the monitor waits for a cancelled run to end."""

_MAX_SECONDS = 1.0
"""How long a cleanup may take before it is abandoned; the exit of the process can be delayed by as much."""

Cleanup = Callable[[], Coroutine[Any, Any, None]]


async def run_detached(cleanup: Cleanup) -> None:
    """Run a cleanup in a thread with an event loop of its own; return when it is done, at the latest after 40 ms.

    The loop of the check may be about to end, and would cancel a task. The thread is not a daemon, so that the exit
    of the process does not interrupt it; it ends after at most 1 s. What the cleanup raises is ignored: the run has its
    result already.

    Arguments:
        cleanup: Called once, in the thread; returns the coroutine that is run there.
    """
    ended: Future[None] = Future()
    ended.set_running_or_notify_cancel()
    try:
        threading.Thread(target=_run, args=(cleanup, ended), name="clean up after a check").start()
    except RuntimeError:  # the system has no thread left
        return
    waiting = asyncio.wrap_future(ended)
    try:
        await asyncio.wait([waiting], timeout=_WAIT_SECONDS)
    finally:
        waiting.cancel()  # this loop may be closed when the thread ends


def _run(cleanup: Cleanup, ended: Future[None]) -> None:
    with suppress(Exception):  # whatever the server answers, the run has its result
        asyncio.run(_run_bounded(cleanup))
    ended.set_result(None)


async def _run_bounded(cleanup: Cleanup) -> None:
    async with asyncio.timeout(_MAX_SECONDS):
        await cleanup()
