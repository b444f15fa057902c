"""The Makefile with a Python that does nothing, so that only make's own part is tried."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.require import require_program

ROOT = Path(__file__).parents[2]
PYTHON = """#!/bin/sh
if [ "$1 $2" = "-m venv" ]; then mkdir -p "$3/bin"; cp "$0" "$3/bin/python"; fi
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name in ("Makefile", "pyproject.toml", "scripts/petsage-probe", "locks/build.txt", "locks/test.txt"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, path)
    (tmp_path / "petsage").mkdir()
    (tmp_path / "a-python").write_text(PYTHON)
    (tmp_path / "a-python").chmod(0o755)
    return tmp_path


def make_test(checkout: Path) -> subprocess.CompletedProcess[str]:
    command = [require_program("make", "make"), "test", "PYTHON=./a-python"]
    env = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}  # of make test
    return subprocess.run(command, cwd=checkout, env=env, check=False, capture_output=True, text=True)


def test_the_environment_is_made_once_and_stays(checkout: Path) -> None:
    first, second = make_test(checkout), make_test(checkout)
    set_up = "installing petsage, and what locks/test.txt names, into .venv\n"
    assert (first.returncode, first.stdout, first.stderr) == (0, set_up, "")
    assert (second.returncode, second.stdout, second.stderr) == (0, "", "")
