"""What is written passes the project's own tools unchanged: ruff, mypy strict, the import contracts, plain pytest."""

import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from petsage.checks.kinds import find_kinds
from tests.support.builder import put
from tests.support.require import require

ROOT = Path(__file__).parents[3]
TOOLS = ("ruff", "mypy", "importlinter")
LATIN_1 = "".join(chr(code) for code in range(0xC0, 0x100) if code not in {0xD7, 0xF7})
REQUESTS: list[Mapping[str, Any]] = [
    {"feature": "a", "description": "x", "requirements": "redis"},
    {"feature": "grooming", "description": "Book grooming appointments.", "requirements": ["redis"]},
    {"feature": "smoke_test", "description": "Ensure builder functional"},
    {"feature": "ensured", "description": f"Ensure {'very ' * 11}warm water {'w' * 30}"},
    {
        "feature": "problem",
        "description": "It is 0.0.0.0 and /tmp",
        "requirements": [*find_kinds(), "package: pillow>=11"],
    },
    {"feature": "test_drive", "description": LATIN_1, "requirements": ["package: a>1,<2", "package: b"]},
    {
        "feature": "v10_of_it",
        "description": "\u0430-\u03b1-\u200b \\ \"\"\" ''' {{ x }} # noqa\n\nTODO: more, than, one, line. " * 9,
    },
    {"feature": "p2" * 16, "description": '"quoted" ' * 40, "requirements": list(find_kinds())},
]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project with features that were built into it."""
    missing = [name for name in TOOLS if find_spec(name) is None]
    require(not missing, f"not installed: pip install 'petsage[check]' ({', '.join(missing)})")
    place = tmp_path_factory.mktemp("project")
    shutil.copy(ROOT / "pyproject.toml", place)
    shutil.copytree(ROOT / "petsage", place / "petsage", ignore=shutil.ignore_patterns("__pycache__"))
    for asked in REQUESTS:
        put(place / "features", **asked)
    return place


def run(*command: str, cwd: Path) -> str:
    done = subprocess.run([sys.executable, "-m", *command], cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.integration
def test_ruff_finds_nothing_and_has_nothing_to_lay_out(project: Path) -> None:
    assert run("ruff", "check", "--no-cache", "features", cwd=project) == "All checks passed!\n"
    run("ruff", "format", "--no-cache", "--diff", "features", cwd=project)


@pytest.mark.slow
@pytest.mark.integration
def test_mypy_finds_nothing(project: Path) -> None:
    cache = str(ROOT / ".mypy_cache")
    assert run("mypy", "--cache-dir", cache, "features", cwd=project).startswith("Success: no issues found in ")


@pytest.mark.integration
def test_the_import_contracts_hold_when_they_are_built_in(project: Path, tmp_path: Path) -> None:
    shutil.copytree(project, tmp_path / "project")
    features = tmp_path / "project" / "petsage" / "features"
    shutil.copytree(tmp_path / "project" / "features", features, dirs_exist_ok=True)
    program = "import sys; from importlinter.cli import lint_imports_command as lint; sys.exit(lint(['--no-cache']))"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path / "project", capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["prepend", "importlib"])
def test_their_tests_pass_together_by_plain_pytest(tmp_path: Path, mode: str) -> None:
    for asked in REQUESTS[:5]:
        put(tmp_path / "features", **asked)
    said = run("pytest", "-q", "-p", "no:cacheprovider", f"--import-mode={mode}", cwd=tmp_path)
    assert re.search(r"^\d+ passed in ", said, re.MULTILINE)


@pytest.mark.parametrize("folder", ["grooming", "grooming/tests"])
def test_the_tests_pass_in_the_folder_of_the_feature(tmp_path: Path, folder: str) -> None:
    put(tmp_path, requirements=["redis"])
    assert "4 passed in " in run("pytest", "-q", "-p", "no:cacheprovider", cwd=tmp_path / folder)
