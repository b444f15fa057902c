"""The end of serving: requests in flight are finished, idle connections closed."""

import asyncio

from aiohttp import web

from petsage.http._aiohttp import in_the_works
from petsage.server.connection import Connection
from petsage.server.signals import Signals

LAST_WORDS = 0.1
"""Seconds in which what has reached the listener before it closed is read."""


async def finish_requests(server: web.Server | None, signals: Signals, end: float) -> None:
    """Close idle connections, and wait for the others until `end`, by the loop's clock, or a second signal."""
    if server is None:
        return
    await signals.now_within(LAST_WORDS)
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
