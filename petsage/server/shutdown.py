"""Stop the server: signals, requests in flight, and tasks and threads that do not end."""

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

from petsage.http._aiohttp import is_busy
from petsage.logs import get_logger
from petsage.server.connection import Connection

logger = get_logger(__name__)

SETTLE_SECONDS = 0.1
"""Seconds in which requests that arrived before the listener was closed are read."""

CLEANUP_SECONDS = 1.0
"""Seconds that features have to stop, at least, however long the last requests took."""

EXIT_GRACE_SECONDS = 1.0
"""Seconds in which remaining tasks and threads may end, in all."""

_STDIN = 0  # `sys.stdin` may be None; a closed descriptor is not a terminal


class Signals:
    """Signals received so far.

    `stop` is set by the first SIGTERM or SIGINT, `now` by the second, or by the first SIGINT at a terminal. PID 1 needs
    these handlers: the kernel drops signals for which PID 1 has none.
    """

    def __init__(self) -> None:
        self.stop = asyncio.Event()
        self.now = asyncio.Event()
        self.exit_status = 0

    def install(self, loop: asyncio.AbstractEventLoop) -> None:
        """Handle SIGTERM and SIGINT in the event loop."""
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.receive, number)

    def receive(self, number: signal.Signals) -> None:
        """Set the events of a signal."""
        if self.stop.is_set():
            self.exit_status = 128 + number
            self.now.set()
        elif number == signal.SIGINT and os.isatty(_STDIN):
            self.now.set()
        self.stop.set()

    async def now_within(self, seconds: float) -> bool:
        """Wait for `seconds`; return True as soon as `now` is set."""
        try:
            async with asyncio.timeout(seconds):
                return await self.now.wait()
        except TimeoutError:
            return False

    async def unless_now(self, work: asyncio.Future[Any], seconds: float | None = None) -> None:
        """Wait until the work is done, `seconds` have passed or `now` is set."""
        now = asyncio.ensure_future(self.now.wait())
        await asyncio.wait((work, now), timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        now.cancel()


async def finish_requests(server: web.Server | None, signals: Signals, end: float) -> None:
    """Close idle connections, and wait for the others until `end` (by the loop's clock) or a second signal."""
    if server is None:
        return
    await signals.now_within(SETTLE_SECONDS)
    idle: set[web.RequestHandler] = set()
    while (connections := server.connections) and asyncio.get_running_loop().time() < end:
        was_idle, idle = idle, set(filter(_is_idle, connections))
        for connection in idle & was_idle:
            connection.force_close()
        if await signals.now_within(0.01):
            return


def _is_idle(connection: web.RequestHandler) -> bool:
    """Return whether a connection has no request.

    aiohttp's own `pre_shutdown` drops the rest of a body, and leaves idle connections open.
    """
    return connection.idle if isinstance(connection, Connection) else not is_busy(connection)


class ExitGuard:
    """Ends the process even if tasks or threads hang: the interpreter would join all threads of an executor."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._executor = ThreadPoolExecutor(thread_name_prefix="blocking call")
        loop.set_default_executor(self._executor)

    def exit(self, exit_status: int) -> None:
        """Cancel all tasks and shut down the executor; if any still run then, log their names and exit at once."""
        end = time.monotonic() + EXIT_GRACE_SECONDS
        self._executor.shutdown(wait=False, cancel_futures=True)
        names = [*self._tasks(end), *_threads(end)]
        if names:
            logger.warning("still running at exit, and ended with the process: %s", ", ".join(names))
            logging.shutdown()
            with suppress(AttributeError, OSError, ValueError):  # there is none, it is closed, or its reader has ended
                sys.stdout.flush()
            os._exit(exit_status)

    def _tasks(self, end: float) -> list[str]:
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        while any(not task.done() for task in tasks) and time.monotonic() < end:
            with suppress(SystemExit):  # a task raised it, which stops the loop but not this wait
                self._loop.run_until_complete(asyncio.wait(tasks, timeout=end - time.monotonic()))
        return [f"task {task.get_name()}" for task in tasks if not task.done()]


def _threads(end: float) -> list[str]:
    main = threading.main_thread()
    threads = [thread for thread in threading.enumerate() if not thread.daemon and thread is not main]
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))
    return [f"thread {thread.name}" for thread in threads if thread.is_alive()]
