"""The Makefile with a Python that does nothing: only what make itself does."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.require import require_program

ROOT = Path(__file__).parents[3]
PYTHON = """#!/bin/sh
case "$*" in
  "-m venv --clear "*) rm -rf "$4"; mkdir -p "$4/bin"; cp "$0" "$4/bin/python"; exit ${VENV:-0} ;;
  "-c import sys;"*) exit ${OLD:-0} ;;
  "-c import ensurepip"*) exit ${NO_VENV:-0} ;;
  "-m pip "*) if [ -n "$PIP" ]; then eval "$PIP"; fi ;;
esac
"""
SET_UP = "installing petsage, and what locks/test.txt names, into .venv\n"
KILLED = 'kill -KILL "$PPID" $$'  # as when the machine ends
"""What `PIP` has the Python do in place of installing."""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    place = tmp_path / "pet sage"
    for name in ("Makefile", "pyproject.toml", "scripts/petsage-probe", "locks/build.txt", "locks/test.txt"):
        path = place / name
        path.parent.mkdir(exist_ok=True, parents=True)
        shutil.copy(ROOT / name, path)
    (place / "petsage").mkdir()
    for name in ("a-python", "another-python"):
        (place / name).write_text(PYTHON)
        (place / name).chmod(0o755)
    return place


def make_test(checkout: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [require_program("make", "make"), "test", *words]
    env = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS", "PYTHON"))}
    return subprocess.run(
        command, cwd=checkout, env=env | environment, check=False, capture_output=True, text=True, errors="replace"
    )


def set_up(checkout: Path) -> None:
    """Set the environment up, and put a file into it that is gone when it is made anew."""
    assert make_test(checkout, "PYTHON=./a-python").stdout == SET_UP
    (checkout / ".venv" / "of-before").touch()


def outdate(checkout: Path) -> None:
    """Let what was installed be older than its lock."""
    os.utime(checkout / ".venv" / "test.stamp", (1, 1))


def is_made_anew(checkout: Path, *words: str) -> bool:
    done = make_test(checkout, *(words or ("PYTHON=./a-python",)))
    assert (done.returncode, done.stderr) == (0, "")
    left = checkout / ".venv" / "of-before"
    anew = not left.exists()
    assert done.stdout == (SET_UP if anew else "")
    left.touch()
    return anew


def test_the_environment_is_made_once_and_kept(checkout: Path) -> None:
    first, second = make_test(checkout, "PYTHON=./a-python"), make_test(checkout, "PYTHON=./a-python")
    assert (first.returncode, first.stdout, first.stderr) == (0, SET_UP, "")
    assert (second.returncode, second.stdout, second.stderr) == (0, "", "")


def test_an_environment_that_was_not_finished_is_made_anew(checkout: Path) -> None:
    assert make_test(checkout, "PYTHON=./a-python", VENV="9").returncode != 0
    assert (checkout / ".venv" / "bin" / "python").exists()
    (checkout / ".venv" / "of-before").touch()
    assert is_made_anew(checkout)
    assert not is_made_anew(checkout)


@pytest.mark.parametrize("pip", [KILLED, "kill -KILL $$", "kill -TERM $$"])
def test_an_environment_whose_installation_was_killed_is_made_anew(checkout: Path, pip: str) -> None:
    set_up(checkout)
    outdate(checkout)
    assert make_test(checkout, "PYTHON=./a-python", PIP=pip).returncode != 0
    assert is_made_anew(checkout)
    assert not is_made_anew(checkout)


def test_an_installation_that_fails_by_itself_spoils_nothing(checkout: Path) -> None:
    set_up(checkout)
    outdate(checkout)
    assert make_test(checkout, "PYTHON=./a-python", PIP="exit 1").returncode != 0
    assert make_test(checkout, "PYTHON=./a-python").stdout == SET_UP
    assert (checkout / ".venv" / "of-before").exists()


def test_an_environment_whose_python_has_gone_is_made_anew(checkout: Path) -> None:
    set_up(checkout)
    python = checkout / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to("/nowhere/python")
    assert is_made_anew(checkout)


def test_another_python_that_is_asked_for_is_taken(checkout: Path) -> None:
    set_up(checkout)
    assert is_made_anew(checkout, "PYTHON=./another-python")
    assert not is_made_anew(checkout, "PYTHON=./another-python")
    assert not is_made_anew(checkout, "ARGS=")  # nobody asks for the first again


def test_a_python_that_is_not_there_spoils_nothing(checkout: Path) -> None:
    set_up(checkout)
    done = make_test(checkout, "PYTHON=./python9")
    assert (done.returncode, done.stdout) == (
        2,
        "Python 3.11 or later is needed and './python9' is not there: install it, or name it with make PYTHON=...\n",
    )
    assert not is_made_anew(checkout)


@pytest.mark.parametrize(
    ("lacking", "message"),
    [
        ("OLD", "Python 3.11 or later is needed and './a-python' is older: name another with make PYTHON=python3.13"),
        ("NO_VENV", "this Python has no venv module: install it (on Debian and Ubuntu: apt-get install python3-venv)"),
    ],
)
def test_an_unsuitable_python_and_a_missing_one_are_reported_differently(
    checkout: Path, lacking: str, message: str
) -> None:
    done = make_test(checkout, "PYTHON=./a-python", **{lacking: "1"})
    assert (done.returncode, done.stdout) == (2, f"{message}\n")
    assert not (checkout / ".venv").exists()
    assert make_test(checkout, "PYTHON=./a-python").stdout == SET_UP


def test_targets_that_share_an_environment_are_made_one_after_the_other(checkout: Path) -> None:
    (checkout / "locks" / "run.txt").touch()
    busy = "mkdir busy || { echo busy >&2; exit 1; }; sleep 0.1; rmdir busy"
    done = make_test(checkout, "run", "-j4", "PYTHON=./a-python", PIP=busy)
    assert "busy" not in done.stderr
    assert sorted(path.name for path in (checkout / ".venv").glob("*.stamp")) == ["run.stamp", "test.stamp"]
    assert {SET_UP, SET_UP.replace("test.txt", "run.txt")} <= set(done.stdout.splitlines(keepends=True))
