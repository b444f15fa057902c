"""A stack of Swarm, and what becomes of its updates."""

import asyncio
import json
import os
import time
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tests.support.docker_stack import docker, free_port

PROBE_OFTEN = """
version: "3.8"
services:
  petsage:
    healthcheck: {interval: 1s, timeout: 3s, retries: 2, start_period: 10s}
    deploy:
      update_config: {parallelism: 1, order: start-first, failure_action: rollback, monitor: 20s}
"""
"""Probes more often than shipped; here too `monitor` is above start_period + (interval + timeout) x retries."""


class Rollout:
    """The shipped stack on a port of its own, probed more often."""

    def __init__(self, folder: Path, releases: Mapping[str, str]) -> None:
        self.name = f"petsage-{uuid.uuid4().hex[:8]}"
        self.port = free_port()
        self._folder = folder
        self._releases = releases
        (folder / "probe-often.yml").write_text(PROBE_OFTEN)

    def deploy(self, release: str) -> None:
        """Deploy a release, and return while it rolls out."""
        files = [f"--compose-file={self._folder / name}" for name in ("petsage.yml", "probe-often.yml")]
        environment = {
            **os.environ,
            "PETSAGE_RELEASE": self._releases[release],
            "PETSAGE_PORT": str(self.port),
            "PETSAGE_CONFIG": self.name,
        }
        docker("stack", "deploy", "--detach", "--resolve-image=never", *files, self.name, env=environment)

    async def roll(self, release: str, within: float = 150.0) -> str:
        """Roll a release out, and return the state that Swarm's update ends with."""
        before = self._update().get("StartedAt")
        await asyncio.to_thread(self.deploy, release)

        def over() -> bool:
            update = self._update()
            return update.get("StartedAt") != before and "CompletedAt" in update and self._ended(update)

        await self._until(over, within)
        return str(self._update()["State"])

    def release(self) -> str:
        """Return which release the service is of."""
        image = self._service()["Spec"]["TaskTemplate"]["ContainerSpec"]["Image"]
        return next(name for name, tag in self._releases.items() if image == f"petsage:{tag}")

    def tasks(self) -> list[str]:
        """Return the states and errors of all tasks of PetSage, past ones too."""
        form = "{{.Image}} {{.CurrentState}} {{.Error}}"
        return docker("service", "ps", "--no-trunc", "--format", form, f"{self.name}_petsage").splitlines()

    def remove(self) -> None:
        """Remove the stack, and return when its containers are gone."""
        docker("stack", "rm", self.name, check=False)
        ours = ["--all", "--quiet", "--filter", f"label=com.docker.stack.namespace={self.name}"]
        deadline = time.monotonic() + 60
        while docker("ps", *ours).strip() and time.monotonic() < deadline:
            time.sleep(0.2)

    def _service(self) -> dict[str, Any]:
        return dict(json.loads(docker("service", "inspect", f"{self.name}_petsage"))[0])

    def _update(self) -> dict[str, Any]:
        return dict(self._service().get("UpdateStatus") or {})

    @staticmethod
    def _ended(update: Mapping[str, Any]) -> bool:
        return update["State"] in {"completed", "paused", "rollback_completed", "rollback_paused"}

    async def _until(self, holds: Callable[[], bool], within: float) -> None:
        deadline = time.monotonic() + within
        while not await asyncio.to_thread(holds):
            assert time.monotonic() < deadline, f"{self._update()}\n" + "\n".join(self.tasks())
            await asyncio.sleep(0.3)
