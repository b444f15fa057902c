"""The wheel and the sdist: reproducible, complete, and working without the checkout."""

import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from textwrap import dedent

import pytest

from petsage import __version__
from tests.support.checkout import CHECKOUT, copy_to
from tests.support.distributions import Built, borrowing_environment, build, empty_environment, install, run
from tests.support.server_process import serving

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(900)]

GREETINGS = '''
    """Greets."""
    from aiohttp import web
    from petsage.feature import Contribution

    async def greet(request: web.Request) -> web.Response:
        """Say hello."""
        return web.Response(text="hello " + request.match_info["name"])

    def setup(core):
        return Contribution(routes=[web.get("/greetings/{name}", greet)])
'''


def test_two_builds_are_the_same_to_the_byte(built: Built, tmp_path: Path) -> None:
    again = build(tmp_path)
    assert again.sdist.read_bytes() == built.sdist.read_bytes()
    assert again.wheel.read_bytes() == built.wheel.read_bytes()


def test_twine_finds_nothing(built: Built) -> None:
    said = run(sys.executable, "-m", "twine", "--no-color", "check", "--strict", *built, cwd=built.sdist.parent)
    assert said.count("PASSED") == 2
    assert "WARNING" not in said


def test_the_version_is_defined_in_the_package_alone(built: Built) -> None:
    assert built.sdist.name == f"petsage-{__version__}.tar.gz"
    assert built.wheel.name == f"petsage-{__version__}-py3-none-any.whl"
    assert f"## [{__version__}]" in (CHECKOUT / "CHANGELOG.md").read_text()


def test_the_wheel_holds_the_package_the_probe_and_the_licence(built: Built) -> None:
    with zipfile.ZipFile(built.wheel) as wheel:
        names = set(wheel.namelist())
    made = ("*.pyc", "__pycache__")
    package = {
        str(path.relative_to(CHECKOUT))
        for path in (CHECKOUT / "petsage").rglob("*")
        if path.is_file() and not any(path.match(pattern) for pattern in made)
    }
    about = f"petsage-{__version__}.dist-info"
    assert names == package | {
        f"petsage-{__version__}.data/scripts/petsage-probe",
        *(f"{about}/{name}" for name in ("METADATA", "WHEEL", "entry_points.txt", "licenses/LICENSE", "RECORD")),
    }


def test_the_sdist_holds_the_project(built: Built, tmp_path: Path) -> None:
    with tarfile.open(built.sdist) as sdist:
        names = {name.partition("/")[2] for name in sdist.getnames()}
    clone = copy_to(tmp_path / "clone")
    files = {str(path.relative_to(clone)) for path in clone.rglob("*") if path.is_file()}
    assert names == {name for name in files if not name.startswith(".ci/")} | {"PKG-INFO"}


@pytest.mark.timeout(1800)
def test_the_sdists_own_tests_pass(built: Built, tmp_path: Path) -> None:
    """All but those marked slow or integration, which this one is as well."""
    with tarfile.open(built.sdist) as sdist:
        sdist.extractall(tmp_path, filter="data")
    unpacked = tmp_path / built.sdist.name.removesuffix(".tar.gz")
    python = borrowing_environment(tmp_path / "environment")
    install(python, "--no-deps", "--no-index", "--no-build-isolation", built.sdist)
    path = f"{python.parent}:/usr/local/bin:/usr/bin:/bin"
    selection = ("-m", "not slow and not integration", "-q", "-p", "no:cacheprovider", "-n", "1")
    said = run(python, "-m", "pytest", *selection, cwd=unpacked, within=1500, PATH=path)
    assert " passed" in said


def test_the_wheel_alone_serves_a_folder_of_features(built: Built, tmp_path: Path) -> None:
    python = empty_environment(tmp_path / "environment")
    install(python, built.wheel)
    folder = tmp_path / "project"
    (folder / "features").mkdir(parents=True)
    (folder / "features" / "greetings.py").write_text(dedent(GREETINGS))
    shutil.copy(CHECKOUT / "config.yml", folder)
    petsage = python.with_name("petsage")

    assert run(petsage, "--version", cwd=folder) == f"petsage {__version__}\n"
    assert run(petsage, "config", "check", cwd=folder) == "config.yml: ok\n"
    rows = [line.split() for line in run(petsage, "feature", "list", cwd=folder).splitlines()]
    (greetings,) = [row for row in rows if row[0] == "greetings"]
    assert greetings[-2:] == ["ready", "Greets."]
    assert {row[-2] for row in rows[1:]} >= {"ready"}

    with serving(cwd=folder, python=str(python)) as server:
        assert server.get("/greetings/you").body == "hello you"
        assert server.get("/smoke-test").json == {
            "status": "ok",
            "feature": "smoke_test",
            "message": "PetSage builder is functional!",
        }
        said = run(python.with_name("petsage-probe"), f"{server.url}/smoke-test", cwd=folder)
        assert said.startswith("200 ")
        assert server.terminate() == 0
    refused = subprocess.run(
        [python.with_name("petsage-probe"), f"{server.url}/smoke-test"], capture_output=True, check=False, timeout=30
    )
    assert refused.returncode == 1
