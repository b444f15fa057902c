"""The server of `petsage serve`."""

import asyncio
import socket
from collections.abc import Callable

from petsage.checks.interrupts import is_of_signal
from petsage.core.container import Core
from petsage.http._aiohttp import SERVER_NAME, set_server_name
from petsage.logs import get_logger
from petsage.server.run import ServerRun
from petsage.server.shutdown import ExitGuard

logger = get_logger(__name__)


def serve(core: Core, listeners: list[socket.socket]) -> int:
    """Serve on bound sockets until a signal; return the exit status. Raise `ListenError`.

    `SystemExit` and `KeyboardInterrupt` raised by a task stop the event loop: it is started again.
    """
    set_server_name(SERVER_NAME)
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        loop = runner.get_loop()
        exit_guard = ExitGuard(loop)
        serving = loop.create_task(ServerRun(core, listeners).run())
        while not serving.done():
            try:
                loop.run_until_complete(serving)
            except SystemExit as error:
                logger.error("a task called sys.exit(%r); it has ended, the server goes on", error.code)  # noqa: TRY400 (the traceback is lost)
            except KeyboardInterrupt as error:
                if serving.done() or is_of_signal(error):
                    raise
                logger.error("a task raised KeyboardInterrupt; it has ended, the server goes on")  # noqa: TRY400 (the same)
        exit_guard.exit(serving.result())
        return serving.result()


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        from uvloop import new_event_loop  # noqa: PLC0415 (the extra `speed`)
    except ImportError:
        return None
    return new_event_loop
