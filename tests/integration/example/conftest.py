"""The example as its user has it: cloned, built, and on ports of its own."""

import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.engine.conftest import clone, engine
from tests.integration.example.images import require_images
from tests.support.docker_stack import BUILD_TIMEOUT, Stack, docker, free_port

__all__ = ["clone", "engine", "example"]


class Example(Stack):
    """The compose project of the example."""

    def __init__(self, folder: Path) -> None:
        self.release = f"test-{uuid.uuid4().hex[:8]}"
        super().__init__(f"petsage-example-{self.release}", folder, self.release)
        self._environment |= {"PETSAGE_PORT": str(self.port), "SHOP_PORT": str(free_port())}

    def build(self) -> None:
        self.compose("build", within=BUILD_TIMEOUT)

    def suite(self) -> "subprocess.Popen[str]":
        """Start the example's own tests, as a user does."""
        command = [sys.executable, "-m", "pytest", "-c", "pytest.ini", "-p", "no:cacheprovider", "-q"]
        return subprocess.Popen(
            command, cwd=self.folder, env=self._environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def service(self, name: str) -> str:
        """Return the container of a service."""
        return self.compose("ps", "--all", "--quiet", name).strip()

    def remove(self) -> None:
        self.down()
        for image in ("petsage", "petsage-example-shop"):
            docker("image", "rm", "--force", f"{image}:{self.release}", check=False)


@pytest.fixture(scope="module")
def example(clone: Path) -> Iterator[Example]:
    require_images("python:3.13-slim", "postgres:17", "redis:8")
    example = Example(clone / "examples" / "stack")
    try:
        example.build()
        yield example
    finally:
        example.remove()
