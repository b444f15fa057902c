import asyncio
import os
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from petsage.checks.kinds.command import Command
from petsage.redaction.secret import Secret
from tests.support.peers import eventually, failure, failure_code, open_files, threads

SH = "/bin/sh"


def shell(script: str, *more: str, cwd: Path = Path()) -> Command:
    return Command(argv=(SH, "-c", script, *more), cwd=cwd)


def alive(pid: int) -> bool:
    with suppress(FileNotFoundError, ProcessLookupError):  # gone before it is opened, or before it is read
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def children() -> set[int]:
    """Return the processes whose parent we are, zombies too."""
    listed = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    return {int(pid) for pid in listed}


async def test_a_program_that_exits_with_0_holds_and_its_first_line_is_observed() -> None:
    assert await shell("echo; echo ' two '; echo three").run() == {"output": "two"}
    assert await shell("exit 0").run() is None


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("echo replication lags; echo more; exit 2", "replication lags"),
        ("echo on stderr >&2; exit 1", "on stderr"),
        ("exit 3", "exited with 3"),
        ("kill -SEGV $$", "killed by SIGSEGV"),
        ("kill -40 $$", "killed by signal 40"),
        ("printf 'a\\033[31mb\\377'; exit 1", r"a\x1b[31mb�"),
        ("head -c 5000 /dev/zero | tr '\\0' x; exit 1", "x" * 199 + "…"),
        ("yes", "killed because it wrote more than 1 MiB"),
    ],
)
async def test_the_reason_is_the_first_line_or_else_how_it_ended(script: str, reason: str) -> None:
    assert await failure(shell(script).run) == reason


async def test_a_program_that_cannot_be_started_says_why(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("x")
    (tmp_path / "odd").write_text("x")
    (tmp_path / "odd").chmod(0o755)
    assert await failure(Command(argv=("no-such-thing",)).run) == "no-such-thing: no such program"
    assert await failure(Command(argv=(f"{tmp_path}/plain",)).run) == f"{tmp_path}/plain: not executable"
    assert await failure(Command(argv=(f"{tmp_path}/odd",)).run) == f"{tmp_path}/odd: Exec format error"
    assert await failure(Command(argv=("true",), cwd=tmp_path / "x").run) == f"{tmp_path}/x: no such folder"
    assert await failure(Command(argv=("true",), cwd=tmp_path / "plain").run) == f"{tmp_path}/plain: Not a directory"
    argvs = ("no-such-thing",), (f"{tmp_path}/plain",), (f"{tmp_path}/odd",), ("false",)
    codes = [await failure_code(Command(argv=argv).run) for argv in argvs]
    assert codes == ["missing", "denied", "local", "status"]


async def test_no_shell_sees_the_arguments(tmp_path: Path) -> None:
    check = Command(argv=("printf", "%s", "$HOME; `id` *"), cwd=tmp_path)
    assert await check.run() == {"output": "$HOME; `id` *"}


async def test_it_runs_in_its_folder_where_relative_programs_start(tmp_path: Path) -> None:
    (tmp_path / "here").write_text("#!/bin/sh\npwd\n")
    (tmp_path / "here").chmod(0o755)
    assert await Command(argv=("./here",), cwd=tmp_path).run() == {"output": str(tmp_path)}


async def test_its_environment_is_the_servers_with_its_own_over_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INHERITED", "1")
    monkeypatch.setenv("REPLACED", "1")
    env = {"REPLACED": Secret("2"), "ADDED": Secret("3")}
    check = Command(argv=(SH, "-c", "echo $INHERITED$REPLACED$ADDED"), env=env)
    assert await check.run() == {"output": "123"}


async def test_it_reads_nothing_and_has_a_session_of_its_own() -> None:
    program = "import os, sys; print(sys.stdin.read() == '', os.getsid(0) == os.getpid())"
    assert await Command(argv=(sys.executable, "-c", program)).run() == {"output": "True True"}


async def test_cancelled_it_kills_the_group_and_leaves_no_zombie(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    before = children()
    run = asyncio.ensure_future(shell('sleep 60 & trap "" TERM; echo $$ $! >pids; wait; sleep 60', cwd=tmp_path).run())
    await eventually(lambda: pids.exists() and pids.read_text().endswith("\n"))
    family = [int(pid) for pid in pids.read_text().split()]
    assert all(alive(pid) for pid in family)
    run.cancel()
    await asyncio.wait([run])
    assert run.cancelled()
    await eventually(lambda: not any(alive(pid) for pid in family))
    assert children() <= before


async def test_what_a_program_leaves_behind_is_killed_and_the_pipe_it_holds_not_waited_for(tmp_path: Path) -> None:
    check = shell("sleep 60 & echo $! >pid; echo done", cwd=tmp_path)
    assert await check.run() == {"output": "done"}
    await eventually(lambda: not alive(int((tmp_path / "pid").read_text())))


ESCAPE = """
import os, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        open("pid", "w").write(str(os.getpid()))
        os.rename("pid", "escaped")
        time.sleep(600)
    os._exit(0)
os.wait()
while not os.path.exists("escaped"):
    time.sleep(0.01)
print("left", flush=True)
time.sleep(float(sys.argv[1]))
"""


async def test_a_grandchild_that_escapes_with_the_pipe_is_killed_when_the_program_ends(tmp_path: Path) -> None:
    check = Command(argv=(sys.executable, "-c", ESCAPE, "0"), cwd=tmp_path)
    assert await check.run() == {"output": "left"}
    await eventually(lambda: not alive(int((tmp_path / "escaped").read_text())))


async def test_a_grandchild_that_escapes_is_killed_when_the_run_is_cancelled(tmp_path: Path) -> None:
    run = asyncio.ensure_future(Command(argv=(sys.executable, "-c", ESCAPE, "600"), cwd=tmp_path).run())
    await eventually((tmp_path / "escaped").exists)
    pid = int((tmp_path / "escaped").read_text())
    assert alive(pid)
    run.cancel()
    await asyncio.wait([run])
    assert run.cancelled()
    await eventually(lambda: not alive(pid))


async def test_other_processes_are_not_killed(tmp_path: Path) -> None:
    other = await asyncio.create_subprocess_exec("sleep", "600")
    check = Command(argv=(sys.executable, "-c", ESCAPE, "0"), cwd=tmp_path)
    assert await check.run() == {"output": "left"}
    assert alive(other.pid)
    other.kill()
    assert await other.wait() == -9


async def test_two_hundred_cancelled_runs_leave_neither_descriptors_nor_threads_nor_processes() -> None:
    await shell("exit 0").run()
    files, ran, started = open_files(), threads(), children()
    for turns in range(200):
        run = asyncio.ensure_future(shell("sleep 60").run())
        for _ in range(turns % 10):
            await asyncio.sleep(0)
        if turns % 20 == 19:
            await asyncio.sleep(0.005)
        run.cancel()
        await asyncio.wait([run])
        assert run.cancelled()
    await eventually(lambda: threads() - ran == set())
    assert open_files() - files == set()
    assert children() <= started


async def test_a_run_that_is_dropped_still_kills_its_program(tmp_path: Path) -> None:
    body = shell("echo $$ >pid; sleep 60", cwd=tmp_path).run()

    async def held() -> None:
        await body

    run = asyncio.ensure_future(held())
    await eventually(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text())
    pid = int((tmp_path / "pid").read_text())
    run.cancel()
    run.cancel()
    await asyncio.wait([run])
    await eventually(lambda: not alive(pid))
