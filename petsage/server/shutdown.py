"""Stopping: signals, requests in flight, and what does not end by itself."""

import asyncio
import logging
import os
import signal
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from aiohttp import web

from petsage.http._aiohttp import in_the_works
from petsage.logs import get_logger
from petsage.server.connection import Connection

_STDIN = 0  # a closed one is no terminal, and `sys.stdin` is None then


class Signals:
    """SIGTERM asks to drain; a second signal, or the first SIGINT at a terminal, to end now.

    Handlers of the loop also make the server stoppable as PID 1, where the kernel drops signals without a handler.
    """

    def __init__(self) -> None:
        self.stop = asyncio.Event()
        self.now = asyncio.Event()
        self.exit_status = 0

    def install(self, loop: asyncio.AbstractEventLoop) -> None:
        """Take both signals over from whoever has them."""
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.receive, number)

    def receive(self, number: signal.Signals) -> None:
        """Note a signal."""
        if self.stop.is_set():
            self.exit_status = 128 + number
            self.now.set()
        elif number == signal.SIGINT and os.isatty(_STDIN):
            self.now.set()
        self.stop.set()

    async def now_within(self, seconds: float) -> bool:
        """Wait so long; return True at once when a signal says now."""
        try:
            async with asyncio.timeout(seconds):
                return await self.now.wait()
        except TimeoutError:
            return False

    async def unless_now(self, work: asyncio.Future[Any], seconds: float | None = None) -> None:
        """Wait until the work is done, so long at the most, and no longer once a signal says now."""
        now = asyncio.ensure_future(self.now.wait())
        await asyncio.wait((work, now), timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        now.cancel()


LINGER_SECONDS = 0.1
"""Seconds in which what has reached the listener before it closed is read."""


async def finish_requests(server: web.Server | None, signals: Signals, end: float) -> None:
    """Close idle connections, and wait for the others until `end`, by the loop's clock, or a second signal."""
    if server is None:
        return
    await signals.now_within(LINGER_SECONDS)
    idle: set[web.RequestHandler] = set()
    while (connections := server.connections) and asyncio.get_running_loop().time() < end:
        was_idle, idle = idle, set(filter(_is_idle, connections))
        for connection in idle & was_idle:
            connection.force_close()
        if await signals.now_within(0.01):
            return


def _is_idle(connection: web.RequestHandler) -> bool:
    """Return whether no request is in the works there.

    aiohttp's own `pre_shutdown` would drop what is still to come of a body, and leave idle connections open.
    """
    return connection.idle if isinstance(connection, Connection) else not in_the_works(connection)


logger = get_logger(__name__)

EXIT_GRACE_SECONDS = 1.0
"""Seconds for them to end, in all."""


class ExitGuard:
    """Keeps the interpreter from waiting for them: it would join every thread of an executor, however long it hangs."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._executor = ThreadPoolExecutor(thread_name_prefix="blocking call")
        loop.set_default_executor(self._executor)

    def exit_without(self, exit_status: int) -> None:
        """Cancel all tasks and shut the executor down; what goes on all the same is named, and exit does not wait."""
        end = time.monotonic() + EXIT_GRACE_SECONDS
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
