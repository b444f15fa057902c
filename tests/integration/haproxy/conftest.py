"""HAProxy with the shipped configuration in front of two servers."""

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.integration.kinds.servers import free_port, until
from tests.support.checkout import CHECKOUT
from tests.support.require import require_program
from tests.support.server_process import Server, start

CONFIGURATION = CHECKOUT / "deploy" / "haproxy" / "haproxy.cfg"
WHO = '''
"""Names the instance."""
import os
from aiohttp import web
from petsage.feature import Contribution

async def who(request: web.Request) -> web.Response:
    """Return the name of this instance."""
    return web.Response(text=os.environ["INSTANCE"])

def setup(core):
    return Contribution(routes=[web.get("/who", who)])
'''
CONFIG = 'checks: {permit: {kind: file, path: "./permit-${INSTANCE}", interval: 200ms}}\n'


class Instance:
    """One of two servers; it is ready while its permit file exists."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.port = free_port()
        self.permit = folder / f"permit-{name}"
        self.permit.touch()
        self._folder = folder
        self._server: Server | None = None

    def start(self) -> None:
        self._server = start(
            "--host", "127.0.0.1", "--port", str(self.port), cwd=self._folder, env={"INSTANCE": self.name}
        )
        self._server.wait_until_listening()

    def terminate(self) -> int:
        """Send SIGTERM, and return the exit status after the drain."""
        assert self._server is not None
        return self._server.terminate()

    def kill(self) -> None:
        if self._server is not None and self._server.process.poll() is None:
            self._server.process.kill()
            self._server.wait()


@pytest.fixture
def instances(tmp_path: Path) -> Iterator[tuple[Instance, Instance]]:
    """Two running servers."""
    (tmp_path / "features").mkdir()
    (tmp_path / "features" / "who.py").write_text(WHO)
    (tmp_path / "config.yml").write_text(CONFIG)
    one, two = Instance("one", tmp_path), Instance("two", tmp_path)
    try:
        for instance in (one, two):
            instance.start()
        yield one, two
    finally:
        for instance in (one, two):
            instance.kill()


@pytest.fixture(scope="session")
def haproxy() -> str:
    return require_program("haproxy", "haproxy")


@contextmanager
def _running(argv: list[str], environment: dict[str, str], log: Path) -> Iterator[None]:
    with log.open("wb") as file, subprocess.Popen(argv, env=environment, stdout=file, stderr=file) as process:
        try:
            yield
        finally:
            process.kill()


class Balancer:
    """A running HAProxy: its port and its log."""

    def __init__(self, port: int, log: Path) -> None:
        self.port = port
        self._log_file = log

    @property
    def log(self) -> str:
        return self._log_file.read_text()

    def accepts(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
            return True
        return False


@pytest.fixture
def balancer(haproxy: str, instances: tuple[Instance, Instance], tmp_path: Path) -> Iterator[Balancer]:
    """A running HAProxy that accepts connections."""
    balancer = Balancer(free_port(), tmp_path / "haproxy.log")
    environment = {
        **os.environ,
        "HAPROXY_BIND": f"127.0.0.1:{balancer.port}",
        **{f"PETSAGE_{one.name.upper()}": f"127.0.0.1:{one.port}" for one in instances},
    }
    with _running([haproxy, "-db", "-f", str(CONFIGURATION)], environment, tmp_path / "haproxy.log"):
        until(balancer.accepts, f"HAProxy does not listen: {balancer.log}")
        yield balancer
