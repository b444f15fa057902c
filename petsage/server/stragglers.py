"""What does not end with the server: tasks that ignore cancellation, threads that hang."""

import asyncio
import logging
import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from petsage.logs import get_logger

logger = get_logger(__name__)

PATIENCE = 1.0
"""Seconds for them to end, in all."""


class Stragglers:
    """Keeps the interpreter from waiting for them: it would join every thread of an executor, however long it hangs."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._executor = ThreadPoolExecutor(thread_name_prefix="blocking call")
        loop.set_default_executor(self._executor)

    def leave_behind(self, exit_status: int) -> None:
        """Cancel all tasks and shut the executor down; what goes on all the same is named, and exit does not wait."""
        end = time.monotonic() + PATIENCE
        self._executor.shutdown(wait=False, cancel_futures=True)
        names = [*self._tasks(end), *_threads(end)]
        if names:
            logger.warning("left behind at exit: %s", ", ".join(names))
            logging.shutdown()
            with suppress(AttributeError, OSError, ValueError):  # closed before we began, since, or its reader is gone
                sys.stdout.flush()
            os._exit(exit_status)

    def _tasks(self, end: float) -> list[str]:
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        while any(not task.done() for task in tasks) and time.monotonic() < end:
            with suppress(SystemExit):  # ends the task that calls it, and the loop's run, but not our waiting
                self._loop.run_until_complete(asyncio.wait(tasks, timeout=end - time.monotonic()))
        return [f"task {task.get_name()}" for task in tasks if not task.done()]


def _threads(end: float) -> list[str]:
    main = threading.main_thread()
    threads = [thread for thread in threading.enumerate() if not thread.daemon and thread is not main]
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))
    return [f"thread {thread.name}" for thread in threads if thread.is_alive()]
