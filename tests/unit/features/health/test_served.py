"""The probes of a real server: during a drain, and beside the other features."""

import signal
import socket
import time
from pathlib import Path
from textwrap import dedent

import pytest

from tests.support.checks import until
from tests.support.server_process import serving

pytestmark = pytest.mark.integration


def write(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(dedent(text))


async def test_in_a_drain_readiness_is_red_at_once_and_everything_else_is_served(tmp_path: Path) -> None:
    write(tmp_path, "config.yml", "server: {drain: 2m}\nchecks: {own: {kind: file, path: config.yml}}\n")
    with serving(cwd=tmp_path) as server:
        await until(lambda: server.get("/readyz").status == 200)
        server.process.send_signal(signal.SIGTERM)
        await until(lambda: "draining" in server.log)
        answer = server.get("/readyz")  # the first after the server has said so
        assert (answer.status, answer.body) == (503, '{"status": "fail", "failing": ["shutdown"]}')
        assert (answer.headers["Retry-After"], server.get("/livez").status) == ("120", 200)
        assert server.get("/smoke-test").status == 200
        assert server.terminate() == 128 + signal.SIGTERM, "a second signal ends the drain"
    assert "check shutdown: pass -> fail" in server.log


COUNTED = """
    import time
    from pathlib import Path
    from petsage.feature import CheckSpec, Contribution

    async def block():
        with Path("runs").open("a") as file:
            file.write("x")
        time.sleep(0.15)

    def setup(core):
        return Contribution(checks=[CheckSpec("block", block, interval=3600, timeout=60)])
"""
TOKEN = "correct-horse-battery"


@pytest.mark.parametrize("patience", [0.0, 0.3])
def test_fifty_clients_that_ask_for_fresh_runs_and_leave_do_not_start_fifty(tmp_path: Path, patience: float) -> None:
    write(tmp_path, "config.yml", f"features: {{health: {{token: {TOKEN}}}}}\n")
    write(tmp_path, "features/counted.py", COUNTED)
    runs = tmp_path / "runs"
    with serving(cwd=tmp_path) as server:
        while server.get("/readyz").status != 200:
            pass
        before = runs.stat().st_size
        head = f"GET /readyz?fresh HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n\r\n"
        clients = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(50)]
        for client in clients:
            client.sendall(head.encode())
            if not patience:
                client.close()
        time.sleep(patience)  # how long each of them waits before it leaves
        for client in clients:
            client.close()
        assert server.get("/livez").status == 200
        stays = server.get("/readyz?fresh", headers={"Authorization": f"Bearer {TOKEN}"})
        assert stays.status == 200
        # one run may begin before the first is known to have left, one for those who wait for it, one for who stays
        assert 1 <= runs.stat().st_size - before <= 4


def test_a_broken_required_feature_is_named_and_no_restart_is_asked_for(tmp_path: Path) -> None:
    write(tmp_path, "features/orders.py", "raise OSError('no such luck')\n")
    with serving(cwd=tmp_path) as server:
        answer = server.get("/readyz")
        assert (answer.status, answer.body) == (
            503,
            '{"status": "fail", "failing": ["features"], "quarantined": ["orders"]}',
        )
        assert [server.get(path).status for path in ("/livez", "/startupz", "/health")] == [200, 200, 503]
