"""What the signals ask of the server: to drain, or to end now."""

import asyncio
import signal
import sys


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
        elif number == signal.SIGINT and sys.stdin.isatty():
            self.now.set()
        self.stop.set()
