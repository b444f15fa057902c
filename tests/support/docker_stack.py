"""The docker command, and compose projects with the shipped compose file."""

import json
import os
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

from tests.support.checkout import CHECKOUT

SERVICE = "petsage"
BUILD_TIMEOUT = 600.0
PROGRAMS = CHECKOUT / "tests" / "integration" / "engine" / "inside"
PROBE_OFTEN = """
services:
  petsage:
    healthcheck: {interval: 500ms, start_period: 1s}
"""


def docker(*arguments: str, within: float = 120.0, check: bool = True, **options: Any) -> str:
    """Run docker, and return its standard output; fail with its whole output."""
    done = subprocess.run(
        ["docker", *arguments], capture_output=True, text=True, timeout=within, check=False, stdin=None, **options
    )
    if check and done.returncode:
        output = f"{done.returncode}\n{done.stdout}{done.stderr}"
        raise AssertionError(f"docker {' '.join(arguments)[:200]}: {output}")
    return str(done.stdout)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def program(name: str) -> str:
    """Return the text of a program that is run in a container, for `python -c`."""
    return (PROGRAMS / f"{name}.py").read_text()


class Stack:
    """One compose project: `docker-compose.yml` as shipped, beside a `config.yml` and a `features` folder."""

    def __init__(self, project: str, folder: Path, release: str) -> None:
        self.project = project
        self.folder = folder
        self.port = free_port()
        self._files = ["--file", str(folder / "docker-compose.yml")]
        self._environment = {
            **os.environ,
            "PETSAGE_PORT": f"127.0.0.1:{self.port}",
            "PETSAGE_RELEASE": release,
        }

    def probe_often(self) -> "Stack":
        """Shorten the interval of the healthcheck."""
        path = self.folder / "probe-often.yml"
        path.write_text(PROBE_OFTEN)
        self._files += ["--file", str(path)]
        return self

    def add_feature(self, name: str, source: str) -> None:
        """Write a feature."""
        (self.folder / "features" / name).write_text(source)

    def compose(self, *arguments: str, within: float = 120.0, check: bool = True) -> str:
        """Run docker compose on this project."""
        command = ["compose", "--project-name", self.project, *self._files, *arguments]
        return docker(*command, within=within, check=check, env=self._environment)

    def up(self, within: float = 120.0) -> None:
        """Start, and return when the container is healthy."""
        self.compose("up", "--no-build", "--wait", within=within)

    def down(self) -> None:
        self.compose("down", "--volumes", "--timeout", "0")

    @property
    def container(self) -> str:
        return self.compose("ps", "--all", "--quiet", SERVICE).strip()

    def state(self) -> dict[str, Any]:
        """Return the object of `docker inspect`."""
        return dict(json.loads(docker("inspect", self.container))[0])

    def wait_for(self, health: str, within: float = 60.0) -> dict[str, Any]:
        """Wait for a health status, and return the container's state with it."""
        container = self.container
        deadline = time.monotonic() + within
        while True:
            found = dict(json.loads(docker("inspect", container))[0])
            if found["State"]["Running"] and found["State"]["Health"]["Status"] == health:
                return found
            if time.monotonic() > deadline:
                log = docker("logs", container, check=False)
                raise AssertionError(f"not {health} within {within:g} s: {found['State']}\n{log}")
            time.sleep(0.1)

    def inside(self, name: str, *, survives: bool = True) -> Any:
        """Run a program of the folder `inside` in the container, and return its output, parsed as JSON.

        With `survives=False` its exit status is not checked: a program that ends its container is killed with it.
        """
        return json.loads(docker("exec", self.container, "python", "-c", program(name), check=survives))


def build(source: Path, release: str) -> str:
    """Build the image without any cache as compose does, and return its name."""
    command = ["compose", "--file", str(source / "docker-compose.yml"), "build", "--no-cache"]
    docker(*command, within=BUILD_TIMEOUT, env={**os.environ, "PETSAGE_RELEASE": release})
    return f"petsage:{release}"
