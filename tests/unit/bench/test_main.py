"""The command, as far as it goes without the bench's own environments."""

import subprocess
import sys
from importlib import import_module
from inspect import signature
from pathlib import Path

import pytest

from bench.__main__ import main, names
from bench.bench import Bench

ROOT = Path(__file__).parents[3]


def test_every_module_of_the_package_is_a_suite() -> None:
    assert names() == sorted(path.stem for path in (ROOT / "bench/suites").glob("[a-z]*.py"))
    for name in names():
        assert signature(import_module(f"bench.suites.{name}").run).parameters["bench"].annotation is Bench


def test_a_missing_wrk_is_reported_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")
    assert main([]) == 2
    assert capsys.readouterr().err == "bench: wrk is not installed, and makes the load: apt-get install wrk\n"


def test_a_missing_environment_is_reported_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "wrk").touch(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["--petsage", str(tmp_path / "python")]) == 2
    assert capsys.readouterr().err == f"bench: there is no PetSage at {tmp_path}/python: `make bench` installs it\n"


def test_an_unknown_suite_is_misuse(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--only", "speed"])
    assert caught.value.code == 2
    assert "invalid choice: 'speed'" in capsys.readouterr().err


def test_the_command_needs_nothing_that_the_tests_do_not_have() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("usage: bench ")
