"""A Swarm of this one engine, three releases of an image, and the stack that is shipped."""

import os
import shutil
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.integration.engine.conftest import clone, engine
from tests.integration.example.images import require_images
from tests.integration.swarm.rollout import Rollout
from tests.support.checkout import CHECKOUT
from tests.support.docker_stack import BUILD_TIMEOUT, docker
from tests.support.require import require

__all__ = ["clone", "engine", "releases", "rollout", "swarm"]

RELEASED = """
'''Tells releases apart.'''
from aiohttp import web
from petsage.feature import Contribution

async def release(request: web.Request) -> web.Response:
    '''Answer with the release.'''
    return web.Response(text="{release}")

def setup(core):
    return Contribution(routes=[web.get("/release", release)])
"""
BROKEN = "raise RuntimeError('out of order')\n"


@pytest.fixture(scope="module")
def swarm(engine: None) -> Iterator[None]:
    """Swarm mode; left again if it is the test's."""
    state = docker("info", "--format", "{{.Swarm.LocalNodeState}} {{.Swarm.ControlAvailable}}").split()
    require(state[0] == "inactive" or state == ["active", "true"], "this engine is in a Swarm and no manager of it")
    if state[0] == "inactive":
        docker("swarm", "init", "--advertise-addr", "127.0.0.1")
    try:
        yield
    finally:
        if state[0] == "inactive":
            docker("swarm", "leave", "--force", check=False)


@pytest.fixture(scope="module")
def releases(clone: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    """The tags of the releases `one`, `two` and `broken`, whose required feature cannot be imported."""
    require_images("python:3.13-slim")
    made = f"test-{uuid.uuid4().hex[:8]}"
    tags = {name: f"{made}-{name}" for name in ("one", "two", "broken")}
    try:
        command = ["compose", "--file", str(clone / "docker-compose.yml"), "build"]
        docker(*command, within=BUILD_TIMEOUT, env={**os.environ, "PETSAGE_RELEASE": made})
        for name, tag in tags.items():
            place = tmp_path_factory.mktemp(name)
            (place / "features").mkdir()
            feature = BROKEN if name == "broken" else RELEASED.format(release=name)
            (place / "features" / "release.py").write_text(feature)
            (place / "Dockerfile").write_text(f"FROM petsage:{made}\nCOPY features /srv/petsage/features\n")
            docker("build", "--tag", f"petsage:{tag}", str(place))
        yield tags
    finally:
        for tag in (*tags.values(), made):
            docker("image", "rm", "--force", f"petsage:{tag}", check=False)


@pytest.fixture
def rollout(swarm: None, releases: Mapping[str, str], tmp_path: Path) -> Iterator[Rollout]:
    """The shipped stack with release one."""
    require_images("haproxy:3.0")
    folder = tmp_path / "swarm"
    shutil.copytree(CHECKOUT / "deploy" / "swarm", folder)
    rollout = Rollout(folder, releases)
    try:
        rollout.deploy("one")
        yield rollout
    finally:
        rollout.remove()
