"""The compose files, read by both generations of Compose."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.checkout import CHECKOUT
from tests.support.docker_stack import docker
from tests.support.require import require

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(300)]

FILE = str(CHECKOUT / "docker-compose.yml")
FILE_2 = str(CHECKOUT / "docker-compose.v2.yml")
OLD_COMPOSE = ("docker-compose==1.29.2",)
ITS_NEEDS = (  # without its own `PyYAML<6`, which has no wheel and builds no longer
    "distro<2",
    "docker<7",
    "dockerpty<1",
    "docopt<1",
    "jsonschema<4",
    "python-dotenv<1",
    "pyyaml>=6",
    "requests<2.32",
    "setuptools<81",
    "texttable<2",
    "urllib3<2",
    "websocket-client<1",
)


@pytest.fixture(scope="module")
def old_compose(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Compose 1.29, the last of its generation, in an environment of its own."""
    place = tmp_path_factory.mktemp("compose-1.29")
    subprocess.run([sys.executable, "-m", "venv", str(place)], check=True, timeout=120)
    for arguments in (["--no-deps", *OLD_COMPOSE], [*ITS_NEEDS]):
        command = [str(place / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
        require(done.returncode == 0, f"Compose 1.29 cannot be installed from the package index: {done.stderr}")
    return place / "bin" / "docker-compose"


def read_by(command: list[str]) -> Any:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PETSAGE_")}
    done = subprocess.run(
        command, cwd=CHECKOUT, capture_output=True, text=True, timeout=60, check=False, env=environment
    )
    assert done.returncode == 0, done.stderr
    return yaml.safe_load(done.stdout)["services"]["petsage"]


def test_compose_1_29_reads_the_file(old_compose: Path) -> None:
    service = read_by([str(old_compose), "config"])
    assert service["healthcheck"] == {
        "test": ["CMD", "petsage-probe", "http://127.0.0.1:8080/readyz"],
        "interval": "5s",
        "timeout": "3s",
        "start_period": "40s",
        "retries": 3,
    }
    assert (service["read_only"], service["init"], service["cap_drop"]) == (True, True, ["ALL"])
    assert service["stop_grace_period"] == "15s"


def test_what_only_2_knows_is_refused_by_1_29_and_therefore_not_picked_up_by_itself(old_compose: Path) -> None:
    assert read_by([str(old_compose), "config"]) == read_by([str(old_compose), "-f", FILE, "config"])
    refused = subprocess.run(
        [str(old_compose), "-f", FILE, "-f", FILE_2, "config"], capture_output=True, text=True, timeout=60, check=False
    )
    assert refused.returncode == 1
    assert "Unsupported config option for services.petsage: 'develop'" in refused.stderr


def test_compose_2_reads_both_files(engine: None) -> None:
    shipped = yaml.safe_load(docker("compose", "-f", FILE, "config"))["services"]["petsage"]
    both = yaml.safe_load(docker("compose", "-f", FILE, "-f", FILE_2, "config"))["services"]["petsage"]
    assert both.pop("develop")["watch"] == [
        {"path": str(CHECKOUT / name), "action": "rebuild"} for name in ("petsage", "pyproject.toml", "Dockerfile")
    ]
    assert both["healthcheck"].pop("start_interval") == "500ms"
    assert both == shipped


def test_no_file_names_a_version_or_a_project() -> None:
    for file in (FILE, FILE_2):
        assert list(yaml.safe_load(Path(file).read_text())) == ["services"]
