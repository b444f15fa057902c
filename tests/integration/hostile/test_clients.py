"""Probes beside hostile clients: each is answered within a second, and the log is short."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.attacks import ATTACKS, attacking, probe
from tests.support.project import Project
from tests.support.require import require_program
from tests.support.server_process import Server, hide_uvloop, serving

pytestmark = [pytest.mark.integration, pytest.mark.slow]
MAX_LINES = 40
"""Lines that a server may write of all attacks together, beside those of the access log."""


@pytest.fixture(scope="module", params=["asyncio", "uvloop"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    path: Path = tmp_path_factory.mktemp("home")
    env = {"PYTHONPATH": str(hide_uvloop(path))} if request.param == "asyncio" else {}
    name = Project(path).write_config("server: {drain: 0s}\n")
    limited = (require_program("prlimit", "util-linux"), "--nofile=128")
    with serving("--config", name, cwd=path, env=env, before=limited) as running:
        yield running


@pytest.mark.parametrize("name", ATTACKS)
async def test_every_probe_is_answered_within_a_second(server: Server, name: str) -> None:
    with attacking(name, server.port):
        probed = await asyncio.to_thread(probe, server.port, seconds=3)
    assert probed.failed == []
    assert server.process.poll() is None
    written = [line for line in server.lines if "aiohttp.access" not in line]
    assert len(written) <= MAX_LINES, written
    assert "Traceback" not in server.log
