"""`mysql` logs in by the methods of MySQL 8 and MariaDB, and sends no password without TLS that a proof can replace."""

import asyncio
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from petsage.checks.kinds.mysql import Mysql
from petsage.checks.model import CheckFailed
from petsage.redaction.secret import Secret
from tests.support.mysql_server import (
    DENIED,
    OK,
    TLS_OFFERED,
    mysql_greeting,
    mysql_packet,
    native_proof,
    read_mysql_packet,
    sha2_proof,
)
from tests.support.peers import eventually, peer
from tests.support.require import require_program

NONCE = bytes(range(65, 85))
OTHER = bytes(range(97, 117))
PASSWORD = b"kx9QvW7z"
SHA2, NATIVE = b"caching_sha2_password", b"mysql_native_password"


def app(port: int, more: str = "", password: bytes = PASSWORD) -> Mysql:
    return Mysql(url=Secret(f"mysql://app:{password.decode()}@127.0.0.1:{port}/shop{more}"))


def proof_in(response: bytes) -> tuple[bytes, bytes, bytes, bytes]:
    """Return user, proof, database and method of a handshake response."""
    user, _, rest = response[32:].partition(b"\0")
    proof, rest = rest[1 : 1 + rest[0]], rest[1 + rest[0] :]
    database, method, _ = rest.split(b"\0")
    return user, proof, database, method


async def result_of(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int) -> list[bytes]:
    """Let in, answer one query and return it and what comes after it."""
    writer.write(mysql_packet(number, OK))
    _, query = await read_mysql_packet(reader)
    answers = [b"\1", b"\3def\0\0\0\1\x31\0", b"\xfe\0\0\2\0", b"\1\x31", b"\xfe\0\0\2\0"]
    writer.write(b"".join(mysql_packet(at, answer) for at, answer in enumerate(answers, 1)))
    _, left = await read_mysql_packet(reader)
    return [query, left]


@pytest.mark.parametrize(("method", "prove"), [(NATIVE, native_proof), (SHA2, sha2_proof)])
async def test_a_password_is_proved_by_the_method_of_the_greeting(
    method: bytes, prove: Callable[[bytes, bytes], bytes]
) -> None:
    heard: list[object] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(mysql_packet(0, mysql_greeting(method, NONCE)))
        number, response = await read_mysql_packet(reader)
        heard.extend((number, proof_in(response)))
        if method == SHA2:  # the server remembers the password
            writer.write(mysql_packet(2, b"\1\3"))
        heard.extend(await result_of(reader, writer, 3 if method == SHA2 else 2))

    async with peer(handle) as port:
        observed = await app(port).run()
        await eventually(lambda: len(heard) > 3)
    assert observed["version"] == "8.4.0"
    assert heard == [1, (b"app", prove(PASSWORD, NONCE), b"shop", method), b"\3SELECT 1", b"\1"]


async def test_the_server_may_ask_for_another_method_and_for_another_proof() -> None:
    heard: list[bytes] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(mysql_packet(0, mysql_greeting(b"sha3000_password", NONCE)))
        await read_mysql_packet(reader)
        for number, method in ((2, SHA2), (4, NATIVE)):
            writer.write(mysql_packet(number, b"\xfe" + method + b"\0" + OTHER + b"\0"))
            heard.append((await read_mysql_packet(reader))[1])
        await result_of(reader, writer, 6)

    async with peer(handle) as port:
        await app(port).run()
    assert heard == [sha2_proof(PASSWORD, OTHER), native_proof(PASSWORD, OTHER)]


@pytest.mark.parametrize(
    ("packet", "reason"),
    [
        (b"\1\4", "the server wants the password unencrypted, and does not speak TLS"),
        (b"\xfesha256_password\0" + OTHER + b"\0", "the server wants the password unencrypted, and does not speak TLS"),
        (b"\xfemysql_clear_password\0", "the user logs in by mysql_clear_password, which is not supported"),
        (b"\xfeclient_ed25519\0" + OTHER, "the user logs in by client_ed25519, which is not supported"),
        (b"\xfeparsec\0" + OTHER, "the user logs in by parsec, which is not supported"),
        (b"\xfe", "the user logs in by mysql_old_password, which is not supported"),
        (DENIED, "wrong user or password: Access denied for user 'app'@'x'"),
        (b"\xff\x19\x04#42000Unknown database 'shop'", "error 1049: Unknown database 'shop'"),
    ],
)
async def test_a_refused_login_fails_with_the_reason_and_sends_no_password(packet: bytes, reason: str) -> None:
    heard = b""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal heard
        writer.write(mysql_packet(0, mysql_greeting(SHA2, NONCE)))
        _, heard = await read_mysql_packet(reader)
        writer.write(mysql_packet(2, packet))
        heard += await reader.read()

    async with peer(handle) as port:
        with pytest.raises(CheckFailed) as failed:
            await app(port).run()
    assert (str(failed.value), failed.value.code) == (reason, "login")
    assert PASSWORD not in heard


