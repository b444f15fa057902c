"""Passwords of all characters, by all ways into a check: they arrive whole, and no part of them is ever shown."""

import asyncio
import base64
import logging
import struct
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from petsage.checks.model import CheckFailed
from petsage.checks.sdk import connection
from petsage.checks.sdk.texts import Masker
from petsage.checks.threads import resolve
from petsage.core.declared_checks import declared_checks
from petsage.settings import ConfigError, read
from petsage.wait import TargetError, parse_target
from tests.support.fuzzing import some
from tests.support.mysql_server import mysql_greeting, mysql_packet, native_proof, read_mysql_packet
from tests.support.peers import Handler, peer

CHARACTERS = ["@", ":", "/", "//", "#", "?", "%", "%41", "%zz", "[", "]", "[]", "\\", " ", '"', "'", "\n", "\t", "\x1b"]
CHARACTERS += [
    "é",
    "漢",
    "℀",
    "&",
    "=",
    "+",
    ";",
    ",",
    "${A}",
    "$",
    "{",
    "|",
    "^",
    "`",
    "<",
    "..",
    "/../",
    "@127.0.0.1:1/",
]
PASSWORDS = [f"kx9Q{character}vW7z{character}Jq4" for character in CHARACTERS]
of_every_password = pytest.mark.parametrize("password", PASSWORDS, ids=[repr(character) for character in CHARACTERS])

SCHEMES = {"http": "http", "postgres": "postgresql", "redis": "redis", "mysql": "mysql"}
of_every_kind = pytest.mark.parametrize("kind", SCHEMES)

PARAMETERS = {"postgres": "/shop?sslmode=disable", "redis": "/3", "http": "/", "mysql": "/shop"}


def in_key(kind: str, _: str) -> dict[str, str]:
    return {"url": f"{SCHEMES[kind]}://db.test:{{port}}", "user": "app", "password": "${PASSWORD}"}


def in_url(kind: str, _: str) -> dict[str, str]:
    return {"url": f"{SCHEMES[kind]}://app:${{PASSWORD}}@db.test:{{port}}{PARAMETERS[kind]}"}


def in_url_from_file(kind: str, _: str) -> dict[str, str]:
    return {"url": f"{SCHEMES[kind]}://app:${{file:password}}@${{HOST}}:{{port}}{PARAMETERS[kind]}"}


def in_default(kind: str, _: str) -> dict[str, str]:
    return {"url": f"${{UNSET:-{SCHEMES[kind]}://app:${{PASSWORD}}@db.test:{{port}}{PARAMETERS[kind]}}}"}


def whole(kind: str, password: str) -> dict[str, str]:
    return {"url": "${URL}", "encoded": quote(password, safe="")}


