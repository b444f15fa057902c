"""`tcp`, `dns` and what every kind says of a network that fails."""

import asyncio
import errno
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

import pytest
from aiohappyeyeballs import start_connection

from petsage.checks.kinds.dns import Dns
from petsage.checks.kinds.http import Http
from petsage.checks.kinds.mysql import Mysql
from petsage.checks.kinds.postgres import Postgres
from petsage.checks.kinds.redis import Redis
from petsage.checks.kinds.tcp import Tcp
from petsage.checks.kinds.tls import Tls
from petsage.checks.sdk import connection
from petsage.checks.sdk.errors import network_failure
from petsage.checks.threads import Address
from petsage.redaction.secret import Secret
from tests.support.peers import (
    Handler,
    answering,
    closed_port,
    eventually,
    failure,
    greeting,
    open_files,
    peer,
    resetting,
    silent,
)


class Asking(Protocol):
    async def run(self) -> Mapping[str, object]: ...


Make = Callable[[str, int], Asking]

KINDS: dict[str, Make] = {
    "tcp": lambda host, port: Tcp(host=host, port=port, expect="hello"),
    "tls": lambda host, port: Tls(host=host, port=port),
    "http": lambda host, port: Http(url=Secret(f"http://{host}:{port}/")),
    "https": lambda host, port: Http(url=Secret(f"https://{host}:{port}/")),
    "postgres": lambda host, port: Postgres(host=host, port=port),
    "postgres login": lambda host, port: Postgres(url=Secret(f"postgresql://app:hunter2@{host}:{port}/x")),
    "redis": lambda host, port: Redis(host=host, port=port),
    "redis login": lambda host, port: Redis(url=Secret(f"redis://:hunter2@{host}:{port}")),
    "mysql": lambda host, port: Mysql(host=host, port=port),
}
of_every_kind = pytest.mark.parametrize("make", KINDS.values(), ids=KINDS)
_speaking_first = [name for name in KINDS if name not in {"tcp", "mysql"}]
speaking_first = pytest.mark.parametrize("make", [KINDS[name] for name in _speaking_first], ids=_speaking_first)


async def test_a_port_that_accepts_holds() -> None:
    async with peer(silent) as port:
        observed = await Tcp(host="127.0.0.1", port=port).run()
    assert list(observed) == ["latency_ms"]
    assert isinstance(observed["latency_ms"], float)


async def test_a_greeting_that_starts_as_expected_holds() -> None:
    async with peer(greeting(b"SSH-2.0-OpenSSH_9.2\r\n")) as port:
        assert list(await Tcp(host="127.0.0.1", port=port, expect="SSH-2.0").run()) == ["latency_ms"]


async def test_another_greeting_is_shown_as_soon_as_it_differs() -> None:
    async with peer(greeting(b"220 m\x07")) as port:
        said = await failure(Tcp(host="127.0.0.1", port=port, expect="SSH-2.0").run)
    assert said == f"127.0.0.1:{port} greets with '220 m\\x07', not 'SSH-2.0'"


