"""An image that is built once, and stacks that are always removed."""

import shutil
import subprocess
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.checkout import copy_to
from tests.support.docker_stack import Stack, build, docker
from tests.support.require import require


@pytest.fixture(scope="session")
def engine() -> None:
    """Require a running Docker engine with Compose 2."""
    require(shutil.which("docker"), "docker is not installed: https://docs.docker.com/engine/install/")
    for command, way_out in (
        (["docker", "version"], "the Docker engine does not answer: start it, and let this user talk to it"),
        (["docker", "compose", "version"], "the plugin Compose 2 is not installed: https://docs.docker.com/compose/"),
    ):
        found = subprocess.run(command, capture_output=True, timeout=60, check=False)
        require(found.returncode == 0, way_out)


@pytest.fixture(scope="session")
def clone(engine: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the checkout."""
    return copy_to(tmp_path_factory.mktemp("clone") / "petsage")


Build = Callable[[], str]


@pytest.fixture(scope="session")
def build_image(clone: Path) -> Iterator[Build]:
    """Return a function that builds an image with a new name; all images are removed at the end."""
    made: list[str] = []

    def build_one() -> str:
        made.append(f"test-{uuid.uuid4().hex[:8]}")
        return build(clone, made[-1])

    yield build_one
    for release in made:
        docker("image", "rm", "--force", f"petsage:{release}", check=False)


@pytest.fixture(scope="session")
def image(build_image: Build) -> str:
    return build_image()


@pytest.fixture
def stack(image: str, clone: Path, tmp_path: Path) -> Iterator[Stack]:
    """Return a stack with the shipped compose file, configuration and features folder, which a test may change."""
    folder = tmp_path / "folder"
    folder.mkdir()
    for name in ("docker-compose.yml", "config.yml"):
        shutil.copy(clone / name, folder)
    shutil.copytree(clone / "features", folder / "features")
    stack = Stack(f"petsage-test-{uuid.uuid4().hex[:8]}", folder, image.partition(":")[2])
    try:
        yield stack
    finally:
        stack.down()
