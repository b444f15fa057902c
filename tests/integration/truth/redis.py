"""Redis, with and without a password, and over TLS."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path

from tests.integration.kinds.certificates import Authority
from tests.integration.kinds.servers import Network, Server, folder, unprivileged
from tests.integration.truth.certificates import Certificates
from tests.integration.truth.files import install
from tests.integration.truth.group import RESTARTING, Group, Peers, Trouble, new_port, process_troubles
from tests.integration.truth.table import OFTEN
from tests.support.require import require_program

_PASSWORD = "hunter2"
_KEYS = 6000
_VALUE = "x" * 1000
_SLOWLY = ["--key-load-delay", "2000", "--loading-process-events-interval-bytes", "1024"]


@contextmanager
def redis_server(net: Network, authority: Authority, password: str = "") -> Iterator[tuple[Server, int]]:
    """Start one; yield its TLS port too."""
    with folder() as data:
        certificate, key = authority.issue(f"redis{data.name}", f"IP:{net.address}")
        port, tls_port = new_port(), new_port()
        options = {
            "port": port,
            "tls-port": tls_port,
            "tls-cert-file": install(certificate, data / "own.pem"),
            "tls-key-file": install(key, data / "own.key"),
            "tls-ca-cert-file": install(authority.file, data / "ca.pem"),
            "tls-auth-clients": "no",
            "protected-mode": "no",
            "bind": "0.0.0.0",
            "dir": data,
            "save": "",
            "rdbcompression": "no",
            **({"requirepass": password} if password else {}),
        }
        words = [str(word) for name, value in options.items() for word in (f"--{name}", value)]
        argv = [require_program("redis-server", "redis-server"), *words]
        server = Server(net.address, port, net.within(unprivileged(argv)), data)
        server.start()
        try:
            yield server, tls_port
        finally:
            server.kill()


@contextmanager
def redis(net: Network, peers: Peers, authority: Authority) -> Iterator[Group]:
    """Start Redis without a password."""
    with redis_server(net, authority) as (server, _):
        entry = {"kind": "redis", "host": net.address, "port": server.port, **OFTEN}
        yield Group("redis", {"redis": entry}, _troubles(peers, server, [server.port]), RESTARTING | {"starting up"})


@contextmanager
def redis_login(net: Network, peers: Peers, authority: Authority, renewed: Authority) -> Iterator[Group]:
    """Start Redis with a password and TLS."""
    with redis_server(net, authority, _PASSWORD) as (server, tls_port):
        plain, secure = f"{net.address}:{server.port}", f"{net.address}:{tls_port}"
        ca_file = server.folder / "ca.pem"
        certificates = Certificates("redis", net.address, ca_file, authority, renewed)
        trusted = f"?ssl_ca_certs={ca_file}"
        yield Group(
            "redis with a password",
            {
                "redis.login": {"kind": "redis", "url": f"redis://:{_PASSWORD}@{plain}", **OFTEN},
                "redis.tls": {"kind": "redis", "url": f"rediss://:{_PASSWORD}@{secure}{trusted}", **OFTEN},
            },
            {
                **_troubles(peers, server, [server.port, tls_port]),
                **certificates.troubles(partial(_presenting, server)),
                "plain on TLS": peers.instead_of([tls_port], "web"),
                "wrong password": lambda: _configured(server, {"requirepass": "other"}, {"requirepass": _PASSWORD}),
            },
            RESTARTING | {"starting up"},
        )


def _troubles(peers: Peers, server: Server, ports: list[int]) -> dict[str, Trouble]:
    return {
        **process_troubles(server),
        **peers.stream_troubles(ports),
        "TLS on plain": peers.instead_of([server.port], "redis.tls"),
        "starting up": lambda: _loading(server),
        "full": lambda: _configured(server, {"maxclients": "1"}, {"maxclients": "4000"}),
    }


@asynccontextmanager
async def _presenting(server: Server, certificate: Path, key: Path) -> AsyncIterator[None]:
    """Let the server present another certificate."""
    data = server.folder
    other = {
        "tls-cert-file": str(install(certificate, data / "other.pem")),
        "tls-key-file": str(install(key, data / "other.key")),
    }
    own = {"tls-cert-file": f"{data}/own.pem", "tls-key-file": f"{data}/own.key"}
    async with _configured(server, other, own):
        yield


@asynccontextmanager
async def _configured(server: Server, options: dict[str, str], before: dict[str, str]) -> AsyncIterator[None]:
    """Configure the server otherwise for a while, over one connection that is kept."""
    reader, writer = await _connected(server)
    await _execute(reader, writer, ["CONFIG", "SET", *_flat(options)])
    try:
        yield
    finally:
        await _execute(reader, writer, ["CONFIG", "SET", *_flat(before)])
        writer.close()


@asynccontextmanager
async def _loading(server: Server) -> AsyncIterator[None]:
    """Restart the server with so much data, loaded so slowly, that it is not done before long."""
    reader, writer = await _connected(server)
    writer.writelines(_encoded(["SET", f"key{number}", _VALUE]) for number in range(_KEYS))
    for _ in range(_KEYS):
        assert await reader.readline() == b"+OK\r\n"
    await _execute(reader, writer, ["SAVE"])
    writer.close()
    await asyncio.to_thread(server.stop)
    await asyncio.to_thread(server.start, *_SLOWLY)
    try:
        yield
    finally:
        await asyncio.to_thread(server.kill)
        (server.folder / "dump.rdb").unlink()
        await asyncio.to_thread(server.start)


async def _connected(server: Server) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection(server.address, server.port)
    if "--requirepass" in server.argv:
        await _execute(reader, writer, ["AUTH", _PASSWORD])
    return reader, writer


async def _execute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, words: list[str]) -> None:
    writer.write(_encoded(words))
    assert (said := await reader.readline()) == b"+OK\r\n", said


def _encoded(words: list[str]) -> bytes:
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word.encode()) for word in words)


def _flat(options: dict[str, str]) -> list[str]:
    return [word for option in options.items() for word in option]
