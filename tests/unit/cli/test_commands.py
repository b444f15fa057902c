"""The command line as its user has it: what it prints, where, and its exit status."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from petsage import __version__
from tests.support.command_line import command as here
from tests.support.command_line import running
from tests.support.features import GREETINGS
from tests.support.project import Project


def petsage(*arguments: str, cwd: Path, stdin: str = "") -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "petsage", *arguments],
        cwd=cwd,
        check=False,
        capture_output=True,
        text=True,
        input=stdin,
        timeout=60,
    )
    return done.returncode, done.stdout, done.stderr


def test_the_version_is_defined_in_one_place(tmp_path: Path) -> None:
    assert petsage("--version", cwd=tmp_path) == (0, f"petsage {__version__}\n", "")


@pytest.mark.parametrize(
    "command", [[], ["serve"], ["config"], ["config", "show"], ["feature"], ["feature", "list"], ["openapi"]]
)
def test_every_command_explains_itself(capsys: pytest.CaptureFixture[str], command: list[str]) -> None:
    status, out, err = here(capsys, *command, "--help")
    assert (status, err) == (0, "")
    assert out.startswith(f"usage: {' '.join(['petsage', *command])}")


@pytest.mark.parametrize(
    "arguments", [["--nope"], ["nope"], [], ["serve", "--port", "65536"], ["serve", "--port", "x"]]
)
def test_misuse_is_reported_in_one_line_and_exits_with_2(
    capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    status, out, err = here(capsys, *arguments)
    assert (status, out) == (2, "")
    assert "petsage" in err.splitlines()[-1]
    assert "Traceback" not in err


def test_the_list_shows_each_feature_and_its_state(project: Project) -> None:
    path = project.add_feature("greetings.py", GREETINGS)
    project.add_feature("off.py", "raise ValueError")
    (project.path / "config.yml").write_text("features: {off: {enabled: false}}\n")
    status, out, err = petsage("feature", "list", cwd=project.path)
    width = len(str(path))
    assert (status, err) == (0, "")
    assert out.splitlines() == [
        f"NAME        {'FROM'.ljust(width)}  STATE     SUMMARY",
        f"api_docs    {'built-in'.ljust(width)}  ready     Documents the API of all features.",
        f"health      {'built-in'.ljust(width)}  ready     Probes: liveness, readiness, startup and overall health.",
        f"smoke_test  {'built-in'.ljust(width)}  ready     Reports whether every required feature is served.",
        f"greetings   {path}  ready     Greets.",
        f"off         {str(path.with_name('off.py')).ljust(width)}  disabled",
    ]


def test_the_list_says_why_a_feature_is_in_quarantine_and_runs_no_lifespan(project: Project) -> None:
    path = project.add_feature("broken.py", "def setup(core):\n    raise ValueError('the pool size is negative')\n")
    project.add_feature(
        "lives.py",
        """
        from contextlib import asynccontextmanager
        from petsage.feature import Contribution
        @asynccontextmanager
        async def life():
            print("entered")
            yield
        def setup(core): return Contribution(lifespans=[life()])
        """,
    )
    status, out, err = petsage("feature", "list", cwd=project.path)
    assert status == 1
    assert "entered" not in out
    line = err.splitlines()[0]
    assert line.startswith(f"feature broken ({path}) is in quarantine: setup: ValueError [ref ")
    assert line.endswith(f"]: the pool size is negative at {path}:2")
    assert err.count("\n") == 1


def test_an_optional_feature_in_quarantine_does_not_fail_the_list(project: Project) -> None:
    project.add_feature("broken.py", "raise ValueError")
    (project.path / "config.yml").write_text("features: {broken: {required: false}}\n")
    assert petsage("feature", "list", cwd=project.path)[0] == 0


def test_the_api_document_is_printed_without_starting_anything(project: Project) -> None:
    project.add_feature("greetings.py", GREETINGS)
    status, out, err = petsage("openapi", cwd=project.path)
    document = json.loads(out)
    assert (status, err, document["openapi"]) == (0, "", "3.1.0")
    assert document["info"] == {"title": "PetSage", "version": __version__}
    assert {"/smoke-test", "/openapi.json", "/greetings/{name}"} <= set(document["paths"])


@pytest.mark.parametrize(
    "command", [["openapi"], ["feature", "list"], ["config", "check"], ["config", "show"], ["serve"]]
)
def test_every_command_reports_an_invalid_configuration_without_a_traceback(
    project: Project, command: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project.path)
    (project.path / "config.yml").write_text("features:\n  smoke_test:\n    mesage: hello\n  orderz: {}\n")
    takes_signals = command == ["serve"]
    status, out, err = petsage(*command, cwd=project.path) if takes_signals else here(capsys, *command)
    assert (status, out) == (1, "")
    assert err.splitlines() == [
        "config.yml:3:5: features.smoke_test.mesage: unknown key (did you mean 'message'?)",
        "config.yml:4:3: features.orderz: no such feature",
    ]


def in_shell(script: str, cwd: Path, unbuffered: str) -> tuple[int, str, str]:
    env = {**os.environ, "PYTHONUNBUFFERED": unbuffered, "PYTHON": sys.executable}
    command = ["bash", "-c", f'petsage() {{ "$PYTHON" -m petsage "$@"; }}; set -o pipefail; {script}']
    done = subprocess.run(command, cwd=cwd, env=env, check=False, capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_that_goes_away_does_no_harm(project: Project, unbuffered: str) -> None:
    _, out, err = in_shell("petsage openapi | head -c 1", project.path, unbuffered)
    assert (out, err) == ("{", "")


@pytest.mark.parametrize("command", ["openapi", "config show", "--help"])
def test_a_reader_that_is_gone_before_anything_is_written_does_no_harm(project: Project, command: str) -> None:
    script = f"{{ while [ ! -e gone ]; do :; done; petsage {command}; }} | {{ exec <&-; touch gone; }}"
    assert in_shell(script, project.path, "") == (1, "", "")


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("command", ["openapi", "config show"])
def test_a_full_disk_is_reported(project: Project, command: str, unbuffered: str) -> None:
    expected = "petsage: unexpected OSError: [Errno 28] No space left on device (petsage --traceback … shows where)\n"
    assert in_shell(f"petsage {command} > /dev/full", project.path, unbuffered) == (1, "", expected)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize(
    "arguments",
    [
        ("serve", "--port", "0"),
        ("config", "check"),
        ("emit", "compose"),
        ("openapi",),
        ("smoke",),
        ("feature", "list"),
        ("feature", "new", "orders", "--description", "Orders.", "--requires", "none"),
    ],
    ids=" ".join,
)
def test_every_command_reports_an_interruption_alike(
    project: Project, arguments: tuple[str, ...], number: signal.Signals
) -> None:
    project.add_feature(
        "slow.py",
        """
        import time
        from pathlib import Path
        Path("importing").touch()
        time.sleep(60)
        """,
    )
    with running(*arguments, cwd=project.path) as process:
        await_file(project.path / "importing")
        process.send_signal(number)
        assert process.communicate(timeout=30) == ("", "interrupted\n")
        assert process.returncode == 130


def await_file(file: Path) -> None:
    end = time.monotonic() + 30
    while not file.exists():
        assert time.monotonic() < end, f"{file} was not written"
        time.sleep(0.01)
