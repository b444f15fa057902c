"""The server of `petsage serve`."""

import asyncio
import socket
from collections.abc import Callable

from petsage.bootstrap import Loaded
from petsage.http._aiohttp import SERVER_NAME, set_server_name
from petsage.runtime.event_loop import finish
from petsage.server.run import ServerRun
from petsage.server.shutdown import ExitGuard


def serve(loaded: Loaded, listeners: list[socket.socket]) -> int:
    """Serve on bound sockets until a signal; return the exit status. Raise `ListenError`."""
    set_server_name(SERVER_NAME)
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        loop = runner.get_loop()
        exit_guard = ExitGuard(loop)
        serving = loop.create_task(ServerRun(loaded, listeners).run())
        exit_status = finish(serving, lambda: loop.run_until_complete(serving))
        exit_guard.exit(exit_status)
        return exit_status


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        from uvloop import new_event_loop  # noqa: PLC0415 (the extra `speed`)
    except ImportError:
        return None
    return new_event_loop
