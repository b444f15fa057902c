"""PostgreSQL, with and without a login, and over verified TLS."""

import asyncio
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from tests.integration.kinds.certificates import Authority
from tests.integration.kinds.servers import Network, Server, folder, unprivileged
from tests.integration.monitor.outages import in_recovery
from tests.integration.truth.certificates import Certificates
from tests.integration.truth.files import changed, install, replaced, write
from tests.integration.truth.group import RESTARTING, Group, Peers, in_thread, new_port, process_troubles
from tests.integration.truth.table import OFTEN
from tests.support.require import require

_ADMIN, _USER, _CROWD = "app", "watcher", "crowd"
_PASSWORD = "hunter2"
_ORDINARY, _RESERVED = 8, 3


@contextmanager
def postgres(net: Network, peers: Peers, authority: Authority, renewed: Authority) -> Iterator[Group]:
    """Start PostgreSQL, and return its checks and troubles."""
    with _server(net, authority) as server:
        where = f"{net.address}:{server.port}"
        ca_file = install(authority.file, server.folder / "ca.pem")
        certificates = Certificates("postgres", net.address, ca_file, authority, renewed)
        conf = server.folder / "db" / "postgresql.conf"
        url = f"postgresql://{_USER}:{_PASSWORD}@{where}/postgres"
        entries = {
            "postgres": {"kind": "postgres", "host": net.address, "port": server.port, **OFTEN},
            "postgres.login": {"kind": "postgres", "url": url, **OFTEN},
            "postgres.tls": {"kind": "postgres", "url": f"{url}?sslmode=verify-full&sslrootcert={ca_file}", **OFTEN},
        }
        yield Group(
            "PostgreSQL",
            entries,
            {
                **process_troubles(server),
                **peers.stream_troubles([server.port]),
                **certificates.troubles(partial(_presenting, server)),
                "plain on TLS": lambda: changed(conf, f"{conf.read_text()}\nssl = off\n", _reload(server)),
                "TLS on plain": peers.instead_of([server.port], "redis.tls"),
                "starting up": lambda: in_thread(in_recovery(server)),
                "full": lambda: _full(server),
                "wrong password": lambda: _password_changed(server),
            },
            RESTARTING | {"starting up"},
        )


@contextmanager
def _server(net: Network, authority: Authority) -> Iterator[Server]:
    with folder() as data:
        found = programs()
        password = write(data / "password", _PASSWORD)
        how = ["--no-sync", f"--username={_ADMIN}", f"--pwfile={password}", "--auth=scram-sha-256"]
        initdb = unprivileged([str(found / "initdb"), "-D", f"{data}/db", *how])
        subprocess.run(initdb, check=True, capture_output=True, cwd="/")
        certificate, key = authority.issue("postgres", f"IP:{net.address}")
        options = {
            "listen_addresses": "*",
            "unix_socket_directories": "",
            "fsync": "off",
            "ssl": "on",
            "ssl_cert_file": install(certificate, data / "own.pem"),
            "ssl_key_file": install(key, data / "own.key"),
            "max_connections": _ORDINARY + _RESERVED,
            "superuser_reserved_connections": _RESERVED,
            "max_wal_senders": 0,
        }
        with (data / "db" / "postgresql.conf").open("a") as conf:
            conf.writelines(f"{name} = '{value}'\n" for name, value in options.items())
        with (data / "db" / "pg_hba.conf").open("a") as hba:
            hba.write("host all all 0.0.0.0/0 scram-sha-256\n")
        port = new_port()
        argv = unprivileged([str(found / "postgres"), "-D", f"{data}/db", "-p", str(port)])
        server = Server(net.address, port, net.within(argv), data, signal.SIGINT)
        server.start()
        try:
            asyncio.run(_create_users(server))
            yield server
        finally:
            server.stop()


def programs() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    programs = found[-1].parent if found else Path(shutil.which("initdb") or "/nowhere/initdb").parent
    require((programs / "initdb").exists(), "PostgreSQL is not installed: apt-get install postgresql")
    return programs


async def _create_users(server: Server) -> None:
    async with asyncio.timeout(60):
        while True:
            try:
                for user in (_USER, _CROWD):
                    await _execute(server, f"CREATE ROLE {user} LOGIN PASSWORD '{_PASSWORD}'")
            except _asyncpg().CannotConnectNowError:
                await asyncio.sleep(0.05)
            else:
                return


@asynccontextmanager
async def _presenting(server: Server, certificate: Path, key: Path) -> AsyncIterator[None]:
    """Let the server present another certificate; it reloads when both files are there."""
    own, own_key = server.folder / "own.pem", server.folder / "own.key"
    async with (
        replaced(own, certificate, _reload(server)),
        replaced(own_key, key, _reload(server)),
    ):
        yield


def _reload(server: Server) -> Callable[[], None]:
    def reload() -> None:
        assert server.process is not None
        server.process.send_signal(signal.SIGHUP)

    return reload


@asynccontextmanager
async def _full(server: Server) -> AsyncIterator[None]:
    """Take all connections that are not reserved, also those that a check has at the moment."""
    held: list[Any] = []
    try:
        async with asyncio.timeout(60):
            while len(held) < _ORDINARY:
                try:
                    held.append(await _connection(server, _CROWD))
                except _asyncpg().TooManyConnectionsError:
                    await asyncio.sleep(0.02)
        yield
    finally:
        for connection in held:
            await connection.close()


@asynccontextmanager
async def _password_changed(server: Server) -> AsyncIterator[None]:
    await _execute(server, f"ALTER ROLE {_USER} PASSWORD 'other'")
    try:
        yield
    finally:
        await _execute(server, f"ALTER ROLE {_USER} PASSWORD '{_PASSWORD}'")


async def _execute(server: Server, statement: str) -> None:
    connection = await _connection(server, _ADMIN)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def _connection(server: Server, user: str) -> Any:
    place = {"host": server.address, "port": server.port, "database": "postgres"}
    return await _asyncpg().connect(user=user, password=_PASSWORD, ssl="prefer", **place)


def _asyncpg() -> Any:
    import asyncpg  # noqa: PLC0415 (an extra)

    return asyncpg
