"""What the signals ask of the server: to drain, or to end now."""

import asyncio
import os
import signal
from typing import Any

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
