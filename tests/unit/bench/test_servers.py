"""The commands and the folders of the sides; that the peers answer is seen when they are measured."""

import sys
from pathlib import Path

import pytest

from bench.answers import get
from bench.bench import Bench, cores
from bench.cost import demand
from bench.servers import HEALTH_PEERS, REQUEST_PEERS, features, peer, petsage, petsage_with_checks, running

PEERS = Path(__file__).parents[3] / "bench/peers"


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    python = Path(sys.executable)
    return Bench(quick=True, petsage=python, peers=python, rounds=1, seconds=1, folder=tmp_path, cores=cores())


def test_every_peer_is_a_program(bench: Bench) -> None:
    for name in REQUEST_PEERS | HEALTH_PEERS:
        interpreter, program = peer(bench, name).command
        assert interpreter == bench.peers
        assert Path(program).parent == PEERS
        assert Path(program).is_file()


def test_arguments_of_a_peer_come_before_its_port(bench: Bench) -> None:
    assert peer(bench, "svcs", 50, 0).command == (bench.peers, PEERS / "svcs_aiohttp.py", "50", "0")


def test_every_petsage_has_a_folder_of_its_own(bench: Bench) -> None:
    one, other = petsage(bench), petsage(bench, features={"desk/__init__.py": "1", "lamp.py": "2"})
    assert one.cwd is not None
    assert other.cwd is not None
    assert one.cwd != other.cwd
    assert [*(one.cwd / "features").iterdir()] == []
    assert (other.cwd / "features/desk/__init__.py").read_text() == "1"
    assert (other.cwd / "features/lamp.py").read_text() == "2"


def test_a_petsage_with_checks_runs_them(bench: Bench) -> None:
    side = petsage_with_checks(bench, 3, interval=3600)
    with running({"PetSage": side}, "/readyz") as servers:
        assert get(servers["PetSage"].port, "/executions") == (200, 3)
        assert get(servers["PetSage"].port, "/readyz/trivial.2") == (200, {"status": "pass"})


def test_a_busy_petsage_is_asked_as_its_peers_are(bench: Bench) -> None:
    with petsage(bench, features=features("busy")).start("/livez") as server:
        demand(server, "/livez", {"status": "pass"})
        demand(server, "/busy", 500)
