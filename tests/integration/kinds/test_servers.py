"""`postgres`, `redis` and `mysql` against the servers themselves, in all states that a server can be in."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from importlib.util import find_spec
from typing import Any
from urllib.parse import quote

import pytest

from petsage.checks.kinds.mysql import Mysql
from petsage.checks.kinds.postgres import Postgres
from petsage.checks.kinds.redis import Redis
from petsage.checks.kinds.tcp import Tcp
from petsage.checks.model import CheckFailed
from petsage.redaction.secret import Secret
from tests.integration.kinds.certificates import Authority
from tests.integration.kinds.conftest import PASSWORD
from tests.integration.kinds.servers import Network, Server
from tests.integration.monitor.outages import in_recovery
from tests.support.peers import failure
from tests.support.require import require

pytestmark = pytest.mark.integration

Run = Callable[[], Awaitable[object]]


async def timed_out(run: Run) -> str:
    """Return what was waited for when the check had not answered for a while."""
    for seconds in (0.4, 4):  # the machine may not let it come to its waiting in the first
        with pytest.raises(TimeoutError) as raised:
            async with asyncio.timeout(seconds):
                await run()
        if notes := getattr(raised.value.__cause__, "__notes__", None):
            return str(notes[0])
    raise AssertionError("nothing was noted on the cancellation")


async def up(run: Run, within: float = 60) -> Any:
    """Return what the check observes as soon as it holds."""
    async with asyncio.timeout(within):
        while True:
            with suppress(CheckFailed):
                return await run()
            await asyncio.sleep(0.05)


def login(server: Server, password: str = PASSWORD, scheme: str = "postgresql", more: str = "/postgres") -> Secret:
    return Secret(f"{scheme}://app:{password}@{server.address}:{server.port}{more}")


def postgres_checks(server: Server) -> list[Run]:
    return [Postgres(host=server.address, port=server.port).run, Postgres(url=login(server)).run]


def redis_checks(server: Server) -> list[Run]:
    with_password = Redis(url=Secret(f"redis://:{PASSWORD}@{server.address}:{server.port}"))
    return [Redis(host=server.address, port=server.port).run, with_password.run]


def mysql_checks(server: Server) -> list[Run]:
    without_login = Mysql(host=server.address, port=server.port)
    return [without_login.run, Mysql(url=login(server, scheme="mysql", more="/shop")).run]


KINDS = {"postgres": postgres_checks, "redis": redis_checks, "mysql": mysql_checks}


@pytest.fixture(params=KINDS)
def server(request: pytest.FixtureRequest) -> Server:
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Server)
    return found


@pytest.fixture
def runs(server: Server, request: pytest.FixtureRequest) -> list[Run]:
    return KINDS[request.node.callspec.params["server"]](server)


async def test_a_server_that_is_up_holds(runs: list[Run]) -> None:
    for run in runs:
        observed = await up(run)
        assert set(observed) - {"version"} == {"latency_ms"}


async def test_a_paused_server_accepts_and_says_nothing(server: Server, runs: list[Run]) -> None:
    place = f"{server.address}:{server.port}"
    for run in runs:
        await up(run)
    with server.paused():
        for run in runs:
            assert await timed_out(run) in {
                f"connected, but {place} sends nothing",
                f"connected, but no complete answer from {place}",
            }
    for run in runs:
        await up(run)


async def test_a_blackholed_port_and_a_paused_server_have_different_reasons(
    server: Server, runs: list[Run], net: Network
) -> None:
    for run in runs:
        await up(run)
    with net.dropping(server.port):
        for run in runs:
            assert await timed_out(run) == f"no answer from {server.address}:{server.port}"
    for run in runs:
        await up(run)


async def test_a_stopped_server_refuses_and_a_restarted_one_holds(server: Server, runs: list[Run]) -> None:
    server.stop()
    try:
        for run in runs:
            assert await failure(run) == f"connection refused by {server.address}:{server.port}"
    finally:
        server.start()
    for run in runs:
        await up(run)


async def test_a_url_without_credentials_speaks_the_protocol_only(
    postgres: Server, redis: Server, mysql: Server
) -> None:
    await up(Postgres(url=Secret(f"postgresql://{postgres.address}:{postgres.port}/x")).run)
    await up(Redis(url=Secret(f"redis://{redis.address}:{redis.port}/0")).run)
    await up(Mysql(url=Secret(f"mysql://{mysql.address}:{mysql.port}/x")).run)


async def test_a_server_of_another_kind_fails_with_its_name(postgres: Server, redis: Server, mysql: Server) -> None:
    not_redis = await failure(Redis(host=mysql.address, port=mysql.port).run)
    assert not_redis == f"{mysql.address}:{mysql.port} is not a Redis server: it answered MySQL"
    not_postgres = await failure(Postgres(host=mysql.address, port=mysql.port).run)
    assert not_postgres == f"{mysql.address}:{mysql.port} is not a PostgreSQL server: it answered MySQL"
    await up(Tcp(host=redis.address, port=redis.port).run)
    await up(Tcp(host=postgres.address, port=postgres.port).run)


async def test_postgres_refuses_a_login_with_a_reason(postgres: Server) -> None:
    assert await failure(Postgres(url=login(postgres, "wrong")).run) == (
        'wrong password: password authentication failed for user "app"'
    )
    assert await failure(Postgres(url=login(postgres, more="/nowhere")).run) == (
        'error 3D000: database "nowhere" does not exist'
    )


async def test_postgres_answers_the_query(postgres: Server) -> None:
    assert list(await Postgres(url=login(postgres), query="SELECT count(*) FROM pg_class").run()) == ["latency_ms"]
    assert await failure(Postgres(url=login(postgres), query="SELECT * FROM nothing").run) == (
        'error 42P01: relation "nothing" does not exist'
    )


async def test_postgres_verifies_the_server_where_the_url_asks_for_it(postgres: Server, authority: Authority) -> None:
    trusted = f"/postgres?sslmode=verify-full&sslrootcert={authority.file}"
    assert list(await Postgres(url=login(postgres, more=trusted)).run()) == ["latency_ms"]
    other = Authority(authority.file.parent, "other")
    untrusted = f"/postgres?sslmode=verify-full&sslrootcert={other.file}"
    assert await failure(Postgres(url=login(postgres, more=untrusted)).run) == (
        f"{postgres.address}:{postgres.port}: the certificate is signed by an unknown authority"
    )


def test_postgres_leaves_nothing_open_on_uvloop_either(postgres: Server) -> None:
    require(find_spec("uvloop"), "uvloop is not installed: pip install petsage[speed]")
    from uvloop import new_event_loop  # noqa: PLC0415 (an extra)

    async def ask() -> list[str]:
        sleeping = Postgres(url=login(postgres, more="/postgres?sslmode=require"), query="SELECT pg_sleep(60)")
        failing = Postgres(url=login(postgres, more="/postgres?sslmode=require"), query="SELECT * FROM nothing")
        return [await timed_out(sleeping.run), await failure(failing.run)]

    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        assert runner.run(ask()) == [
            f"connected, but no complete answer from {postgres.address}:{postgres.port}",
            'error 42P01: relation "nothing" does not exist',
        ]


async def test_postgres_in_recovery_is_starting_up(postgres: Server) -> None:
    with in_recovery(postgres):
        for run in postgres_checks(postgres):
            assert re.fullmatch("starting up: the database system is (starting up|not .*)", await failure(run))
    await up(Postgres(url=login(postgres)).run)


async def test_postgres_with_all_connections_taken_fails_with_the_reason(postgres: Server) -> None:
    conf = postgres.folder / "db" / "postgresql.conf"
    written = conf.read_text()
    postgres.stop()
    try:
        conf.write_text(f"{written}\nmax_connections = 1\nsuperuser_reserved_connections = 0\nmax_wal_senders = 0\n")
        postgres.start()
        check = Postgres(url=login(postgres))
        await up(check.run)
        holder = asyncio.ensure_future(up(Postgres(url=login(postgres), query="SELECT pg_sleep(60)").run))
        assert await _down(check.run) == "too many connections"
        holder.cancel()
        await asyncio.wait([holder])
    finally:
        postgres.stop()
        conf.write_text(written)
        postgres.start()


async def test_postgres_logs_in_by_keys_of_their_own(postgres: Server) -> None:
    place: dict[str, Any] = {"host": postgres.address, "port": postgres.port}
    keys: dict[str, Any] = {"user": "app", "password": Secret(PASSWORD), "database": "postgres"}
    by_keys = Postgres(**place, **keys, query="SELECT count(*) FROM pg_class")
    assert list(await up(by_keys.run)) == ["latency_ms"]
    nowhere = Postgres(**place, **keys | {"database": "no/where?"})
    assert await failure(nowhere.run) == 'error 3D000: database "no/where?" does not exist'


async def test_postgres_answers_more_than_a_mebibyte_to_no_check(postgres: Server) -> None:
    check = Postgres(url=login(postgres), query="SELECT repeat('x', 3000000)")
    where = f"{postgres.address}:{postgres.port}"
    assert await failure(check.run) == f"{where} sent more than 1MiB, and no complete answer"


@pytest.mark.parametrize("password", ["p@s:s/w#o?r%d", "a b'c\"d", "é漢", "x\ny", "%41"])
async def test_postgres_passwords_may_contain_all_characters(postgres: Server, password: str) -> None:
    place: dict[str, Any] = {"host": postgres.address, "port": postgres.port, "user": "app"}
    quoted = password.replace("'", "''")
    query = f"CREATE ROLE other LOGIN PASSWORD '{quoted}'"
    await up(Postgres(**place, password=Secret(PASSWORD), database="postgres", query=query).run)
    try:
        other = place | {"user": "other", "password": Secret(password), "database": "postgres"}
        assert list(await Postgres(**other).run()) == ["latency_ms"]
        in_url = f"postgresql://other:{quote(password, safe='')}@{postgres.address}:{postgres.port}/postgres"
        assert list(await Postgres(url=Secret(in_url)).run()) == ["latency_ms"]
        wrong = Postgres(**other | {"password": Secret(password + "x")})
        assert await failure(wrong.run) == 'wrong password: password authentication failed for user "other"'
    finally:
        await Postgres(**place, password=Secret(PASSWORD), database="postgres", query="DROP ROLE other").run()


async def test_redis_logs_in_by_keys_of_their_own(redis: Server) -> None:
    place: dict[str, Any] = {"host": redis.address, "port": redis.port}
    for keys in ({}, {"database": 3}, {"user": "default", "database": 0}):
        check = Redis(**place, password=Secret(PASSWORD), **keys)
        assert list(await up(check.run)) == ["latency_ms"]
    too_high = Redis(**place, password=Secret(PASSWORD), database=4711)
    assert await failure(too_high.run) == "ERR DB index is out of range"
    unknown = Redis(**place, user="nobody", password=Secret(PASSWORD))
    assert await failure(unknown.run) == "wrong password"


async def test_redis_refuses_a_wrong_password_with_a_reason(redis: Server) -> None:
    check = Redis(url=Secret(f"redis://:wrong@{redis.address}:{redis.port}"))
    assert await failure(check.run) == "wrong password"


async def test_redis_is_asked_over_tls(redis: Server, authority: Authority) -> None:
    port = redis.argv[redis.argv.index("--tls-port") + 1]
    place = f"{redis.address}:{port}"
    for user in (f":{PASSWORD}@", ""):
        url = Secret(f"rediss://{user}{place}?ssl_ca_certs={authority.file}")
        assert list(await up(Redis(url=url).run)) == ["latency_ms"]
    untrusted = Redis(url=Secret(f"rediss://:{PASSWORD}@{place}"))
    assert await failure(untrusted.run) == f"{place}: the certificate is signed by an unknown authority"


@pytest.mark.slow
async def test_redis_that_loads_its_data_is_starting_up(redis: Server) -> None:
    await _fill(redis, 3000)
    redis.stop()
    try:
        without_login, with_password = redis_checks(redis)
        slowly = ["--key-load-delay", "20000", "--loading-process-events-interval-bytes", "1024"]
        redis.start(*slowly)
        assert await failure(with_password) == "starting up: loading its data"
        redis.kill()
        redis.start(*slowly, "--requirepass", "", "--protected-mode", "no")
        assert await failure(without_login) == "starting up: loading its data"
    finally:
        redis.kill()
        (redis.folder / "dump.rdb").unlink()
        redis.start()


async def test_mysql_does_not_block_our_host_for_asking(mysql: Server) -> None:
    """The server blocks a host after three connection errors, though never the loopback: hence the namespace."""
    check = Mysql(host=mysql.address, port=mysql.port)
    versions = {str((await check.run())["version"]) for _ in range(8)}
    assert [re.sub(r"\d+", "0", version).split("-")[:3] for version in versions] in (
        [["0.0.0", "0.0.0", "MariaDB"]],
        [["0.0.0", "MariaDB", "0"]],
        [["0.0.0", "MariaDB"]],
    )


async def _down(run: Run, within: float = 60) -> str:
    async with asyncio.timeout(within):
        while True:
            try:
                await run()
            except CheckFailed as failed:
                return str(failed)
            await asyncio.sleep(0.05)


async def _fill(redis: Server, keys: int) -> None:
    reader, writer = await asyncio.open_connection(redis.address, redis.port)
    writer.write(f"AUTH {PASSWORD}\r\n".encode())
    writer.writelines(f"SET key{number} {'x' * 100}\r\n".encode() for number in range(keys))
    writer.write(b"SAVE\r\n")
    for _ in range(keys + 2):
        assert await reader.readline() == b"+OK\r\n"
    writer.close()
    await writer.wait_closed()
