"""`postgres`, `redis` and `mysql` without credentials, against peers that answer as servers do."""

import asyncio
import struct

import pytest

from petsage.checks.kinds.mysql import Mysql
from petsage.checks.kinds.postgres import Postgres
from petsage.checks.kinds.redis import Redis
from tests.support.peers import answering, eventually, failure, greeting, peer


def postgres_error(state: str, message: str) -> bytes:
    fields = f"SFATAL\0VFATAL\0C{state}\0M{message}\0Fpostmaster.c\0\0".encode()
    return b"E" + struct.pack("!I", len(fields) + 4) + fields


def mysql_packet(number: int, payload: bytes) -> bytes:
    return struct.pack("<I", len(payload) | number << 24) + payload


def mysql_error(code: int, message: str) -> bytes:
    return mysql_packet(0, b"\xff" + struct.pack("<H", code) + message.encode())


MYSQL_GREETING = mysql_packet(0, b"\x0a8.0.36\0" + bytes(60))


@pytest.mark.parametrize(
    "answer",
    [
        b"R\0\0\0\x17\0\0\0\x0aSCRAM-SHA-256\0\0",
        b"R\0\0\0\x08\0\0\0\0",
        b"v\0\0\0\x0c\0\3\0\0\0\0\0\0",
        postgres_error("28000", 'role "petsage" does not exist'),
        postgres_error("3D000", 'database "postgres" does not exist'),
        postgres_error("08P01", "no such user"),
    ],
)
async def test_postgres_holds_when_it_asks_or_turns_down_who_asks(answer: bytes) -> None:
    async with peer(answering(answer)) as port:
        assert list(await Postgres(host="127.0.0.1", port=port).run()) == ["latency_ms"]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (
            postgres_error("57P03", "the database system is starting up"),
            "starting up: the database system is starting up",
        ),
        (
            postgres_error("57P03", "the database system is shutting down"),
            "shutting down: the database system is shutting down",
        ),
        (postgres_error("53300", "sorry, too many clients already"), "too many connections"),
        (postgres_error("XX000", "could not\nfork"), "error XX000: could not"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "127.0.0.1:{} is not a PostgreSQL server: it answered HTTP"),
        (b"R\xff\xff\xff\xff\xff", "127.0.0.1:{} is not a PostgreSQL server: it answered something else"),
        (MYSQL_GREETING, "127.0.0.1:{} is not a PostgreSQL server: it answered MySQL"),
        (b"", "127.0.0.1:{} closed the connection without an answer"),
        (b"E", "127.0.0.1:{} is not a PostgreSQL server: it answered something else"),
        (b"E\0\0\1\0SFATAL", "127.0.0.1:{} closed the connection in the middle of its answer"),
    ],
)
async def test_postgres_says_what_is_wrong(answer: bytes, reason: str) -> None:
    async with peer(answering(answer)) as port:
        assert await failure(Postgres(host="127.0.0.1", port=port).run) == reason.format(port)


@pytest.mark.parametrize("answer", [b"+PONG\r\n", b"-NOAUTH Authentication required.\r\n", b"-NOPERM no\r\n"])
async def test_redis_holds_when_it_answers_or_asks_for_a_password(answer: bytes) -> None:
    async with peer(answering(answer)) as port:
        assert list(await Redis(host="127.0.0.1", port=port).run()) == ["latency_ms"]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"-LOADING Redis is loading the dataset in memory\r\n", "starting up: loading its data"),
        (
            b"-DENIED Redis is running in protected mode\r\n",
            "protected mode: it accepts connections of its own host only",
        ),
        (b"-ERR max number of clients reached\r\n", "too many connections"),
        (b"-MASTERDOWN Link with MASTER is down\r\n", "MASTERDOWN Link with MASTER is down"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "127.0.0.1:{} is not a Redis server: it answered HTTP"),
        (b"+OK POP3 ready\r\n", "127.0.0.1:{} is not a Redis server: it answered POP3"),
        (b"\0" * 9000, "127.0.0.1:{} is not a Redis server: it answered something else"),
        (b"", "127.0.0.1:{} closed the connection without an answer"),
    ],
)
async def test_redis_says_what_is_wrong(answer: bytes, reason: str) -> None:
    async with peer(answering(answer)) as port:
        assert await failure(Redis(host="127.0.0.1", port=port).run) == reason.format(port)


async def test_mysql_finishes_the_handshake_so_that_it_counts_as_no_connection_error() -> None:
    heard: list[bytes] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(MYSQL_GREETING)
        heard.append(await reader.read(4096))
        writer.write(mysql_packet(2, b"\xfecaching_sha2_password\0" + bytes(20) + b"\0"))
        heard.append(await reader.read(4096))
        writer.write(mysql_packet(4, b"\xff\x15\x04#28000Access denied"))
        heard.append(await reader.read(4096))

    async with peer(handle) as port:
        observed = await Mysql(host="127.0.0.1", port=port).run()
        await eventually(lambda: len(heard) == 3)
    assert observed == {"version": "8.0.36", "latency_ms": observed["latency_ms"]}
    assert [data[:4] for data in heard] == [struct.pack("<I", len(heard[0]) - 4 | 1 << 24), b"\0\0\0\3", b""]
    assert b"petsage\0" in heard[0]


async def test_mysql_without_a_password_is_quit_properly() -> None:
    heard: list[bytes] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(MYSQL_GREETING)
        await reader.read(4096)
        writer.write(mysql_packet(2, b"\0\0\0\2\0\0\0"))
        heard.append(await reader.read())

    async with peer(handle) as port:
        await Mysql(host="127.0.0.1", port=port).run()
        await eventually(lambda: heard)
    assert heard == [b"\1\0\0\0\1"]


async def test_mysql_that_greets_again_is_none() -> None:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(MYSQL_GREETING)
        await reader.read(4096)
        writer.write(MYSQL_GREETING)
        await reader.read()

    async with peer(handle) as port:
        said = await failure(Mysql(host="127.0.0.1", port=port).run)
    assert said == f"127.0.0.1:{port} is not a MySQL server: it answered something that is not part of a login"


@pytest.mark.parametrize(
    ("greets", "reason"),
    [
        (mysql_error(1040, "Too many connections"), "too many connections"),
        (mysql_error(1129, "Host 'x' is blocked"), "this host is blocked because of many connection errors"),
        (mysql_error(1130, "Host 'x' is not allowed"), "this host is not allowed to connect"),
        (mysql_error(1053, "Server shutdown in progress"), "shutting down"),
        (mysql_error(1105, "#HY000Unknown error"), "error 1105: Unknown error"),
        (mysql_packet(0, b"\x09old\0"), "127.0.0.1:{} is not a MySQL server: it speaks protocol 9"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "127.0.0.1:{} is not a MySQL server: it answered SSH"),
        (b"220 mail ESMTP\r\n", "127.0.0.1:{} is not a MySQL server: it answered SMTP or FTP"),
    ],
)
async def test_mysql_says_what_is_wrong(greets: bytes, reason: str) -> None:
    async with peer(greeting(greets)) as port:
        assert await failure(Mysql(host="127.0.0.1", port=port).run) == reason.format(port)