async def test_a_password_is_shown_to_a_server_within_tls(tmp_path: Path) -> None:
    heard: list[bytes] = []
    context = _server_context(tmp_path)

    def serve(listener: socket.socket) -> None:
        for _ in range(2):
            sock, _ = listener.accept()
            with suppress(OSError), sock:
                sock.sendall(mysql_packet(0, mysql_greeting(SHA2, NONCE, TLS_OFFERED)))
                heard.append(_exactly(sock, 36)[4:8])
                with context.wrap_socket(sock, server_side=True) as secure:
                    secure.recv(4096)
                    secure.sendall(mysql_packet(3, b"\1\4"))
                    heard.append(secure.recv(4096))
                    secure.sendall(mysql_packet(5, DENIED))

    with socket.create_server(("127.0.0.1", 0)) as listener:
        serving = threading.Thread(target=serve, args=(listener,))
        serving.start()
        port = listener.getsockname()[1]
        found = []
        for more in ("", "?ssl-mode=VERIFY_IDENTITY"):
            with pytest.raises(CheckFailed) as failed:
                await app(port, more).run()
            found.append(str(failed.value.code))
        await asyncio.to_thread(serving.join)
    assert found == ["login", "certificate"]
    assert [int.from_bytes(able, "little") & TLS_OFFERED for able in heard[::2]] == [TLS_OFFERED] * 2
    assert heard[1:2] == [mysql_packet(4, PASSWORD + b"\0")]
    assert len(heard) == 3


def _exactly(sock: socket.socket, count: int) -> bytes:
    return b"".join(sock.recv(1) for _ in range(count))


def _server_context(folder: Path) -> ssl.SSLContext:
    made = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=x -keyout key -out pem -days 2"
    subprocess.run([require_program("openssl", "openssl"), *made.split()], cwd=folder, check=True, capture_output=True)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "pem", folder / "key")
    return context


async def test_a_user_without_a_password_proves_nothing() -> None:
    heard: list[bytes] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(mysql_packet(0, mysql_greeting(SHA2, NONCE)))
        heard.append(proof_in((await read_mysql_packet(reader))[1])[1])
        writer.write(mysql_packet(2, b"\xfe" + NATIVE + b"\0" + OTHER + b"\0"))
        heard.append((await read_mysql_packet(reader))[1])
        await result_of(reader, writer, 4)

    async with peer(handle) as port:
        await app(port, password=b"").run()
    assert heard == [b"", b""]


@pytest.mark.parametrize(
    ("packets", "reason", "code"),
    [
        ([b"\xff\x10\x04Too many connections"], "too many connections", "full"),
        ([OK, b"\xff\x1d\x04#08S01Server shutdown in progress"], "shutting down", "stopping"),
        (
            [OK, b"\xfb/etc/passwd"],
            "127.0.0.1:{} is not a MySQL server: it answered a request for a local file",
            "protocol",
        ),
        ([OK, b"\1", b"\xff\x87\x07Killed"], "error 1927: Killed", "closed"),
        (
            [b"\1\1"],
            "127.0.0.1:{} is not a MySQL server: it answered something that is not part of a login",
            "protocol",
        ),
        (
            [b"\xfe" + NATIVE + b"\0" + OTHER + b"\0"] * 9,
            "127.0.0.1:{} is not a MySQL server: it answered a login without an end",
            "protocol",
        ),
    ],
)
async def test_failures_after_the_greeting_have_a_code(packets: list[bytes], reason: str, code: str) -> None:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(mysql_packet(0, mysql_greeting(NATIVE, NONCE)))
        with suppress(asyncio.IncompleteReadError):
            for number, packet in enumerate(packets):
                if number < 2 or packet[:1] == b"\xfe":
                    await read_mysql_packet(reader)
                writer.write(mysql_packet(number + 2, packet))
            await reader.read()

    async with peer(handle) as port:
        with pytest.raises(CheckFailed) as failed:
            await app(port).run()
    assert (str(failed.value), failed.value.code) == (reason.format(port), code)


async def test_a_truncated_greeting_and_one_followed_by_tls_fail_with_the_reason() -> None:
    greeting = mysql_packet(0, mysql_greeting(NATIVE, NONCE, TLS_OFFERED))

    async def cut(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting[:-2])

    async def too_much(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting + b"injected")
        await reader.read()

    for handle, said in (
        (cut, ("127.0.0.1:{} closed the connection in the middle of its answer", "closed")),
        (too_much, ("127.0.0.1:{} is not a MySQL server: it answered more than a greeting", "protocol")),
    ):
        async with peer(handle) as port:
            with pytest.raises(CheckFailed) as failed:
                await app(port).run()
        assert (str(failed.value), failed.value.code) == (said[0].format(port), said[1])


async def test_mariadb_without_a_login_logs_no_refused_connection() -> None:
    """It logs who is turned down, and says nothing of who leaves when he is asked by which method he logs in."""
    heard: list[bytes] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(mysql_packet(0, mysql_greeting(NATIVE, NONCE, version=b"5.5.5-10.11.6-MariaDB")))
        heard.append((await read_mysql_packet(reader))[1][32:])
        writer.write(mysql_packet(2, b"\xfe" + NATIVE + b"\0" + OTHER + b"\0"))
        heard.append(await reader.read())

    async with peer(handle) as port:
        await Mysql(host="127.0.0.1", port=port).run()
        await eventually(lambda: len(heard) > 1)
    assert heard == [b"petsage\0\0none\0", b""]
