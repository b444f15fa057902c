"""Logging in by asyncpg, over connections that this package makes and ends."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from petsage.checks.kinds._reasons import place, reason, waiting
from petsage.checks.kinds._stream import connect
from petsage.checks.kinds._text import one_line
from petsage.checks.kinds.postgres.wire import trouble
from petsage.checks.model import CheckFailed
from petsage.secret import Secret

_WRONG_PASSWORD, _NOT_LET_IN, _CANNOT_CONNECT_NOW, _TOO_MANY = "28P01", "28000", "57P03", "53300"


class _Loop:
    """The running loop, as asyncpg sees it: connections are made by our own means, and none outlives `abort`.

    asyncpg itself would resolve names in the loop's executor, whose threads exit waits for.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._transports: list[asyncio.Transport] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loop, name)

    async def create_connection(
        self, factory: Callable[[], asyncio.Protocol], host: str, port: int, **options: Any
    ) -> tuple[asyncio.Transport, asyncio.Protocol]:
        if options.get("ssl"):
            options["server_hostname"] = host
        sock = await connect(host, port)
        try:
            transport, protocol = await self._loop.create_connection(factory, sock=sock, **options)
        except BaseException:
            sock.close()
            raise
        self._transports.append(transport)
        return transport, protocol

    def abort(self) -> None:
        """End all connections, without a word."""
        for transport in self._transports:
            transport.abort()


async def answers(asyncpg: Any, url: Secret, query: str, address: tuple[str, int]) -> None:
    """Fail unless the server lets in whom `url` names, and answers the query."""
    where, loop = place(*address), _Loop(asyncio.get_running_loop())
    try:
        with _told(asyncpg, where), waiting(f"connected, but no complete answer from {where}"):
            settings = {"application_name": "petsage"}
            connection = await asyncpg.connect(
                url.reveal(), loop=loop, timeout=None, statement_cache_size=0, server_settings=settings
            )
            try:
                await connection.fetch(query)
                await connection.close()
            finally:
                connection.terminate()
    finally:
        loop.abort()


@contextmanager
def _told(asyncpg: Any, where: str) -> Iterator[None]:
    try:
        yield
    except asyncpg.PostgresConnectionError:
        raise CheckFailed(f"{where} closed the connection") from None
    except asyncpg.PostgresError as error:
        raise CheckFailed(_reason(error.sqlstate or "", str(error.args[0] if error.args else ""))) from None
    except (asyncpg.InterfaceError, asyncpg.InternalClientError) as error:
        raise CheckFailed(f"asyncpg refuses: {type(error).__name__}") from None
    except OSError as error:
        raise CheckFailed(reason(error, where)) from None


def _reason(state: str, message: str) -> str:
    if state == _WRONG_PASSWORD:
        return f"wrong password: {one_line(message)}"
    if state == _NOT_LET_IN:
        return f"not let in: {one_line(message)}"
    return trouble(state, message)
