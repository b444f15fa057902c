"""The probes of a real server: in a drain, and in the house with the other features."""

import signal
import socket
import time
from pathlib import Path
from textwrap import dedent

import pytest

from tests.checks.fakes import until
from tests.measuring import Late, in_time
from tests.serving import Server, serving

pytestmark = pytest.mark.integration


def write(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(dedent(text))


def stays_green(server: Server, began: float) -> float:
    """Return how many seconds after `began` the last request came in that got a green answer."""
    last = began
    while (asked := time.monotonic()) - began < 10:
        if server.get("/readyz").status == 503:
            return last - began
        last = asked
    raise AssertionError("readiness stays green")


async def test_in_a_drain_readiness_is_red_at_once_and_everything_else_is_served(tmp_path: Path) -> None:
    write(tmp_path, "config.yml", "server: {drain: 3s}\nchecks: {own: {kind: file, path: config.yml}}\n")

    async def measure() -> Late:
        with serving(cwd=tmp_path) as server:
            await until(lambda: server.get("/readyz").status == 200)
            began = time.monotonic()
            server.process.send_signal(signal.SIGTERM)
            green = stays_green(server, began)
            answer = server.get("/readyz")
            assert (answer.status, answer.body) == (503, '{"status": "fail", "failing": ["shutdown"]}')
            assert (answer.headers["Retry-After"], server.get("/livez").status) == ("3", 200)
            assert server.get("/smoke-test").status == 200
            assert server.wait() == 0
        assert "check shutdown: pass -> fail" in server.log
        return [f"readiness was green for {green:.2f} s"] if green >= 0.1 else []

    await in_time(measure)


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
