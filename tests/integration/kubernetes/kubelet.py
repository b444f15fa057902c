"""Emulation of kubelet for one pod: three probes, restarts, deletion.

The rules are those of kubernetes.io, "Pod Lifecycle" (sections "Container probes", "Container restarts", "Termination
of Pods") and "Configure Liveness, Readiness and Startup Probes" ("Define startup probes", "Configure Probes", "HTTP
probes"), and where these are silent those of kubelet's source (pkg/kubelet/prober/worker.go).
"""

import asyncio
import signal
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from tests.integration.kubernetes.prober import Probe, ask
from tests.support.server_process import Server


@dataclass(frozen=True)
class Asked:
    """A probe that was sent, with the status of its answer; None without an answer in time."""

    probe: str
    status: int | None
    terminating: bool


@dataclass
class Run:
    """One container of the pod, until it is restarted."""

    server: Server
    started: bool = False
    on_hold: bool = False
    """Liveness or startup has failed for good: they wait for the next container (worker.go, `onHold`)."""


@dataclass
class Pod:
    """A pod with one container, which `start` starts; `pace` is the real duration of one second of its periods."""

    probes: dict[str, Probe]
    grace: float
    start: Callable[[], Server]
    pace: float = 1.0
    ready: bool = False
    terminating: bool = False
    restarts: int = 0
    killed: int = 0
    asked: list[Asked] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.run = Run(self.start())
        self._changed = asyncio.Condition()
        self._over = False
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        self._tasks = [asyncio.create_task(self._work(name, probe)) for name, probe in self.probes.items()]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._over = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self.run.server.process.poll() is None:
            self.run.server.process.kill()
        await asyncio.to_thread(self.run.server.wait)

    async def until(self, holds: Callable[[], object], within: float = 60.0) -> None:
        """Wait until `holds()` is true; it is called after each probe."""
        async with asyncio.timeout(within), self._changed:
            await self._changed.wait_for(holds)

    async def delete(self) -> int:
        """Delete the pod, and return its container's exit status.

        "Termination of Pods": no longer ready for Services at once, SIGTERM, and SIGKILL after the grace period.
        """
        self.terminating = True
        status = await self._stop()
        self._over = True
        return status

    def statuses(self, probe: str) -> list[int | None]:
        return [asked.status for asked in self.asked if asked.probe == probe]

    async def _work(self, name: str, probe: Probe) -> None:
        """Probe every `periodSeconds`, from the first `initialDelaySeconds` on, and act at the thresholds."""
        loop = asyncio.get_running_loop()
        tick, run, last, streak = loop.time(), self.run, None, 0
        begun = loop.time()
        while not self._over and not (self.terminating and name != "readiness"):
            if run is not self.run:
                run, last, streak, begun = self.run, None, 0, loop.time()
            if self._is_due(name) and loop.time() - begun >= probe.initial_delay * self.pace:
                passed = await self._ask(name, probe, run)
                last, streak = passed, streak + 1 if passed is last else 1
                if run is self.run and streak >= (probe.successes if passed else probe.failures):
                    await self._act(name, run, passed=passed)
            tick = max(tick + probe.period * self.pace, loop.time())
            await asyncio.sleep(tick - loop.time())

    def _is_due(self, name: str) -> bool:
        """Startup is probed until it has passed once, the others only from then on ("Define startup probes")."""
        if self.run.on_hold and name != "readiness":
            return False
        return self.run.started is (name != "startup")

    async def _ask(self, name: str, probe: Probe, run: Run) -> bool:
        terminating = self.terminating  # when it is asked: an answer may come after the deletion
        status = await ask(probe)
        if not self._over and run is self.run:
            self.asked.append(Asked(name, status, terminating))
        await self._notify()
        return status is not None and 200 <= status < 400

    async def _act(self, name: str, run: Run, *, passed: bool) -> None:
        if name == "readiness":
            self.ready = passed and not self.terminating
        elif name == "startup" and passed:
            run.started = True
        elif not passed and not run.on_hold and not self.terminating:
            run.on_hold = True
            await self._restart()
        await self._notify()

    async def _restart(self) -> None:
        """ "Container restarts": the old one is stopped as at a deletion, and a new one starts from the beginning."""
        await self._stop()
        self.ready = False
        self.run = Run(self.start())
        self.restarts += 1

    async def _stop(self) -> int:
        process = self.run.server.process
        process.send_signal(signal.SIGTERM)
        try:
            await asyncio.to_thread(process.wait, self.grace)
        except subprocess.TimeoutExpired:
            process.kill()
            self.killed += 1
        return await asyncio.to_thread(self.run.server.wait)

    async def _notify(self) -> None:
        async with self._changed:
            self._changed.notify_all()


def pod(template: Mapping[str, Any], port: int, start: Callable[[], Server], pace: float, **options: Any) -> Pod:
    """Read the pod template of a Deployment whose first container listens on `port` here.

    However fast the pace, the start gets all its time: a process does not start faster for being asked more often.
    """
    spec = template["spec"]
    container = spec["containers"][0]
    probes = {name: Probe.read(container[f"{name}Probe"], port) for name in ("startup", "readiness", "liveness")}
    probes["startup"] = replace(probes["startup"], failures=round(probes["startup"].failures / pace))
    given = {"probes": probes, "grace": float(spec["terminationGracePeriodSeconds"]), **options}
    return Pod(start=start, pace=pace, **given)
