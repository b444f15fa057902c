"""Each failure of `postgres`, `redis` and `mysql` has a code, and a reason that names what is wrong."""

import struct
from typing import Any

import pytest

from petsage.checks.kinds.mysql import Mysql
from petsage.checks.kinds.postgres import Postgres
from petsage.checks.kinds.redis import Redis
from petsage.checks.model import CheckFailed
from petsage.checks.sdk.lazy import import_driver
from petsage.redaction.secret import Secret
from tests.support.mysql_server import mysql_packet
from tests.support.peers import answering, closed_port, greeting, peer

SCRAM = b"R\0\0\0\x17\0\0\0\x0aSCRAM-SHA-256\0\0"


def postgres_error(state: str, message: str) -> bytes:
    fields = f"SFATAL\0VFATAL\0C{state}\0M{message}\0\0".encode()
    return b"E" + struct.pack("!I", len(fields) + 4) + fields


def mysql_error(code: int, message: str) -> bytes:
    return mysql_packet(0, b"\xff" + struct.pack("<H", code) + message.encode())


async def result_of(check: Any) -> tuple[str, str]:
    with pytest.raises(CheckFailed) as failed:
        await check.run()
    return str(failed.value.code), str(failed.value)


@pytest.mark.parametrize(
    ("answer", "code", "reason"),
    [
        (postgres_error("57P03", "the database system is starting up"), "starting", "starting up: the database "),
        (postgres_error("57P03", "the database system is shutting down"), "stopping", "shutting down: the database "),
        (postgres_error("53300", "sorry, too many clients already"), "full", "too many connections"),
        (postgres_error("53100", "no space left"), "full", "error 53100: no space left"),
        (postgres_error("XX000", "could not fork"), "content", "error XX000: could not fork"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "protocol", "{} is not a PostgreSQL server: it answered SSH"),
        (b"", "closed", "{} closed the connection without an answer"),
        (SCRAM[:-2], "closed", "{} closed the connection in the middle of its answer"),
    ],
)
async def test_of_postgres(answer: bytes, code: str, reason: str) -> None:
    async with peer(answering(answer)) as port:
        found, said = await result_of(Postgres(host="127.0.0.1", port=port))
    assert found == code
    assert said.startswith(reason.format(f"127.0.0.1:{port}"))


@pytest.mark.parametrize(
    ("answers", "mode", "code", "reason"),
    [
        ([b"N"], "require", "tls", "{} does not speak TLS"),
        ([b"N"], "verify-full", "tls", "{} does not speak TLS"),
        ([b"S"], "require", "closed", "{} closed the connection during the TLS handshake"),
        ([b"SSH-2.0-OpenSSH_9.2\r\n"], "require", "protocol", "{} is not a PostgreSQL server: it answered SSH"),
        ([b""], "require", "closed", "{} closed the connection"),
    ],
)
@pytest.mark.parametrize("user", ["", "app:x@"])
async def test_of_postgres_that_is_asked_for_tls(
    user: str, answers: list[bytes], mode: str, code: str, reason: str
) -> None:
    async with peer(answering(*answers)) as port:
        verified = "&sslrootcert=/etc/ssl/certs/ca-certificates.crt" if mode == "verify-full" else ""
        url = Secret(f"postgresql://{user}127.0.0.1:{port}/x?sslmode={mode}{verified}")
        found, said = await result_of(Postgres(url=url))
    assert found == code
    assert said.startswith(reason.format(f"127.0.0.1:{port}"))


async def test_postgres_that_may_go_on_without_tls_does() -> None:
    async with peer(answering(b"N", SCRAM)) as port:
        url = Secret(f"postgresql://127.0.0.1:{port}/x?sslmode=prefer")
        assert list(await Postgres(url=url).run()) == ["latency_ms"]


