"""Rolling updates of the shipped stack on the real engine, under constant load through HAProxy."""

import asyncio
import subprocess
import sys
import urllib.request
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest
import yaml

from tests.integration.kinds.servers import until
from tests.integration.swarm.rollout import PROBE_OFTEN, Rollout
from tests.support.checkout import CHECKOUT
from tests.support.load import Load, load_on

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(400)]

FOLDER = CHECKOUT / "deploy" / "swarm"


@asynccontextmanager
async def loaded(rollout: Rollout) -> AsyncIterator[Load]:
    """Load the stack once two tasks of it answer."""
    await asyncio.to_thread(until, lambda: _two_are_up(rollout), "two tasks are not up", 90)
    async with load_on(rollout.port, "/release", clients=6, pause=0.01) as load:
        yield load


def _two_are_up(rollout: Rollout) -> bool:
    running = [task for task in rollout.tasks() if " Running " in task]
    return len(running) == 2 and _answers(rollout.port)


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/release", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


async def test_a_roll_to_the_next_release_and_back_and_a_rollback_from_a_broken_one_lose_no_request(
    rollout: Rollout,
) -> None:
    async with loaded(rollout) as load:
        await load.more(200, of="one")
        assert await rollout.roll("two") == "completed"
        assert await _only(load) == "two"
        assert await rollout.roll("one") == "completed"
        assert await _only(load) == "one"
        assert await rollout.roll("broken") == "rollback_completed"
        assert await _only(load) == "one"
    assert load.failed == []
    assert set(load.answered) == {"one", "two"}
    assert rollout.release() == "one"
    broken = [task for task in rollout.tasks() if "-broken " in task]
    assert broken
    assert all(" Running " not in task for task in broken)


async def _only(load: Load) -> str:
    """Return the release that alone answers by now."""
    before = load.answered.copy()
    await load.more(500)
    (release,) = load.answered - before
    return release


def test_the_numbers_are_those_that_petsage_emits_for_the_configuration() -> None:
    command = [sys.executable, "-m", "petsage", "emit", "swarm"]
    done = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, timeout=60, check=True)
    emitted = yaml.safe_load(done.stdout)["services"]["petsage"]
    shipped = _petsage((FOLDER / "petsage.yml").read_text())
    assert shipped["healthcheck"] == emitted["healthcheck"]
    assert shipped["stop_grace_period"] == emitted["stop_grace_period"]
    for name in ("update_config", "rollback_config"):
        assert shipped["deploy"][name] == emitted["deploy"][name]


@pytest.mark.parametrize("stack", [(FOLDER / "petsage.yml").read_text(), PROBE_OFTEN], ids=["shipped", "probed often"])
def test_the_monitor_sees_a_release_that_never_gets_ready(stack: str) -> None:
    service = _petsage(stack)
    check = {name: int(str(value).rstrip("s")) for name, value in service["healthcheck"].items() if name != "test"}
    red_after = check["start_period"] + (check["interval"] + check["timeout"]) * check["retries"]
    assert int(service["deploy"]["update_config"]["monitor"].rstrip("s")) > red_after


def _petsage(stack: str) -> Mapping[str, Any]:
    return dict(yaml.safe_load(stack)["services"]["petsage"])
