"""What tests ask servers beside the checks, and what became of a check with its code."""

import asyncio
import subprocess
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import pytest

from petsage.checks.kinds.postgres import Postgres
from petsage.checks.model import CheckFailed
from tests.integration.kinds.conftest import PASSWORD
from tests.integration.kinds.servers import Server
from tests.support.require import require_program


async def failed(run: Callable[[], Awaitable[object]]) -> tuple[str, str]:
    """Return the code and the reason of a run that fails."""
    with pytest.raises(CheckFailed) as raised:
        await run()
    return str(raised.value.code), str(raised.value)


def say_to_mysql(server: Server, statement: str) -> str:
    """Return what the administrator is answered."""
    return subprocess.run(as_mysql_root(server, statement), check=True, capture_output=True, text=True).stdout.strip()


def as_mysql_root(server: Server, statement: str) -> list[str]:
    """Return the command by which the administrator says it."""
    client = require_program("mariadb", "mariadb-client")
    return [client, "--no-defaults", "-N", "-uroot", "-S", str(server.folder / "socket"), "-e", statement]


async def awaited(holds: Callable[[], Awaitable[object]], within: float = 30) -> None:
    """Wait until a condition of a server holds, and fail when it does not."""
    async with asyncio.timeout(within):
        while not await holds():  # noqa: ASYNC110 (a server is asked, which sets no event here)
            await asyncio.sleep(0.02)


async def up(run: Callable[[], Awaitable[object]]) -> None:
    """Return when a check holds: a server that was just started may not let in yet."""

    async def holds() -> bool:
        with suppress(CheckFailed):
            await run()
            return True
        return False

    await awaited(holds, 60)


async def connected_to_postgres(server: Server) -> Any:
    """Return an administrator's connection, as soon as the server lets in."""
    import asyncpg  # noqa: PLC0415 (an extra)

    await up(Postgres(host=server.address, port=server.port).run)
    place = {"host": server.address, "port": server.port, "database": "postgres"}
    return await asyncpg.connect(user="app", password=PASSWORD, ssl="prefer", **place)
