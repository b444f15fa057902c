"""A feature comes out whole, or nothing does; nothing is ever overwritten."""

import fcntl
import os
import pty
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from petsage.builder.render import render
from tests.support.builder import FEW_PLUGINS, ORIGINAL, Done, built, files, petsage, put, request
from tests.support.command_line import command
from tests.support.require import without_capabilities

GROOMING = ("feature", "new", "grooming", "--description", "Book appointments.")
NOT_COMPILED = {"PYTHONDONTWRITEBYTECODE": "1"}
"""Where features are there already: Python keeps what it imports beside them, compiled."""


Ask = Callable[..., Done]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Ask:
    """Run a command in this process: one that builds and starts nothing needs none of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    return lambda *arguments: Done(*command(capsys, *arguments))


def tree(feature: str) -> str:
    names = [name for name in built(feature) if "/" not in name]
    tests = ["__init__.py", f"test_{feature}.py"]
    return "\n".join(
        [f"features/{feature}/", *(f"  {name}" for name in names), "  tests/", *(f"    {name}" for name in tests)]
    )


def test_a_feature_is_built_into_the_first_feature_path_with_the_bytes_of_its_request(tmp_path: Path) -> None:
    done = petsage(*GROOMING, cwd=tmp_path)
    assert done == (0, f"{tree('grooming')}\n\nnext: petsage serve\n", "")
    assert files(tmp_path) == [f"features/grooming/{name}" for name in built("grooming")]
    folder = tmp_path / "features" / "grooming"
    assert {name: (folder / name).read_text() for name in built("grooming")} == render(request())


def test_a_request_comes_from_standard_input_and_the_folder_may_be_another(tmp_path: Path) -> None:
    (tmp_path / "config.yml").write_text("features: {smoke_test: {built_in: false}}\n")
    done = petsage("feature", "new", "--from", "-", "--into", "more/of them", cwd=tmp_path, stdin=ORIGINAL)
    assert (done.status, done.err) == (0, "")
    hint = "more/of them is not among feature_paths: add it there to have the feature found"
    assert done.out.endswith(f"\n\n{hint}\n\nnext: petsage serve\n")
    assert files(tmp_path / "more" / "of them") == [f"smoke_test/{name}" for name in built("smoke_test")]


def test_a_dry_run_shows_the_tree_and_the_texts_and_writes_nothing(tmp_path: Path) -> None:
    done = petsage(*GROOMING, "--dry-run", cwd=tmp_path)
    texts = "".join(f"\n==> features/grooming/{name} <==\n{text}" for name, text in render(request()).items())
    assert done == (0, f"{tree('grooming')}\n{texts}", "")
    assert files(tmp_path) == []


def test_a_dry_run_is_shown_whatever_the_terminal_can_write(tmp_path: Path) -> None:
    arguments = ("feature", "new", "grooming", "--description", "Größe ✂", "--dry-run")
    done = petsage(*arguments, cwd=tmp_path, PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert (done.status, done.err) == (0, "")
    assert "Gr\\xf6\\xdfe \\u2702" in done.out


@pytest.mark.parametrize("taken", ["grooming/__init__.py", "grooming.py", "grooming/notes.txt"])
def test_what_is_there_is_never_overwritten(tmp_path: Path, taken: str, here: Ask) -> None:
    path = tmp_path / "features" / taken
    path.parent.mkdir(parents=True)
    path.write_text("setup = 1\n")
    there = path if taken == "grooming.py" else path.parent
    told = f"{there} exists already, and is never overwritten: choose another name, or remove it\n"
    assert here(*GROOMING) == (1, "", told)
    assert files(tmp_path) == [f"features/{taken}"]


def test_a_feature_of_another_folder_and_a_built_in_one_are_refused(tmp_path: Path, here: Ask) -> None:
    (tmp_path / "config.yml").write_text("feature_paths: [a, b]\n")
    put(tmp_path / "b")
    other = here(*GROOMING)
    built_in = here("feature", "new", "smoke_test", "--description", "x")
    assert other == (1, "", f"there is a feature 'grooming' already: {tmp_path}/b/grooming/__init__.py\n")
    way_out = "to replace it, write 'features: {smoke_test: {built_in: false}}' into config.yml"
    assert built_in == (1, "", f"PetSage has a feature 'smoke_test' built in: {way_out}\n")
    assert not (tmp_path / "a").exists()


def test_a_path_that_another_feature_has_taken_is_found_before_anything_is_there(tmp_path: Path) -> None:
    features = tmp_path / "features"
    features.mkdir()
    features.joinpath("salon.py").write_text(
        "from aiohttp import web\nfrom petsage.feature import Contribution\n"
        "async def cut(request): ...\ndef setup(core): return Contribution(routes=[web.get('/grooming', cut)])\n"
    )
    done = petsage(*GROOMING, cwd=tmp_path, **NOT_COMPILED)
    assert done == (1, "", "grooming was not built: mount: GET /grooming is taken\n")
    assert files(tmp_path) == ["features/salon.py"]


def test_a_missing_distribution_does_not_keep_it_from_being_built_and_is_what_to_type_next(tmp_path: Path) -> None:
    done = petsage(*GROOMING, "--requires", "package: no-such-thing >= 2", "redis", cwd=tmp_path)
    assert done == (0, f"{tree('grooming')}\n\nnext: pip install 'no-such-thing>=2'\n", "")
    listed = petsage("feature", "list", cwd=tmp_path)
    assert listed.status == 1
    assert "setup: it needs no-such-thing>=2 (not installed): pip install 'no-such-thing>=2' [ref " in listed.err


def test_all_mistakes_are_reported_and_misuse_exits_with_2(here: Ask) -> None:
    wrong = here("feature", "new", "class", "--requires", "redsi")
    told = (
        "feature: 'class' cannot be a feature's name: it is a keyword of Python (try 'class_feature')\n"
        "description: is missing: say in a sentence what the feature is for\n"
        "requirements: unknown requirement 'redsi' (did you mean 'redis'?)\n"
    )
    assert wrong == (1, "", told)
    assert here("feature", "new").status == 2
    assert here("feature", "new", "a1", "--from", "x.yml").status == 2
    absent = here("feature", "new", "--from", "x.yml")
    assert (absent.status, absent.err) == (1, "x.yml: no such file\n")


def _full_disk() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))


def test_a_full_disk_leaves_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "petsage", *GROOMING]
    done = subprocess.run(command, cwd=tmp_path, preexec_fn=_full_disk, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.endswith(": File too large: nothing was built\n")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    command = [*without_capabilities(), sys.executable, "-m", "petsage", *GROOMING]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    told = f"{tmp_path}/features: Permission denied: nothing was built\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", told)


def _at_a_terminal(
    command: list[str], cwd: Path, said: Callable[[str, subprocess.Popen[bytes]], None]
) -> tuple[int, str]:
    """Run a command whose standard error is a terminal; `said` hears of all it has said so far."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        command,
        cwd=cwd,
        env={**os.environ, **FEW_PLUGINS},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    fcntl.fcntl(ours, fcntl.F_SETFL, fcntl.fcntl(ours, fcntl.F_GETFL) & ~os.O_NONBLOCK)
    text = ""
    with os.fdopen(ours, "rb", buffering=0) as terminal:
        while more := _read(terminal.fileno()):
            text += more.decode()
            said(text, process)
    return process.wait(60), text.replace("\r\n", "\n")


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 4096)
    except OSError:  # what Linux says when the other side of a terminal is closed
        return b""


