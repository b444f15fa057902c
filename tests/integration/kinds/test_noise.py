"""What the servers log of checks that pass: nothing, where there is a handshake of which they log nothing."""

import asyncio
import re
import signal
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from petsage.checks.kinds.mysql import Mysql
from petsage.checks.kinds.postgres import Postgres
from petsage.checks.kinds.redis import Redis
from petsage.redaction.secret import Secret
from tests.integration.kinds.asking import say_to_mysql, up
from tests.integration.kinds.conftest import PASSWORD
from tests.integration.kinds.servers import Server, until

pytestmark = pytest.mark.integration

_NO_NAME = "could not be resolved"  # MariaDB, where its host has no name server for our address
_RUNS = 5
_MOMENT = 0.3


async def logged(server: Server, *runs: Callable[[], Awaitable[object]]) -> list[str]:
    """Return the lines that the server logs while checks that hold run again, and a moment longer."""
    for run in runs:
        await up(run)
    await asyncio.sleep(_MOMENT)
    file = server.folder / "log"
    before = len(file.read_text())
    for _ in range(_RUNS):
        for run in runs:
            await run()
    await asyncio.sleep(_MOMENT)
    return [line for line in file.read_text()[before:].splitlines() if _NO_NAME not in line]


def place(server: Server) -> dict[str, Any]:
    return {"host": server.address, "port": server.port}


async def test_postgres_logs_nothing_of_a_check(postgres: Server) -> None:
    where = f"{postgres.address}:{postgres.port}"
    with_password = f"postgresql://app:{PASSWORD}@{where}/postgres"
    assert await logged(postgres, Postgres(**place(postgres)).run) == []
    assert await logged(postgres, Postgres(url=Secret(f"postgresql://{where}?sslmode=require")).run) == []
    assert await logged(postgres, Postgres(url=Secret(with_password)).run) == []
    assert await logged(postgres, Postgres(url=Secret(f"{with_password}?sslmode=disable")).run) == []


async def test_postgres_that_trusts_logs_nothing_of_a_user_that_it_knows(postgres: Server) -> None:
    with _trusting(postgres):
        app = Postgres(**place(postgres), user="app", database="postgres")
        assert await logged(postgres, app.run) == []
        without_login = await logged(postgres, Postgres(**place(postgres)).run)  # as documented
        assert [re.sub(".*FATAL", "FATAL", line) for line in without_login] == [
            'FATAL:  role "petsage" does not exist'
        ] * _RUNS


@contextmanager
def _trusting(server: Server) -> Iterator[None]:
    rules = server.folder / "db" / "pg_hba.conf"
    before = rules.read_text()

    def change(text: str) -> None:
        assert server.process is not None
        said = (server.folder / "log").read_text().count("reloading configuration")
        rules.write_text(text)
        server.process.send_signal(signal.SIGHUP)
        until(lambda: (server.folder / "log").read_text().count("reloading configuration") > said, "not reloaded")

    change("host all all all trust\n")
    try:
        yield
    finally:
        change(before)


async def test_mariadb_logs_nothing_of_a_check_and_counts_it_only_without_a_login(mysql: Server) -> None:
    def aborted() -> int:
        return int(say_to_mysql(mysql, "SHOW GLOBAL STATUS LIKE 'Aborted_connects'").split()[1])

    before = aborted()
    app = Mysql(**place(mysql), user="app", password=Secret(PASSWORD))
    assert await logged(mysql, app.run) == []
    assert aborted() == before
    assert await logged(mysql, Mysql(**place(mysql)).run) == []
    assert aborted() == before + _RUNS + 1  # as documented
    encrypted = Mysql(url=Secret(f"mysql://{mysql.address}:{mysql.port}?ssl-mode=REQUIRED"))
    assert await logged(mysql, encrypted.run) == []


async def test_redis_logs_nothing_of_a_check(redis: Server) -> None:
    with_password = Redis(**place(redis), password=Secret(PASSWORD))
    assert await logged(redis, Redis(**place(redis)).run, with_password.run) == []
