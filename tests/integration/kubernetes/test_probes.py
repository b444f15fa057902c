"""PetSage as kubelet keeps it, with the probes of the manifests, ten times as often."""

import asyncio
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.integration.kinds.servers import free_port
from tests.integration.kubernetes.kubelet import Pod
from tests.integration.kubernetes.kubelet import pod as pod_of
from tests.integration.kubernetes.manifest import template
from tests.integration.kubernetes.prober import Probe, ask
from tests.support.project import Project
from tests.support.server_process import Server, start

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(240)]

PACE = 0.1
CONFIG = """
server: {{drain: {drain}}}
checks: {{db: {{kind: tcp, host: 127.0.0.1, port: {port}, interval: 200ms}}}}
"""

TAKES_ITS_TIME = """
'''Takes a second to start.'''
import asyncio
from contextlib import asynccontextmanager
from petsage.feature import Contribution

@asynccontextmanager
async def slow():
    await asyncio.sleep(1)
    yield

def setup(core):
    return Contribution(lifespans=[slow()])
"""
BROKEN = "raise RuntimeError('out of order')\n"


class Dependency:
    """What PetSage asks: a listener that can go and come back."""

    def __init__(self) -> None:
        self.port = free_port()
        self._server: asyncio.Server | None = None

    async def up(self) -> None:
        self._server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", self.port)

    async def down(self) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()


@pytest.fixture
async def dependency() -> Any:
    dependency = Dependency()
    await dependency.up()
    yield dependency
    await dependency.down()


def new_pod(project: Project, dependency: Dependency, drain: str = "1s", **options: Any) -> Pod:
    port = free_port()
    (project.path / "config.yml").write_text(CONFIG.format(drain=drain, port=dependency.port))
    return pod_of(template(), port, lambda: _container(project.path, port), PACE, **options)


def _container(place: Path, port: int) -> Server:
    return start("--host", "127.0.0.1", "--port", str(port), cwd=place)


async def test_it_gets_ready_and_only_startup_is_asked_until_then(project: Project, dependency: Dependency) -> None:
    project.add_feature("slow.py", TAKES_ITS_TIME)
    async with new_pod(project, dependency) as pod:
        await pod.until(lambda: pod.ready and pod.statuses("liveness"))
        names = [asked.probe for asked in pod.asked]
        started = names.index("startup") + pod.statuses("startup").index(200)
        assert set(names[: started + 1]) == {"startup"}
        assert "startup" not in names[started + 1 :]
        assert len(pod.statuses("startup")) > 3, "it took a second, and was asked every 0.2 s"
        assert (pod.restarts, set(pod.statuses("liveness"))) == (0, {200})


async def test_a_dependency_that_fails_takes_it_out_of_service_and_restarts_nothing(
    project: Project, dependency: Dependency
) -> None:
    async with new_pod(project, dependency) as pod:
        await pod.until(lambda: pod.ready)
        await dependency.down()
        await pod.until(lambda: not pod.ready)
        lived = len(pod.statuses("liveness"))
        await pod.until(lambda: len(pod.statuses("liveness")) >= lived + 4)
        assert pod.statuses("readiness")[-2:] == [503, 503]
        await dependency.up()
        await pod.until(lambda: pod.ready)
        assert (pod.restarts, set(pod.statuses("liveness"))) == (0, {200})


async def test_a_broken_required_feature_never_gets_ready_and_is_not_restarted_for_ever(
    project: Project, dependency: Dependency
) -> None:
    project.add_feature("out_of_order.py", BROKEN)
    async with new_pod(project, dependency) as pod:
        await pod.until(lambda: len(pod.statuses("liveness")) >= 4)
        assert set(pod.statuses("readiness")) - {None} == {503}
        assert set(pod.statuses("liveness")) == {200}
        assert (pod.ready, pod.restarts) == (False, 0)


async def test_a_deleted_pod_serves_on_while_it_drains_and_ends_by_itself(
    project: Project, dependency: Dependency
) -> None:
    async with new_pod(project, dependency, drain="4s") as pod:
        await pod.until(lambda: pod.ready)
        request = Probe(path="/smoke-test", port=pod.probes["readiness"].port, timeout=10)
        deletion = asyncio.create_task(pod.delete())
        await pod.until(lambda: pod.asked[-1].terminating and pod.asked[-1].status == 503)
        still_sent = [await ask(request) for _ in range(20)]
        assert await deletion == 0
        last = [(asked.probe, asked.status) for asked in pod.asked if asked.terminating]
        assert still_sent == [200] * 20, "kube-proxy has not heard of the deletion yet"
        assert {probe for probe, _ in last} == {"readiness"}, "liveness is not asked any more"
        assert len(last) >= 3, "readiness is asked until the end"
        assert (pod.killed, pod.restarts) == (0, 0)


async def test_one_that_hangs_is_killed_after_its_grace_and_its_successor_gets_ready(
    project: Project, dependency: Dependency
) -> None:
    async with new_pod(project, dependency, grace=1.0) as pod:
        await pod.until(lambda: pod.ready)
        pod.run.server.process.send_signal(signal.SIGSTOP)
        await pod.until(lambda: not pod.ready)
        await pod.until(lambda: pod.restarts == 1)
        await pod.until(lambda: pod.ready)
        assert (pod.killed, pod.restarts) == (1, 1)
        assert pod.statuses("liveness").count(None) == 3


async def test_one_that_never_starts_is_restarted_when_startup_gives_up(
    project: Project, dependency: Dependency
) -> None:
    project.add_feature("slow.py", TAKES_ITS_TIME.replace("sleep(1)", "sleep(3600)"))
    pod = new_pod(project, dependency, grace=10.0)
    pod.probes["startup"] = replace(pod.probes["startup"], failures=18)
    async with pod:
        await pod.until(lambda: pod.restarts == 1)
        assert (pod.killed, pod.ready) == (0, False), "SIGTERM ends it while it starts"
        assert pod.statuses("startup")[:18] == [None] * 18
        assert {asked.probe for asked in pod.asked} == {"startup"}