def test_a_terminal_sees_a_line_a_step(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "petsage", *GROOMING]
    status, text = _at_a_terminal(command, tmp_path, lambda *_: None)
    steps = ["writing 9 files", "importing it", "mounting it beside the other features", "starting it"]
    steps += ["reading its API document", "running its tests"]
    assert (status, text.splitlines()) == (0, [f"… {step}" for step in steps])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_leaves_nothing(tmp_path: Path, number: signal.Signals) -> None:
    sent: list[int] = []

    def interrupt(text: str, process: subprocess.Popen[bytes]) -> None:
        if "running its tests" in text and not sent:
            sent.append(number)
            process.send_signal(number)

    status, text = _at_a_terminal([sys.executable, "-m", "petsage", *GROOMING], tmp_path, interrupt)
    assert (status, sent, "Traceback" in text) == (130, [number], False)
    assert list(tmp_path.iterdir()) == []


def test_a_template_that_makes_no_working_feature_leaves_nothing(tmp_path: Path) -> None:
    """Whoever changes the templates is told what does not work, with the tests' own words."""
    program = (
        "import shutil, sys, pathlib; from petsage.builder import render; from petsage.cli import main;"
        "shutil.copytree(render.TEMPLATES, 'templates'); render.TEMPLATES = pathlib.Path('templates').absolute();"
        "wrong = render.TEMPLATES / 'feature/service.py.j2';"
        "wrong.write_text(wrong.read_text().replace('= \"ok\"', '= \"fine\"'));"
        f"sys.exit(main({list(GROOMING)!r}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={**os.environ, **FEW_PLUGINS},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("grooming was not built: its tests: 2 failed, 1 passed in ")
    assert "Must be equal to ok" in done.stderr
    assert not (tmp_path / "features").exists()