WAYS = [in_key, in_url, in_url_from_file, in_default, whole]
TRIED = some(product(SCHEMES, WAYS, PASSWORDS))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the hosts that were asked for; all are this one."""
    found: list[str] = []

    async def lookup(host: str, port: int) -> Any:
        found.append(host)
        return await resolve("127.0.0.1", port)

    monkeypatch.setattr(connection, "resolve", lookup)
    return found


def loaded(path: Path) -> Any:
    """Return the check of a configuration with one; raise `ConfigError`."""
    draft = read(path)
    specs, _ = declared_checks(draft, [])
    draft.finish()
    return specs[0].check


def written(folder: Path, kind: str, settings: dict[str, str]) -> Path:
    quoted = "".join("    " + key + ": '" + value.replace("'", "''") + "'\n" for key, value in settings.items())
    path = folder / "config.yml"
    path.write_text(f"checks:\n  db:\n    kind: {kind}\n{quoted}")
    return path


def parts(password: str) -> Iterator[str]:
    forms = [password, quote(password, safe=""), base64.b64encode(password.encode()).decode()]
    return (form[at : at + 4] for form in forms for at in range(len(form) - 3))


def shows(text: str, password: str) -> list[str]:
    return [part for part in parts(password) if part in text]


async def echoes_http(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    token = head.partition(b"Basic ")[2].partition(b"\r\n")[0]
    heard = base64.b64decode(token)
    body = b'{"a": "' + token + b' is refused"}'
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
    return heard.partition(b":")[2]


async def echoes_postgres(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    await reader.readexactly(int.from_bytes(await reader.readexactly(4), "big") - 4)
    writer.write(b"R" + struct.pack("!II", 8, 3))
    await reader.readexactly(1)
    heard = (await reader.readexactly(int.from_bytes(await reader.readexactly(4), "big") - 4)).removesuffix(b"\0")
    fields = b"SFATAL\0C28P01\0Mno such password: " + heard[:9] + b" or " + heard + b"\0\0"
    writer.write(b"E" + struct.pack("!I", len(fields) + 4) + fields)
    return heard


async def echoes_redis(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    assert await reader.readexactly(len(b"*3\r\n$4\r\nAUTH\r\n$3\r\napp\r\n$")) == b"*3\r\n$4\r\nAUTH\r\n$3\r\napp\r\n$"
    heard = await reader.readexactly(int(await reader.readline()))
    writer.write(b"-ERR unknown command 'AUTH', with args beginning with: 'app' '" + heard[:9] + b"'\r\n")
    return heard


async def echoes_mysql(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    """Find the password that was proved: it does not arrive itself."""
    nonce = b"n" * 20
    writer.write(mysql_packet(0, mysql_greeting(b"mysql_native_password", nonce)))
    _, payload = await read_mysql_packet(reader)
    proved = payload[32:].partition(b"\0")[2][1:21]
    heard = next((text for text in map(str.encode, PASSWORDS) if native_proof(text, nonce) == proved), b"")
    writer.write(mysql_packet(2, b"\xff\x15\x04#28000no such password: " + heard[:9] + b" or " + heard))
    return heard


ECHOES = {"http": echoes_http, "postgres": echoes_postgres, "redis": echoes_redis, "mysql": echoes_mysql}


def noting(kind: str, heard: list[bytes]) -> Handler:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await ECHOES[kind](reader, writer))
        await writer.drain()

    return handle


@pytest.mark.parametrize(("kind", "way", "password"), TRIED, ids=[f"{k}-{way.__name__}-{p!r}" for k, way, p in TRIED])
async def test_a_password_arrives_whole_and_is_not_repeated(  # noqa: PLR0913, PLR0917 (a table and its fixtures)
    kind: str,
    way: Callable[[str, str], dict[str, str]],
    password: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    asked: list[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    heard: list[bytes] = []
    async with peer(noting(kind, heard)) as port:
        settings = {key: value.replace("{port}", str(port)) for key, value in way(kind, password).items()}
        monkeypatch.setenv("PASSWORD", password)
        monkeypatch.setenv("HOST", "db.test")
        encoded = settings.pop("encoded", "")
        monkeypatch.setenv("URL", f"{SCHEMES[kind]}://app:{encoded}@db.test:{port}{PARAMETERS[kind]}")
        (tmp_path / "password").write_text(password, newline="")
        if kind == "http":
            settings["contains"] = "nowhere"
        if kind == "postgres" and way is in_key:
            settings["url"] += "?sslmode=disable"
        check = loaded(written(tmp_path, kind, settings))
        with pytest.raises(CheckFailed) as failed:
            await check.run()
    assert heard == [password.encode()]
    assert set(asked) == {"db.test"}
    for text in (str(failed.value), repr(check), caplog.text):
        assert shows(text, password) == []


@of_every_kind
@of_every_password
async def test_a_password_as_it_is_in_a_url_is_taken_or_refused_and_never_shown(
    kind: str, password: str, asked: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    heard: list[bytes] = []
    said = ""
    async with peer(noting(kind, heard)) as port:
        url = f"{SCHEMES[kind]}://app:{password}@db.test:{port}{PARAMETERS[kind]}"
        more = {"contains": "nowhere"} if kind == "http" else {}
        draft = read({"checks": {"db": {"kind": kind, "url": url, **more}}})
        specs, _ = declared_checks(draft, [])
        try:
            draft.finish()
        except ConfigError as invalid:
            said = str(invalid)
        else:
            with pytest.raises(CheckFailed) as failed:
                await specs[0].check.run()  # type: ignore[union-attr, misc]
            said = str(failed.value)
    assert set(asked) <= {"db.test"}
    assert shows(said + caplog.text, password) == []
    assert bool(heard) == (not said.startswith("checks.db"))


async def test_an_answer_that_repeats_the_authorization_is_masked(tmp_path: Path) -> None:
    heard: list[bytes] = []
    async with peer(noting("http", heard)) as port:
        settings = {"url": f"http://127.0.0.1:{port}", "user": "app", "password": "kx9QvW7z"}
        path = written(tmp_path, "http", settings)
        path.write_text(path.read_text() + "    json: {a: fine}\n")
        with pytest.raises(CheckFailed) as failed:
            await loaded(path).run()
    assert str(failed.value) == 'a is "******** is refused", not "fine"'


def test_a_program_that_repeats_its_environment_is_masked(tmp_path: Path) -> None:
    path = tmp_path / "config.yml"
    argv = "[sh, -c, 'echo cannot log in with $$SECRET; exit 1']"
    path.write_text(f"checks:\n  db: {{kind: command, argv: {argv}, env: {{SECRET: kx9QvW7z}}}}\n")
    with pytest.raises(CheckFailed) as failed:
        asyncio.run(loaded(path).run())
    assert str(failed.value) == "cannot log in with ********"


@pytest.mark.parametrize(
    ("secret", "text", "shown"),
    [
        ("kx9QvW7z", "no kx9QvW7z", "no ********"),
        ("kx9QvW7z", "cut: kx9Qv", "cut: ********"),
        ("kx9QvW7z", "its end: vW7z!", "its end: ********!"),
        ("kx9Q vW7z", "kx9Q%20vW7z or kx9Q+vW7z", "******** or ********"),
        ("kx9Q\nvW7z", "kx9Q\nvW7z and more", "******** and more"),
        ("abc", "no abc", "********"),
        ("abc", "nothing of it", "nothing of it"),
        (None, "nothing is hidden", "nothing is hidden"),
        ("kx9QvW7z", "kx9 is too short", "kx9 is too short"),
    ],
)
def test_parts_of_a_secret_are_masked(secret: str | None, text: str, shown: str) -> None:
    assert Masker(secret).first_line(text) == shown


@of_every_password
def test_wait_shows_no_part_of_the_password_of_a_url(password: str) -> None:
    said = ""
    try:
        target = parse_target(f"http://app:{password}@127.0.0.1:1/ready")
        said = f"{target.name} {target.address}"
    except TargetError as mistake:
        said = str(mistake)
    assert said
    assert shows(said, password) == []


SAID_AGAIN = [
    (kind, key) for kind in SCHEMES for key in ("user", "password", "database") if (kind, key) != ("http", "database")
]


@pytest.mark.parametrize(("kind", "key"), SAID_AGAIN)
def test_what_the_url_says_is_not_said_again(kind: str, key: str, tmp_path: Path) -> None:
    value = {"user": "'app'", "password": "'kx9QvW7z'", "database": "3" if kind == "redis" else "shop"}[key]
    path = tmp_path / "config.yml"
    url = f"{SCHEMES[kind]}://app:kx9QvW7z@db.test/3"
    path.write_text(f"checks:\n  db:\n    kind: {kind}\n    url: {url}\n    {key}: {value}\n")
    with pytest.raises(ConfigError) as invalid:
        loaded(path)
    assert str(invalid.value) == f"{path}:5:5: checks.db.{key}: not allowed with url, which already has it"


def test_the_parts_of_a_login_may_be_in_different_places(tmp_path: Path) -> None:
    check = loaded(written(tmp_path, "redis", {"url": "redis://:kx9QvW7z@db.test", "user": "app"}))
    assert (check.user, check.login) == ("app", ("app", "kx9QvW7z"))
    check = loaded(written(tmp_path, "postgres", {"host": "db.test", "user": "app", "database": "shop"}))
    assert check._login_request[:4] == ("db.test", 5432, ("app", None), "shop")


@pytest.mark.parametrize(
    ("kind", "settings", "mistake"),
    [
        ("redis", {"host": "db", "user": "app"}, "user: needs a password"),
        ("postgres", {"host": "db", "password": "x"}, "password: needs a user, in its key or in url"),
        ("postgres", {"url": "postgresql://:kx9QvW7z@db"}, "url: a password without a user"),
        ("postgres", {"host": "db", "database": "x"}, "database: needs a user, in its key or in url"),
        ("http", {"url": "http://db", "user": "a:b"}, "user: must not have a ':' in it: that ends the user's name"),
        ("redis", {"url": "redis://db/shop"}, "url: the path is not the number of a database"),
        ("redis", {"url": "redis://db?timeout=3"}, "url: timeout: no such parameter of a url"),
        ("redis", {"url": "redis://db?db=1&db=2"}, "url: db is given twice"),
        ("redis", {"url": "redis://db/1?db=2"}, "url: db: the path already names the database"),
        (
            "redis",
            {"url": "redis+sentinel://db"},
            "url: the scheme must be one of redis, rediss, valkey, valkeys (write it like redis://host)",
        ),
        (
            "postgres",
            {"url": "jdbc:postgresql://db/x"},
            "url: not a url of one server (write it like postgresql://host)",
        ),
        ("postgres", {"url": "postgresql://db?connect_timeout=3"}, "url: connect_timeout: no such parameter of a url"),
        (
            "postgres",
            {"url": "postgresql://u@db?connect_timeout=3"},
            "url: connect_timeout: no such parameter of a url",
        ),
        (
            "postgres",
            {"url": "postgresql://db?application_name=x"},
            "url: application_name needs a user, in its key or in url",
        ),
        ("postgres", {"url": "postgresql://u@db?sslmode=a&sslmode=b"}, "url: sslmode is given twice"),
        (
            "postgres",
            {"url": "postgresql://db?sslmode=required"},
            "url: sslmode must be one of disable, allow, prefer, require, verify-ca, verify-full",
        ),
        ("postgres", {"url": "postgresql://u@db?sslrootcert=x"}, "url: sslrootcert needs sslmode"),
        ("postgres", {"url": "postgresql://db?sslmode=require&sslkey=x"}, "url: sslkey needs sslcert"),
        ("mysql", {"host": "db", "password": "x"}, "password: needs a user, in its key or in url"),
        ("mysql", {"url": "mysql://:kx9QvW7z@db"}, "url: a password without a user"),
        ("mysql", {"host": "db", "query": "x"}, "query: needs a user, in its key or in url"),
        ("mysql", {"url": "mysql://u@db?timeout=3"}, "url: timeout: no such parameter of a url"),
        ("mysql", {"url": "mysql://u@db?charset=latin1"}, "url: charset must be utf8mb4"),
        ("mysql", {"url": "mysql://u@db?ssl-mode=required&ssl_mode=disabled"}, "url: ssl-mode is given twice"),
        (
            "mysql",
            {"url": "mysql://u@db?ssl-mode=on"},
            "url: ssl-mode must be one of DISABLED, PREFERRED, REQUIRED, VERIFY_CA, VERIFY_IDENTITY",
        ),
        (
            "mysql",
            {"url": "mysql://u@db?ssl-ca=x"},
            "url: ssl-ca needs ssl-mode=VERIFY_CA or ssl-mode=VERIFY_IDENTITY",
        ),
        ("mysql", {"url": "mysql://u@db?ssl-cert=x"}, "url: ssl-cert needs ssl-mode=REQUIRED, or one that verifies"),
        ("mysql", {"url": "mysql://u@db?ssl-mode=required&ssl-key=x"}, "url: ssl-key needs ssl-cert"),
        (
            "mysql",
            {"url": "mysqlx://db"},
            "url: the scheme must be one of mysql, mariadb (write it like mysql://host)",
        ),
        (
            "redis",
            {"url": "redis://db?ssl_cert_reqs=none"},
            "url: ssl_cert_reqs needs a url that begins with rediss://",
        ),
        ("redis", {"host": "redis://:kx9QvW7z@db"}, "host: not the name or the address of a host"),
        ("dns", {"name": "kx9QvW7z@db"}, "name: not the name or the address of a host"),
        (
            "postgres",
            {"url": "postgresql://db/x?user=a&password=kx9QvW7z"},
            "url: user is not a parameter of a url here: write it before the '?'",
        ),
        (
            "postgres",
            {"url": "postgresql://app:1/kx9QvW7z@db/x"},
            "url: an '@' after the host: write %40, or put user and password into keys of their own",
        ),
    ],
)
def test_what_cannot_be_used_is_a_mistake(kind: str, settings: dict[str, str], mistake: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as invalid:
        loaded(written(tmp_path, kind, settings))
    assert str(invalid.value).partition(": ")[2] == f"checks.db.{mistake}"


@pytest.mark.parametrize(
    ("kind", "scheme"),
    [
        *(("postgres", scheme) for scheme in ("postgresql", "postgres", "postgresql+asyncpg", "postgresql+psycopg2")),
        *(("mysql", scheme) for scheme in ("mysql", "mariadb", "mysql+aiomysql", "mysql+asyncmy", "mariadb+pymysql")),
        *(("redis", scheme) for scheme in ("redis", "rediss", "valkey", "valkeys")),
    ],
)
def test_schemes_that_mean_the_same_are_taken(kind: str, scheme: str, tmp_path: Path) -> None:
    check = loaded(written(tmp_path, kind, {"url": f"{scheme}://app:kx9QvW7z@db.test:99/3"}))
    assert check.address == ("db.test", 99)
    assert check.login == ("app", "kx9QvW7z")
    if kind == "redis":
        assert (check.tls_options is not None) == (scheme in {"rediss", "valkeys"})
