"""Real servers for a module's tests; each is started once, and is up again after every test that stops it."""

import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.integration.kinds.certificates import Authority
from tests.integration.kinds.servers import NOBODY, Network, Server, folder, free_port, network, unprivileged, until
from tests.support.require import require, require_program

PASSWORD = "hunter2"
MYSQL_USERS = """
INSTALL SONAME 'auth_ed25519';
CREATE DATABASE IF NOT EXISTS shop;
CREATE TABLE IF NOT EXISTS shop.orders (id INT);
CREATE USER IF NOT EXISTS 'app'@'%' IDENTIFIED BY 'hunter2';
GRANT SELECT ON shop.* TO 'app'@'%';
CREATE USER IF NOT EXISTS 'nobody'@'%';
CREATE USER IF NOT EXISTS 'curve'@'%' IDENTIFIED VIA ed25519 USING PASSWORD('hunter2');
CREATE USER IF NOT EXISTS 'secure'@'%' IDENTIFIED BY 'hunter2' REQUIRE SSL;
"""


@pytest.fixture(scope="session")
def net() -> Iterator[Network]:
    with network() as made:
        yield made


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def postgres(net: Network, authority: Authority) -> Iterator[Server]:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    programs = found[-1].parent if found else Path(shutil.which("initdb") or "/nowhere/initdb").parent
    require((programs / "initdb").exists(), "PostgreSQL is not installed: apt-get install postgresql")
    with folder() as data, folder() as outside:
        (outside / "password").write_text(PASSWORD)
        password = ["--username=app", f"--pwfile={outside}/password", "--auth=scram-sha-256"]
        _run(unprivileged([str(programs / "initdb"), "-D", f"{data}/db", "--no-sync", *password]))
        certificate, key = _readable(authority.issue("postgres", f"IP:{net.address}"), outside)
        options = {
            "listen_addresses": "*",
            "unix_socket_directories": "",
            "fsync": "off",
            "ssl": "on",
            "ssl_cert_file": str(certificate),
            "ssl_key_file": str(key),
        }
        with (data / "db" / "postgresql.conf").open("a") as conf:
            conf.writelines(f"{name} = '{value}'\n" for name, value in options.items())
        with (data / "db" / "pg_hba.conf").open("a") as hba:
            hba.write("host all all 0.0.0.0/0 scram-sha-256\n")
        port = free_port()
        argv = [str(programs / "postgres"), "-D", f"{data}/db", "-p", str(port)]
        server = Server(net.address, port, net.within(unprivileged(argv)), data, signal.SIGINT)
        ready = [str(programs / "pg_isready"), "--quiet", f"--host={net.address}", f"--port={port}"]
        yield from _served(server, lambda: subprocess.run(ready, check=False).returncode == 0)


@pytest.fixture(scope="module")
def redis(net: Network, authority: Authority) -> Iterator[Server]:
    program = require_program("redis-server", "redis-server")
    with folder() as data:
        certificate, key = _readable(authority.issue("redis", f"IP:{net.address}"), data)
        port, tls_port = free_port(), free_port()
        options = {
            "port": port,
            "tls-port": tls_port,
            "tls-cert-file": certificate,
            "tls-key-file": key,
            "tls-ca-cert-file": authority.file,
            "tls-auth-clients": "no",
            "bind": "0.0.0.0",
            "requirepass": PASSWORD,
            "dir": data,
            "save": "",
        }
        _readable((authority.file,), data)
        options["tls-ca-cert-file"] = data / authority.file.name
        argv = [program, *(str(word) for name, value in options.items() for word in (f"--{name}", value))]
        server = Server(net.address, port, net.within(unprivileged(argv)), data)
        yield from _served(server)


@pytest.fixture(scope="module")
def mysql(net: Network, authority: Authority) -> Iterator[Server]:
    install = require_program("mariadb-install-db", "mariadb-server")
    program = require_program("mariadbd", "mariadb-server")
    with folder() as data:
        _run(
            unprivileged(
                [
                    install,
                    "--no-defaults",
                    f"--datadir={data}/db",
                    "--skip-test-db",
                    "--auth-root-authentication-method=normal",
                ]
            )
        )
        (data / "init").write_text(MYSQL_USERS)
        certificate, key = _readable(authority.issue("mysql", f"IP:{net.address}"), data)
        port = free_port()
        options = [
            f"--datadir={data}/db",
            f"--port={port}",
            f"--socket={data}/socket",
            f"--init-file={data}/init",
            "--bind-address=0.0.0.0",
            "--max-connect-errors=3",
            f"--ssl-cert={certificate}",
            f"--ssl-key={key}",
            "--skip-log-bin",
            "--innodb-flush-log-at-trx-commit=0",
        ]
        yield from _served(
            Server(net.address, port, net.within(unprivileged([program, "--no-defaults", *options])), data)
        )


def _served(server: Server, is_ready: Callable[[], bool] = lambda: True) -> Iterator[Server]:
    """Serve; one that accepts connections may still be starting up."""
    server.start()
    try:
        until(is_ready, f"{server.argv} is not ready")
        yield server
    finally:
        server.stop()


def _run(argv: list[str]) -> None:
    done = subprocess.run(argv, capture_output=True, text=True, check=False, cwd="/")
    assert done.returncode == 0, done.stdout + done.stderr


def _readable(files: tuple[Path, ...], where: Path) -> list[Path]:
    """Copy files to a folder that only the server can read."""
    copies = [Path(shutil.copy(file, where)) for file in files]
    for copy in copies:
        copy.chmod(0o600)
        if os.geteuid() == 0:
            os.chown(copy, NOBODY, NOBODY)
    return copies
