"""Whatever standard output and standard error are, the exit status is the verdict and nothing breaks."""

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from tests.support.command_line import command, passing, peer
from tests.support.peers import closed_port
from tests.support.timeouts import retry_with_longer_timeouts

OFTEN = ["--interval", "20ms"]
CHECKS = "checks: {self: {kind: disk, path: /}, gone: {kind: file, path: nothing}}\n"


def at_a_terminal(
    arguments: list[str], cwd: Path, columns: int = 80, environment: dict[str, str] | None = None
) -> tuple[int, str]:
    """Run a command whose only window to the world is a terminal; return its exit status and what it wrote."""
    own, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 10, columns, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-m", "petsage", *arguments],
        cwd=cwd,
        env={**os.environ, "TERM": "xterm-256color", **(environment or {})},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    written = b""
    try:
        while piece := os.read(own, 65536):
            written += piece
    except OSError:  # the other end is closed
        pass
    finally:
        os.close(own)
    return process.wait(30), written.decode("utf-8", "backslashreplace")


def shell(line: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a line of bash, in which `petsage` is ours."""
    function = f'petsage() {{ "{sys.executable}" -m petsage "$@"; }}; set -o pipefail; {line}'
    whole = {**os.environ, **environment}
    return subprocess.run(["bash", "-c", function], cwd=cwd, env=whole, check=False, capture_output=True, text=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "config.yml").write_text(CHECKS)
    return tmp_path


def test_a_terminal_shows_who_is_awaited_and_is_left_clean(folder: Path) -> None:
    gone = f"http://127.0.0.1:{closed_port()}/readyz"
    with peer(passing) as web:
        status, written = retry_with_longer_timeouts(
            lambda timeout: at_a_terminal(["wait", web.url, gone, *OFTEN, "--timeout", timeout], folder, columns=120),
            lambda said: all(text in said[1] for text in (f"{web.url}/readyz pass", f"{gone} refused")),
        )
    assert status == 1
    shown, _, told = written.partition("not ready after")
    assert "ok " in shown
    assert f"{web.url}/readyz pass" in shown
    assert f"{gone} refused: connection refused" in shown
    assert "\x1b[?25h" in shown  # the cursor is shown again
    assert "\x1b" not in told


@pytest.mark.parametrize(("columns", "environment"), [(20, {}), (80, {"NO_COLOR": "1"}), (80, {"TERM": "dumb"})])
def test_a_narrow_a_colourless_and_a_dumb_terminal_do_no_harm(
    folder: Path, columns: int, environment: dict[str, str]
) -> None:
    wait = ["wait", "--config", "config.yml", *OFTEN]
    status, written = retry_with_longer_timeouts(
        lambda timeout: at_a_terminal([*wait, "--timeout", timeout], folder, columns, environment),
        lambda said: "gone: fail: " in said[1],
    )
    assert status == 1
    assert "gone: fail: " in written
    assert "Traceback" not in written
    if environment:
        assert "\x1b[32m" not in written
        assert "\x1b[33m" not in written


def test_smoke_shows_its_progress_at_a_terminal_and_then_the_report(folder: Path) -> None:
    status, written = at_a_terminal(["smoke", "--exclude", "gone"], folder)
    assert status == 0
    assert "\x1b[?25h" in written
    assert written.rpartition("\r\n")[0].rpartition("\n")[2].startswith("passed: 2 checks, in ")


WAIT = ("wait --config config.yml --timeout 300ms", 1)


@pytest.mark.parametrize(
    ("arguments", "status", "redirection"),
    [
        (*WAIT, "2>&-"),
        (*WAIT, "2>&1 | true"),
        ("smoke --only self", 0, ">&- 2>&- <&-"),
        ("smoke --format tap", 1, "| true"),
        ("smoke --only self", 0, "> /dev/full"),
    ],
)
def test_a_closed_a_broken_and_a_full_stream_change_no_verdict(
    folder: Path, arguments: str, status: int, redirection: str
) -> None:
    done = shell(f"petsage {arguments} {redirection}", folder)
    assert done.returncode == status
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


@pytest.mark.parametrize("name", ["wait", "smoke", "emit", "completion"])
def test_each_command_explains_itself(capsys: pytest.CaptureFixture[str], name: str) -> None:
    done = command(capsys, name, "--help")
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith(f"usage: petsage {name}")
    assert "examples:" in done.out


def test_a_poor_encoding_does_no_harm(folder: Path) -> None:
    (folder / "config.yml").write_text("checks: {gone: {kind: file, path: H\u00e4kelchen\u2713}}\n")
    told = "H\\xe4kelchen\\u2713"
    poor = {"LC_ALL": "C", "PYTHONIOENCODING": "ascii"}
    done = retry_with_longer_timeouts(
        lambda timeout: shell(f"petsage wait --config config.yml --timeout {timeout}", folder, **poor),
        lambda said: told in said.stderr,
    )
    assert done.returncode == 1
    assert told in done.stderr


def test_zsh_has_a_script_as_well(capsys: pytest.CaptureFixture[str]) -> None:
    done = command(capsys, "completion", "zsh")
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith("#compdef petsage\n")
    assert "--retry-for" in done.out


def test_bash_completes_commands_options_choices_and_files(folder: Path) -> None:
    done = shell("petsage completion bash > completion", folder)
    assert (done.returncode, done.stderr) == (0, "")
    script = """
        source completion
        complete_line() {
            COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
            _shtab_petsage
            echo "${COMPREPLY[@]}"
        }
        complete_line petsage sm
        complete_line petsage smoke --retr
        complete_line petsage smoke --format ju
        complete_line petsage smoke --config conf
        complete_line petsage emit kub
    """
    said = shell(script, folder)
    assert said.stdout.split() == ["smoke", "--retry-for", "junit", "config.yml", "kubernetes"]
