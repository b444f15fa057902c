"""After a timeout or a stop the servers have no session and no statement of a check."""

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import pytest

from petsage.checks.kinds.mysql import Mysql
from petsage.checks.kinds.postgres import Postgres
from petsage.checks.kinds.redis import Redis
from petsage.redaction.secret import Secret
from tests.integration.kinds.asking import as_mysql_root, awaited, connected_to_postgres, say_to_mysql
from tests.integration.kinds.conftest import PASSWORD
from tests.integration.kinds.servers import Network, Server, until
from tests.support.state_changes import watch_checks

pytestmark = pytest.mark.integration

_OURS = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'petsage'"
_OURS_IN_MYSQL = "SELECT count(*) FROM information_schema.processlist WHERE user = 'app'"


def postgres_url(server: Server, more: str = "") -> str:
    return f"postgresql://app:{PASSWORD}@{server.address}:{server.port}/postgres{more}"


def mysql_url(server: Server, more: str = "") -> str:
    return f"mysql://app:{PASSWORD}@{server.address}:{server.port}/shop{more}"


@asynccontextmanager
async def locked(server: Server) -> AsyncIterator[Any]:
    """Lock a table of PostgreSQL; enter with another connection, which sees the activity of each moment."""
    connection, watching = await connected_to_postgres(server), await connected_to_postgres(server)
    await connection.execute("CREATE TABLE IF NOT EXISTS orders (id int)")
    transaction = connection.transaction()
    await transaction.start()
    await connection.execute("LOCK TABLE orders")
    try:
        yield watching
    finally:
        await watching.close()
        await transaction.rollback()
        await connection.close()


async def cancelled(run: Callable[[], Any], begun: Callable[[], Any]) -> float:
    """Cancel a run when it has begun on the server; return the seconds that it took to end."""
    task = asyncio.ensure_future(run())
    await awaited(begun)
    at = time.monotonic()
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
    return time.monotonic() - at


async def gone(left: Callable[[], Any]) -> None:
    """Return when nothing is left; fail when that takes longer than any clean-up may."""

    async def none() -> bool:
        return not await left()

    await awaited(none)


@pytest.mark.parametrize("more", ["?sslmode=require", "?sslmode=disable"])
async def test_a_query_that_is_cut_short_leaves_no_backend(postgres: Server, more: str) -> None:
    async with locked(postgres) as connection:
        check = Postgres(url=Secret(postgres_url(postgres, more)), query="SELECT * FROM orders")
        for _ in range(5):
            await cancelled(check.run, lambda: connection.fetchval(f"{_OURS} AND wait_event_type = 'Lock'"))
            await gone(lambda: connection.fetchval(_OURS))


async def test_one_locked_table_takes_no_connections(postgres: Server) -> None:
    """Ten runs of a check against it, each of which times out: there is never more than the one that is going on."""
    entry = {"kind": "postgres", "url": postgres_url(postgres), "query": "SELECT * FROM orders"}
    often = {"interval": "200ms", "down_interval": "200ms", "timeout": "150ms", "fall": 1}
    async with locked(postgres) as connection:
        most = 0
        async with watch_checks({"db": {**entry, **often}}) as changes:
            until_run = asyncio.get_running_loop().time() + 4
            while asyncio.get_running_loop().time() < until_run:
                most = max(most, await connection.fetchval(_OURS))
                await asyncio.sleep(0.02)
            assert changes.monitor.snapshot().checks["db"].code in {"timeout", "hung"}
        assert most <= 3
        await gone(lambda: connection.fetchval(_OURS))


async def test_the_end_of_the_process_leaves_no_statement(postgres: Server, mysql: Server) -> None:
    """The loop is closed at once after the cancellation."""
    program = """
import asyncio, sys
from petsage.bootstrap import load
async def main():
    entry = {"kind": sys.argv[1], "url": sys.argv[2], "query": sys.argv[3]}
    spec, = load({"checks": {"db": entry}}).core.declared_checks()
    await asyncio.wait([asyncio.ensure_future(spec.check.run())], timeout=2)
asyncio.run(main())
"""
    connection = await connected_to_postgres(postgres)
    for kind, url, query in (
        ("postgres", postgres_url(postgres), "SELECT pg_sleep(60)"),
        ("mysql", mysql_url(mysql), "SELECT SLEEP(60)"),
    ):
        argv = [sys.executable, "-c", program, kind, url, query]
        done = await asyncio.to_thread(subprocess.run, argv, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
    await gone(lambda: connection.fetchval(_OURS))
    await connection.close()
    until(lambda: say_to_mysql(mysql, _OURS_IN_MYSQL) == "0", "a statement was left", 10)


async def test_a_dead_peer_delays_no_other_check(postgres: Server, net: Network) -> None:
    connection = await connected_to_postgres(postgres)
    task = asyncio.ensure_future(Postgres(url=Secret(postgres_url(postgres)), query="SELECT pg_sleep(5)").run())
    await awaited(lambda: connection.fetchval(f"{_OURS} AND query LIKE '%pg_sleep%'"))
    with net.dropping(postgres.port):
        at = time.monotonic()
        task.cancel()
        await asyncio.wait([task])
        assert time.monotonic() - at < 1
    await gone(lambda: connection.fetchval(_OURS))
    await connection.close()


@pytest.mark.parametrize("more", ["?ssl-mode=REQUIRED", "?ssl-mode=DISABLED"])
async def test_a_statement_that_is_cut_short_is_not_in_the_process_list(mysql: Server, more: str) -> None:
    async def begun() -> bool:
        return say_to_mysql(mysql, f"{_OURS_IN_MYSQL} AND info LIKE '%orders%'") == "1"

    with locked_in_mysql(mysql):
        check = Mysql(url=Secret(mysql_url(mysql, more)), query="SELECT * FROM shop.orders")
        for _ in range(3):
            await cancelled(check.run, begun)
            until(lambda: say_to_mysql(mysql, _OURS_IN_MYSQL) == "0", "a statement was left", 10)


@contextmanager
def locked_in_mysql(server: Server) -> Iterator[None]:
    """Lock a table of MariaDB."""
    lock = as_mysql_root(server, "LOCK TABLES shop.orders WRITE; DO SLEEP(600)")
    with subprocess.Popen(lock, stderr=subprocess.DEVNULL) as holder:
        try:
            until(lambda: say_to_mysql(server, _LOCKED) == "1", "the table is not locked")
            yield
        finally:
            holder.kill()


_LOCKED = "SELECT count(*) FROM information_schema.processlist WHERE info LIKE 'DO SLEEP%'"


async def test_redis_has_no_client_of_a_run_that_is_cut_short(redis: Server) -> None:
    place = f"{redis.address}:{redis.port}"
    with redis.paused():
        tasks = [asyncio.ensure_future(Redis(url=Secret(f"redis://:{PASSWORD}@{place}")).run()) for _ in range(3)]
        await asyncio.sleep(0)
        await asyncio.wait(tasks, timeout=0.3)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
    reader, writer = await asyncio.open_connection(redis.address, redis.port)
    writer.write(f"AUTH {PASSWORD}\r\n".encode())
    assert await reader.readline() == b"+OK\r\n"

    async def others() -> int:
        writer.write(b"CLIENT LIST\r\n")
        size = int((await reader.readline())[1:])
        return len((await reader.readexactly(size + 2)).split(b"\n")) - 3

    await gone(others)
    writer.close()
