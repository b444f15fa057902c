"""The path of a user, from the wheel and an empty folder to a feature that is served, tested, and broken by hand."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.support.distributions import Built, borrowing_environment, install
from tests.support.distributions import build as build_distributions
from tests.support.require import require
from tests.support.server_process import serving

MESSAGE = "PetSage grooming is functional!"


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with PetSage from its wheel; what PetSage needs is borrowed from this one."""
    missing = [name for name in ("build", "hatchling") if find_spec(name) is None]
    require(not missing, f"not installed: pip install {' '.join(missing)}")
    place = tmp_path_factory.mktemp("followed")
    wheel: Built = build_distributions(place)
    python = borrowing_environment(place / "environment")
    install(python, "--no-deps", "--no-index", wheel.wheel)
    return python


def typed(command: str, python: Path, cwd: Path) -> tuple[int, str]:
    environment = {**os.environ, "PATH": f"{python.parent}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "-c", command], cwd=cwd, env=environment, check=False, capture_output=True, text=True, timeout=280
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.integration
@pytest.mark.timeout(600)
def test_an_empty_folder_becomes_a_served_and_tested_feature(python: Path, tmp_path: Path) -> None:
    where = typed("python -c 'import petsage; print(petsage.__file__)'", python, tmp_path)[1]
    assert Path(where.strip()).is_relative_to(python.parent.parent)

    status, out = typed(
        'petsage feature new grooming --description "Book grooming appointments." --requires disk', python, tmp_path
    )
    assert (status, out.splitlines()[-1]) == (0, "next: petsage serve")
    status, out = typed("petsage feature check grooming", python, tmp_path)
    assert (status, out.count("\n  ok ")) == (0, 5), out
    status, out = typed("petsage feature list", python, tmp_path)
    assert (status, out.splitlines()[-1].split()[-4:]) == (0, ["ready", "Book", "grooming", "appointments."])
    status, out = typed("cd features/grooming && python -m pytest -q -p no:cacheprovider", python, tmp_path)
    assert (status, "4 passed" in out) == (0, True), out

    with serving(cwd=tmp_path, python=str(python)) as server:
        while (answer := server.get("/grooming")).status == 503 and "pending" in answer.body:
            pass  # the disk has not been looked at yet
        assert answer.json == {"status": "ok", "feature": "grooming", "message": MESSAGE}
        assert "/grooming" in server.get("/openapi.json").json["paths"]
        assert server.get("/smoke-test").status == 200

    handlers = tmp_path / "features" / "grooming" / "handlers.py"
    handlers.write_text(handlers.read_text().replace('PATH = "/grooming"', "PATH = no_such_name"))
    with serving(cwd=tmp_path, python=str(python)) as server:
        red = server.get("/smoke-test")
    ((feature, step, reason),) = [(one["feature"], one["step"], one["reason"]) for one in red.json["failures"]]
    assert (red.status, feature, step, reason) == (503, "grooming", "import", "NameError")


@pytest.mark.slow
@pytest.mark.integration
@pytest.mark.timeout(600)
def test_the_original_request_takes_the_place_of_what_is_built_in(python: Path, tmp_path: Path) -> None:
    (tmp_path / "request.yml").write_text(
        'feature: smoke_test\ndescription: "Ensure builder functional"\nrequirements: none\n'
    )
    (tmp_path / "config.yml").write_text("features: {smoke_test: {built_in: false}}\n")
    status, out = typed("petsage feature new --from request.yml", python, tmp_path)
    assert (status, out.splitlines()[-1]) == (0, "next: petsage serve")
    with serving(cwd=tmp_path, python=str(python)) as server:
        assert server.get("/smoke-test").body == (
            '{"status": "ok", "feature": "smoke_test", "message": "PetSage builder is functional!"}'
        )
    (tmp_path / "features" / "broken.py").write_text("raise ValueError('x')\n")
    with serving(cwd=tmp_path, python=str(python)) as server:
        red = server.get("/smoke-test")
    assert (red.status, [one["feature"] for one in red.json["failures"]]) == (503, ["broken"])


def test_the_server_never_imports_the_builder(tmp_path: Path) -> None:
    program = (
        "import sys; from petsage.bootstrap import load; from petsage.app import create_app;"
        "import petsage.cli.serve, petsage.server.startup; create_app(load());"
        "print([name for name in sys.modules if name.partition('.')[0] in ('jinja2', 'packaging', 'pytest')"
        " or name.startswith('petsage.builder')])"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
