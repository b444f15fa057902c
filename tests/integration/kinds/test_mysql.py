"""`mysql` logs in to MariaDB, and sees what its users see."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from petsage.checks.kinds.mysql import Mysql
from petsage.redaction.secret import Secret
from tests.integration.kinds.asking import awaited, failed, say_to_mysql, up
from tests.integration.kinds.certificates import Authority
from tests.integration.kinds.conftest import PASSWORD
from tests.integration.kinds.servers import Server, until

pytestmark = pytest.mark.integration

_VERSION_AND_LATENCY = {"version", "latency_ms"}


def place(server: Server) -> dict[str, Any]:
    return {"host": server.address, "port": server.port}


def app(server: Server, more: str = "", scheme: str = "mysql") -> Mysql:
    return Mysql(url=Secret(f"{scheme}://app:{PASSWORD}@{server.address}:{server.port}{more}"))


async def test_it_logs_in_by_its_keys_and_by_its_url(mysql: Server) -> None:
    by_keys = Mysql(
        **place(mysql), user="app", password=Secret(PASSWORD), database="shop", query="SELECT * FROM orders"
    )
    assert set(await by_keys.run()) == _VERSION_AND_LATENCY
    for scheme in ("mysql", "mariadb", "mysql+aiomysql", "mysql+pymysql"):
        assert set(await app(mysql, "/shop", scheme).run()) == _VERSION_AND_LATENCY
    assert set(await Mysql(**place(mysql), user="nobody").run()) == _VERSION_AND_LATENCY


async def test_a_refused_login_fails_with_its_reason(mysql: Server) -> None:
    wrong = Mysql(**place(mysql), user="app", password=Secret("wrong"))
    code, reason = await failed(wrong.run)
    assert (code, reason.partition("@")[0]) == ("login", "wrong user or password: Access denied for user 'app'")
    code, reason = await failed(Mysql(**place(mysql), user="app").run)
    assert (code, reason.partition("@")[0]) == ("login", "wrong user or password: Access denied for user 'app'")
    nowhere = Mysql(**place(mysql), user="nobody", database="shop")
    assert await failed(nowhere.run) == (
        "login",
        "error 1044: Access denied for user 'nobody'@'%' to database 'shop'",
    )
    unspoken = Mysql(**place(mysql), user="curve", password=Secret(PASSWORD))
    assert await failed(unspoken.run) == ("login", "the user logs in by client_ed25519, which is not supported")


async def test_it_answers_the_query(mysql: Server) -> None:
    for query in ("SELECT 1", "SELECT * FROM shop.orders", "DO 1", "SHOW DATABASES", "SELECT repeat('x', 500000)"):
        check = Mysql(**place(mysql), user="app", password=Secret(PASSWORD), query=query)
        assert set(await check.run()) == _VERSION_AND_LATENCY
    where = f"{mysql.address}:{mysql.port}"
    for query, expected in {
        "SELECT * FROM shop.nothing": ("content", "error 1146: Table 'shop.nothing' doesn't exist"),
        "SELECT repeat('x', 3000000)": ("protocol", f"{where} sent more than 1MiB, and no complete answer"),
        "SET STATEMENT max_statement_time=0.1 FOR SELECT SLEEP(9)": (
            "timeout",  # four characters of the password are masked wherever they are
            "error 1969: Query execution was i********rupted (max_statement_time exceeded)",
        ),
    }.items():
        check = Mysql(**place(mysql), user="app", password=Secret(PASSWORD), query=query)
        assert await failed(check.run) == expected


@pytest.mark.parametrize("password", ["p@s:s/w#o?r%d", "a b'c\"d", "é漢", "x" * 200])
async def test_passwords_may_contain_all_characters(mysql: Server, password: str) -> None:
    quoted = password.replace("'", "''")
    say_to_mysql(mysql, f"CREATE OR REPLACE USER other@'%' IDENTIFIED BY '{quoted}'")
    check = Mysql(**place(mysql), user="other", password=Secret(password))
    assert set(await check.run()) == _VERSION_AND_LATENCY


async def test_it_speaks_tls_as_its_url_says(mysql: Server, authority: Authority) -> None:
    secure = f"mysql://secure:{PASSWORD}@{mysql.address}:{mysql.port}"
    for mode in ("", "?ssl-mode=preferred", "?ssl_mode=REQUIRED", f"?ssl-mode=VERIFY_IDENTITY&ssl-ca={authority.file}"):
        assert set(await Mysql(url=Secret(secure + mode)).run()) == _VERSION_AND_LATENCY
    code, _ = await failed(Mysql(url=Secret(f"{secure}?ssl-mode=DISABLED")).run)
    assert code == "login"
    other = Authority(authority.file.parent, "other-than-mysql's")
    untrusted = f"?ssl-mode=VERIFY_CA&ssl-ca={other.file}"
    where = f"{mysql.address}:{mysql.port}"
    assert await failed(Mysql(url=Secret(secure + untrusted)).run) == (
        "certificate",
        f"{where}: the certificate is signed by an unknown authority",
    )
    without_login = f"mysql://{where}"
    assert set(await Mysql(url=Secret(f"{without_login}?ssl-mode=REQUIRED")).run()) == _VERSION_AND_LATENCY
    code, _ = await failed(Mysql(url=Secret(without_login + untrusted)).run)
    assert code == "certificate"


async def test_it_says_when_the_server_has_no_tls(mysql: Server) -> None:
    mysql.stop()
    mysql.start("--skip-ssl")
    try:
        code_and_reason = "tls", f"{mysql.address}:{mysql.port} does not speak TLS"
        assert await failed(app(mysql, "?ssl-mode=REQUIRED").run) == code_and_reason
        without_login = Mysql(url=Secret(f"mysql://{mysql.address}:{mysql.port}?ssl-mode=REQUIRED"))
        assert await failed(without_login.run) == code_and_reason
        assert set(await app(mysql).run()) == _VERSION_AND_LATENCY
    finally:
        mysql.stop()
        mysql.start()


async def test_it_sees_that_no_ordinary_connection_is_left(mysql: Server) -> None:
    say_to_mysql(mysql, "CREATE USER IF NOT EXISTS crowd@'%'; SET GLOBAL max_connections = 10")
    try:
        async with _crowd(mysql):
            assert await failed(app(mysql).run) == ("full", "too many connections")
            without_login = Mysql(**place(mysql))  # greeted on the connection for administrators
            await up(without_login.run)  # which the run before may not have left yet
            assert set(await without_login.run()) == _VERSION_AND_LATENCY
    finally:
        say_to_mysql(mysql, "SET GLOBAL max_connections = 151")
    assert set(await app(mysql).run()) == _VERSION_AND_LATENCY


@asynccontextmanager
async def _crowd(server: Server) -> AsyncIterator[None]:
    check = Mysql(**place(server), user="crowd", query="SELECT SLEEP(30)")
    tasks = [asyncio.ensure_future(check.run()) for _ in range(10)]
    count = "SELECT count(*) FROM information_schema.processlist WHERE info LIKE 'SELECT SLEEP%' AND user = 'crowd'"

    async def there() -> bool:
        return say_to_mysql(server, count) == "10"

    try:
        await awaited(there)
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        say_to_mysql(server, "KILL USER crowd")
        until(lambda: say_to_mysql(server, count) == "0", "the connections remain")
