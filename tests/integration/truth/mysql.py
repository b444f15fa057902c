"""MariaDB, with and without a login."""

import asyncio
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

from tests.integration.kinds.servers import Network, Server, folder, unprivileged, until
from tests.integration.truth.files import write
from tests.integration.truth.group import RESTARTING, Group, Peers, new_port, process_troubles
from tests.integration.truth.table import OFTEN
from tests.support.require import require_program

_PASSWORD = "hunter2"
_CONNECTIONS = 10
_STARTING_SECONDS = 6
_COUNT = "SELECT count(*) FROM information_schema.processlist WHERE user = 'crowd'"
_USERS = """
CREATE DATABASE IF NOT EXISTS shop;
CREATE USER IF NOT EXISTS 'watcher'@'%' IDENTIFIED BY 'hunter2';
GRANT SELECT ON shop.* TO 'watcher'@'%';
CREATE USER IF NOT EXISTS 'crowd'@'%' IDENTIFIED BY 'hunter2';
"""


@contextmanager
def mysql(net: Network, peers: Peers) -> Iterator[Group]:
    """Start MariaDB, and return its checks and troubles."""
    with _server(net) as server:
        where = f"{net.address}:{server.port}"
        entries = {
            "mysql": {"kind": "mysql", "host": net.address, "port": server.port, **OFTEN},
            "mysql.login": {"kind": "mysql", "url": f"mysql://watcher:{_PASSWORD}@{where}/shop", **OFTEN},
        }
        yield Group(
            "MariaDB",
            entries,
            {
                **process_troubles(server),
                **peers.stream_troubles([server.port]),
                "TLS on plain": peers.instead_of([server.port], "redis.tls"),
                "starting up": lambda: _starting(server),
                "full": lambda: _crowded(server),
                "wrong password": lambda: _password_changed(server),
            },
            RESTARTING | {"starting up"},
        )


@contextmanager
def _server(net: Network) -> Iterator[Server]:
    install = require_program("mariadb-install-db", "mariadb-server")
    with folder() as data:
        how = ["--no-defaults", f"--datadir={data}/db", "--skip-test-db", "--auth-root-authentication-method=normal"]
        subprocess.run(unprivileged([install, *how]), check=True, capture_output=True, cwd="/")
        write(data / "init", _USERS)
        port = new_port()
        options = [
            "--no-defaults",
            f"--datadir={data}/db",
            f"--port={port}",
            f"--socket={data}/socket",
            f"--init-file={data}/init",
            "--bind-address=0.0.0.0",
            f"--max-connections={_CONNECTIONS}",
            "--skip-log-bin",
            "--innodb-flush-log-at-trx-commit=0",
        ]
        argv = unprivileged([require_program("mariadbd", "mariadb-server"), *options])
        server = Server(net.address, port, net.within(argv), data)
        server.start()
        try:
            yield server
        finally:
            server.stop()


@asynccontextmanager
async def _starting(server: Server) -> AsyncIterator[None]:
    """Restart the server with so much to do first that it lets its visitors wait: the kernel accepts for it."""
    init = server.folder / "init"
    await asyncio.to_thread(server.stop)
    write(init, f"DO SLEEP({_STARTING_SECONDS});")
    try:
        await asyncio.to_thread(server.start)
        yield
    finally:
        write(init, _USERS)


@asynccontextmanager
async def _crowded(server: Server) -> AsyncIterator[None]:
    """Take all ordinary connections, also those that a check has at the moment."""
    held: list[subprocess.Popen[bytes]] = []
    try:
        await asyncio.to_thread(_take_all, server, held)
        yield
    finally:
        for client in held:
            client.kill()
            client.wait()
        await asyncio.to_thread(until, lambda: _is_dismissed(server), "the connections remain")


def _is_dismissed(server: Server) -> bool:
    """Send the crowd away: the server goes on with a statement whose client is gone."""
    with suppress(subprocess.CalledProcessError):  # a check is on the spare connection
        return _say(server, f"KILL USER crowd; {_COUNT}") == "0"
    return False


def _take_all(server: Server, held: list["subprocess.Popen[bytes]"]) -> None:
    client = require_program("mariadb", "mariadb-client")
    login = ["-ucrowd", f"-p{_PASSWORD}", "-h", server.address, f"-P{server.port}"]
    argv = [client, "--no-defaults", *login, "-e", "DO SLEEP(600)"]
    while _crowd(server) < _CONNECTIONS:
        held[:] = [client for client in held if client.poll() is None]
        missing = _CONNECTIONS - len(held)
        held += [subprocess.Popen(argv, stderr=subprocess.DEVNULL) for _ in range(missing)]


def _crowd(server: Server) -> int:
    with suppress(subprocess.CalledProcessError):  # a check is on the spare connection
        return int(_say(server, _COUNT))
    return 0


@asynccontextmanager
async def _password_changed(server: Server) -> AsyncIterator[None]:
    change = "ALTER USER 'watcher'@'%' IDENTIFIED BY '{}'"
    await asyncio.to_thread(_say, server, change.format("other"))
    try:
        yield
    finally:
        await asyncio.to_thread(_say, server, change.format(_PASSWORD))


def _say(server: Server, statement: str) -> str:
    client = require_program("mariadb", "mariadb-client")
    socket = Path(server.folder / "socket")
    argv = [client, "--no-defaults", "-N", "-uroot", "-S", str(socket), "-e", statement]
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout.strip()