async def test_a_greeting_that_breaks_off_is_shown() -> None:
    async def handle(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH")

    async with peer(handle) as port:
        said = await failure(Tcp(host="127.0.0.1", port=port, expect="SSH-2.0").run)
    assert said == f"127.0.0.1:{port} closed the connection after 'SSH', not 'SSH-2.0'"


@of_every_kind
async def test_a_refused_connection_fails_with_the_reason(make: Make) -> None:
    port = closed_port()
    assert await failure(make("127.0.0.1", port).run) == f"connection refused by 127.0.0.1:{port}"


@of_every_kind
async def test_a_name_that_does_not_resolve_fails_with_the_reason(make: Make) -> None:
    assert await failure(make("no..name", 1).run) == "no..name does not resolve"


@speaking_first
async def test_a_reset_fails_with_the_reason(make: Make) -> None:
    async with peer(resetting) as port:
        said = await failure(make("127.0.0.1", port).run)
    assert said in {f"connection reset by 127.0.0.1:{port}", f"127.0.0.1:{port} closed the connection"}


def heard(asked: asyncio.Event) -> Handler:
    """Note that a client has connected, and send nothing."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.set()
        await silent(reader, writer)

    return handle


@of_every_kind
async def test_what_was_waited_for_is_noted_on_a_cancellation(make: Make) -> None:
    asked = asyncio.Event()
    async with peer(heard(asked)) as port:
        run = asyncio.ensure_future(make("127.0.0.1", port).run())
        await asked.wait()
        for _ in range(100):  # turns of the loop until it waits for the answer, however long they take
            await asyncio.sleep(0)
        run.cancel()
        with pytest.raises(asyncio.CancelledError) as cancelled:
            await run
    assert cancelled.value.__notes__[0] in {
        f"connected, but 127.0.0.1:{port} sends nothing",
        f"connected, but no complete answer from 127.0.0.1:{port}",
        f"no complete answer from 127.0.0.1:{port}",
    }


@of_every_kind
async def test_two_hundred_cancelled_runs_leave_no_descriptor_open(make: Make) -> None:
    asked = asyncio.Event()
    async with peer(heard(asked)) as port:
        check = make("127.0.0.1", port)
        first = asyncio.ensure_future(check.run())
        await asked.wait()  # it has loaded the driver and built the context
        first.cancel()
        await asyncio.wait([first])
        before = open_files()
        for turns in range(200):
            run = asyncio.ensure_future(check.run())
            for _ in range(turns % 20):
                await asyncio.sleep(0)
            run.cancel()
            await asyncio.wait([run])
            assert run.cancelled()
        await eventually(lambda: open_files() - before == set())


@of_every_kind
async def test_runs_leave_neither_threads_nor_an_executor(make: Make) -> None:
    port = closed_port()
    for _ in range(3):
        await failure(make("localhost", port).run)
    executor = getattr(asyncio.get_running_loop(), "_default_executor", None)
    assert executor is None


@pytest.mark.parametrize(
    ("error", "said", "code"),
    [
        (
            OSError("Multiple exceptions: [Errno 101] Connect call failed, [Errno 111] refused"),
            "connection refused by x:1",
            "refused",
        ),
        (OSError(errno.EHOSTUNREACH, ""), "no route to x:1", "unreachable"),
        (OSError(errno.EACCES, ""), "connecting to x:1 is forbidden here", "unreachable"),
        (OSError(errno.ENOTCONN, ""), "connection reset by x:1", "reset"),
        (OSError(errno.ENOBUFS, ""), "out of memory to connect to x:1", "local"),
        (OSError(errno.EMFILE, ""), "out of file descriptors", "local"),
        (OSError(errno.EXDEV, ""), "x:1: the connection failed: invalid cross-device link", "failed"),
        (ConnectionResetError(), "connection reset by x:1", "reset"),
        (TimeoutError(), "timed out: no answer from x:1", "timeout"),
        (OSError(), "x:1: the connection failed", "failed"),
        (socket.gaierror(socket.EAI_AGAIN, ""), "x does not resolve: the name server does not answer", "unresolved"),
        (ssl.SSLError(1, "[SSL: TLSV1_ALERT_PROTOCOL_VERSION] x"), "x:1: TLS failed: unknown", "tls"),
        (ssl.SSLEOFError(8, "x"), "x:1 closed the connection during the TLS handshake", "closed"),
    ],
)
def test_the_most_specific_reason_of_several_addresses_is_given(error: OSError, said: str, code: str) -> None:
    failed = network_failure(error, "x:1")
    assert (str(failed), failed.code) == (said, code)


async def test_a_name_resolves_to_what_is_expected() -> None:
    observed = await Dns(name="127.0.0.1", expect=("127.0.0.1",)).run()
    assert observed == {"addresses": ["127.0.0.1"], "latency_ms": observed["latency_ms"]}


async def test_a_name_that_resolves_to_something_else_says_to_what() -> None:
    said = await failure(Dns(name="127.0.0.1", expect=("127.0.0.1", "10.0.0.7")).run)
    assert said == "127.0.0.1 resolves to 127.0.0.1, not to 10.0.0.7"


async def test_of_thousands_of_addresses_a_few_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    async def lookup(_: str, port: int) -> object:
        numbers = [f"10.0.{at // 256}.{at % 256}" for at in range(4000)]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (number, port)) for number in numbers]

    monkeypatch.setattr("petsage.checks.sdk.connection.resolve", lookup)
    observed = await Dns(name="many.test").run()
    shown = observed["addresses"]
    assert isinstance(shown, list)
    assert (len(shown), shown[:2]) == (16, ["10.0.0.0", "10.0.0.1"])
    said = await failure(Dns(name="many.test", expect=("192.0.2.1",)).run)
    assert said == f"many.test resolves to {', '.join(shown)} and 3984 more, not to 192.0.2.1"


async def test_a_name_that_is_none_does_not_resolve() -> None:
    assert await failure(Dns(name="no..name").run) == "no..name does not resolve"


async def test_a_server_that_closes_at_once_and_one_that_refuses_have_different_reasons() -> None:
    async with peer(answering(b"")) as port:
        for kind in ("postgres", "redis", "http"):
            said = await failure(KINDS[kind]("127.0.0.1", port).run)
            assert said == f"127.0.0.1:{port} closed the connection without an answer"
        said = await failure(KINDS["tls"]("127.0.0.1", port).run)
        assert said == f"127.0.0.1:{port} closed the connection during the TLS handshake"


async def test_a_peer_without_tls_fails_with_the_reason() -> None:
    async with peer(greeting(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as port:
        assert await failure(KINDS["tls"]("127.0.0.1", port).run) == f"127.0.0.1:{port} does not speak TLS"
        assert await failure(KINDS["https"]("127.0.0.1", port).run) == f"127.0.0.1:{port} does not speak TLS"


@of_every_kind
async def test_a_run_that_is_refused_does_not_try_again(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[object] = []

    def connecting(addresses: list[Address], **how: Any) -> Awaitable[socket.socket]:
        tried.append(addresses)
        return start_connection(addresses, **how)

    monkeypatch.setattr(connection, "start_connection", connecting)
    port = closed_port()
    assert await failure(make("127.0.0.1", port).run) == f"connection refused by 127.0.0.1:{port}"
    assert len(tried) == 1
