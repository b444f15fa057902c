"""Adding a feature, a dialect of healthchecks or a smoke reporter: one new file in one folder, and nothing else."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

import petsage

PACKAGE = Path(petsage.__file__).parent

NOMAD = '''
    """Nomad, as a service check."""

    from petsage.manifests.timings import Timings


    def render(timings: Timings) -> str:
        """Return a block `check`."""
        return f'check {{ path = "/readyz", interval = "{timings.interval}s" }}'
'''
NAMES = '''
    """Names of the checks, separated by commas."""

    from petsage.smoke.report import Report


    def write(report: Report, *, strict: bool) -> str:
        """Return one line."""
        return ",".join(result.name for result in report.results)
'''
GREETINGS = '''
    """Greets."""

    from aiohttp import web

    from petsage.feature import Contribution


    async def greet(request: web.Request) -> web.Response:
        """Say hello."""
        return web.Response(text="hello")


    def setup(core: object) -> Contribution:
        """Contribute `GET /greetings`."""
        return Contribution(routes=[web.get("/greetings", greet)])
'''

Run = Callable[..., str]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a copy of the package, which Python imports instead of the original when it is started there."""
    folder = tmp_path_factory.mktemp("checkout")
    shutil.copytree(PACKAGE, folder / "petsage", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


@pytest.fixture
def run(checkout: Path) -> Run:
    """Run a command of the copy, and return its standard output."""

    def run_command(*arguments: str) -> str:
        command = [sys.executable, "-m", "petsage", *arguments]
        done = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run_command


def add(checkout: Path, name: str, source: str) -> None:
    path = checkout / "petsage" / name
    assert not path.exists()
    path.write_text(dedent(source).lstrip())


def test_a_dialect_is_one_module_in_manifests_dialects(checkout: Path, run: Run) -> None:
    add(checkout, "manifests/dialects/nomad.py", NOMAD)
    assert run("emit", "nomad") == 'check { path = "/readyz", interval = "5s" }\n'
    assert "nomad" in run("emit", "--help")


def test_a_smoke_reporter_is_one_module_in_smoke_reporters(checkout: Path, run: Run) -> None:
    (checkout / "config.yml").write_text("checks: {disk: {kind: disk, path: /, fail_below: 0%}}\n")
    add(checkout, "smoke/reporters/names.py", NAMES)
    assert run("smoke", "--config", "config.yml", "--format", "names") == "features,disk\n"
    assert "names" in run("smoke", "--help")


def test_a_feature_is_one_module_in_features(checkout: Path, run: Run) -> None:
    add(checkout, "features/greetings.py", GREETINGS)
    assert "greetings" in run("feature", "list")
    document = json.loads(run("openapi"))
    assert document["paths"]["/greetings"]["get"]["summary"] == "Say hello."