@pytest.mark.parametrize(
    ("answers", "code", "reason"),
    [
        ([b"-WRONGPASS invalid username-password pair\r\n"], "login", "wrong password"),
        ([b"-ERR invalid password\r\n"], "login", "wrong password"),
        (
            [b"-ERR AUTH <password> called without any password configured for the default user.\r\n"],
            "login",
            "the server has no password, and this check sends one",
        ),
        (
            [b"-ERR Client sent AUTH, but no password is set\r\n"],
            "login",
            "the server has no password, and this check sends one",
        ),
        ([b"+OK POP3 ready\r\n"], "protocol", "{} is not a Redis server: it answered POP3"),
        ([b"220 mail ESMTP\r\n"], "protocol", "{} is not a Redis server: it answered SMTP or FTP"),
        ([b"+PONG\r\n"], "protocol", "{} is not a Redis server: it answered Redis"),
        ([b"+OK\r\n", b"-NOPERM no permission to PING\r\n"], "denied", "NOPERM no permission to PING"),
        ([b"+OK\r\n", b"-NOAUTH Authentication required.\r\n"], "content", "NOAUTH Authentication required."),
        ([b"+OK\r\n", b"-LOADING Redis is loading\r\n"], "starting", "starting up: loading its data"),
        ([b"-ERR max number of clients reached\r\n"], "full", "too many connections"),
        ([b"-DENIED protected mode\r\n"], "denied", "protected mode: it accepts connections of its own host only"),
        ([b"+O"], "closed", "{} closed the connection in the middle of its answer"),
        ([b"+OK\r\n", b"+PON"], "closed", "{} closed the connection in the middle of its answer"),
        ([b""], "closed", "{} closed the connection without an answer"),
    ],
)
async def test_of_redis_with_a_password(answers: list[bytes], code: str, reason: str) -> None:
    async with peer(answering(*answers)) as port:
        url = Secret(f"redis://:kx9QvW7z@127.0.0.1:{port}")
        assert await result_of(Redis(url=url)) == (code, reason.format(f"127.0.0.1:{port}"))


@pytest.mark.parametrize("answer", [b"+PONG", b"-NOAUTH Authentication required.", b"-"])
async def test_redis_that_is_cut_off_before_the_end_of_its_line_does_not_hold(answer: bytes) -> None:
    async with peer(answering(answer)) as port:
        said = f"127.0.0.1:{port} closed the connection in the middle of its answer"
        assert await result_of(Redis(host="127.0.0.1", port=port)) == ("closed", said)


@pytest.mark.parametrize(
    ("greets", "code"),
    [
        (mysql_error(1040, "Too many connections"), "full"),
        (mysql_error(1129, "Host 'x' is blocked"), "denied"),
        (mysql_error(1130, "Host 'x' is not allowed"), "denied"),
        (mysql_error(1053, "Server shutdown in progress"), "stopping"),
        (mysql_error(1105, "Unknown error"), "content"),
        (mysql_packet(0, b"\x09old\0"), "protocol"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "protocol"),
    ],
)
async def test_of_mysql(greets: bytes, code: str) -> None:
    async with peer(greeting(greets)) as port:
        assert (await result_of(Mysql(host="127.0.0.1", port=port)))[0] == code


async def test_a_refused_connection_has_the_code_refused() -> None:
    port = closed_port()
    for check in (Postgres, Mysql, Redis):
        assert await result_of(check(host="127.0.0.1", port=port)) == (
            "refused",
            f"connection refused by 127.0.0.1:{port}",
        )
    logging_in = [
        Postgres(url=Secret(f"postgresql+asyncpg://app:x@127.0.0.1:{port}/x")),
        Mysql(url=Secret(f"mysql+aiomysql://app:x@127.0.0.1:{port}/x")),
        Redis(url=Secret(f"valkeys://:x@127.0.0.1:{port}")),
    ]
    for check_in in logging_in:
        assert await result_of(check_in) == ("refused", f"connection refused by 127.0.0.1:{port}")


def test_a_missing_driver_has_the_code_local() -> None:
    with pytest.raises(CheckFailed) as failed:
        import_driver("no_such_driver", "postgres")
    assert (str(failed.value.code), str(failed.value)) == (
        "local",
        "logging in requires no_such_driver: pip install 'petsage[postgres]'",
    )
