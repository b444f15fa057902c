"""A task of a check that raises `SystemExit` or `KeyboardInterrupt` stops the event loop, and no command."""

import asyncio
import os
import re
import signal
from typing import NoReturn

import pytest

from petsage.runtime import event_loop
from tests.support.command_line import Done, command
from tests.support.project import Project

pytest_plugins = ["pytester"]

CHECKS = """
import asyncio
from petsage.checks import CheckSpec
from petsage.feature import Contribution

async def raising(error):
    raise error

async def child(error):
    async with asyncio.TaskGroup() as group:
        group.create_task(raising(error))
        await asyncio.sleep(10)

def setup(core):
    return Contribution(checks=[
        CheckSpec("exits", lambda: child(SystemExit(3))),
        CheckSpec("interrupts", lambda: child(KeyboardInterrupt())),
        CheckSpec("holds", lambda: asyncio.sleep(0)),
    ])
"""


@pytest.fixture
def feature(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.chdir(project.path)
    project.add_feature("stopping.py", CHECKS)
    return project


def test_the_smoke_test_reports_all_checks(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture, feature: Project
) -> None:
    done = command(capsys, "smoke")
    done = Done(done.status, re.sub(r" +\d+\.\d ms", " MS", done.out), done.err)
    assert done.status == 1
    assert done.out.splitlines() == [
        "pass  features",
        "FAIL  stopping.exits MS  SystemExit",
        "FAIL  stopping.interrupts MS  KeyboardInterrupt",
        "pass  stopping.holds MS",
        "failed: stopping.exits, stopping.interrupts; 2 of 4 checks failed, in T",
    ]
    logged = [record.getMessage() for record in caplog.records if record.name == "petsage.runtime.event_loop"]
    assert sorted(logged) == [
        f"a task raised {error} and ended; others continue" for error in ("KeyboardInterrupt()", "SystemExit(3)")
    ]


def test_checks_as_tests_have_their_results(pytester: pytest.Pytester) -> None:
    pytester.mkdir("features").joinpath("stopping.py").write_text(CHECKS)
    pytester.path.joinpath("config.yml").touch()
    plugins = ("-p", "no:randomly", "-p", "no:xdist", "-p", "no:cacheprovider", "-p", "no:asyncio", "-p", "no:aiohttp")
    result = pytester.runpytest_inprocess(*plugins, "--petsage-smoke", "config.yml")
    result.assert_outcomes(passed=2, failed=2)


def test_a_signal_ends_the_run() -> None:
    def handler(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    async def main() -> None:
        asyncio.get_running_loop().call_soon(os.kill, os.getpid(), signal.SIGTERM)
        await asyncio.sleep(10)

    before = signal.signal(signal.SIGTERM, handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            event_loop.run(main())
    finally:
        signal.signal(signal.SIGTERM, before)


def test_ctrl_c_cancels_what_runs_and_ends_it() -> None:
    left = []

    async def main() -> None:
        asyncio.get_running_loop().call_soon(os.kill, os.getpid(), signal.SIGINT)
        try:
            await asyncio.sleep(10)
        finally:
            left.append(True)

    with pytest.raises(KeyboardInterrupt):
        event_loop.run(main())
    assert left == [True]


@pytest.mark.parametrize("error", [SystemExit(3), KeyboardInterrupt(), ValueError("no")])
def test_what_the_main_coroutine_raises_is_raised(error: BaseException) -> None:
    async def main() -> NoReturn:
        raise error

    with pytest.raises(type(error)):
        event_loop.run(main())


def test_the_result_is_returned() -> None:
    async def main() -> int:
        return 42

    assert event_loop.run(main()) == 42
