"""HAProxy of Debian with the shipped configuration."""

import asyncio
import subprocess

import pytest

from tests.integration.haproxy.conftest import CONFIGURATION, Balancer, Instance
from tests.support.load import load_on

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(180)]

ENOUGH = 20_000


def test_haproxy_takes_the_shipped_configuration_without_a_warning(haproxy: str) -> None:
    checked = subprocess.run(
        [haproxy, "-c", "-f", str(CONFIGURATION)], capture_output=True, text=True, timeout=60, check=False
    )
    assert (checked.returncode, checked.stderr) == (0, "")


async def test_each_instance_is_drained_and_restarted_under_load_and_no_request_is_lost(
    balancer: Balancer, instances: tuple[Instance, Instance]
) -> None:
    async with load_on(balancer.port, "/who") as load:
        await load.until(lambda: min(load.answered["one"], load.answered["two"]) > 100)
        for instance in instances:
            assert await asyncio.to_thread(instance.terminate) == 0
            await asyncio.to_thread(instance.start)
            await load.more(500, of=instance.name)
        await load.until(lambda: load.answered.total() >= ENOUGH)
    assert load.failed == []
    assert set(load.answered) == {"one", "two"}


async def test_an_instance_that_is_not_ready_gets_no_requests_until_it_is(
    balancer: Balancer, instances: tuple[Instance, Instance]
) -> None:
    one, _ = instances
    async with load_on(balancer.port, "/who", clients=2) as load:
        await load.more(100, of="one")
        one.permit.unlink()
        await load.until(lambda: "Server petsage/one is DOWN" in balancer.log)
        await load.more(100)
        before = load.answered["one"]
        await load.more(1000, of="two")
        assert load.answered["one"] == before
        one.permit.touch()
        await load.more(100, of="one")
    assert load.failed == []
