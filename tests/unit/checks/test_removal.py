"""Checks that are taken away again while the monitor runs."""

from petsage.checks import CheckSpec, Monitor, Status
from tests.support.checks import Gated, Scripted, until


async def test_a_removed_check_is_neither_run_nor_reported_again() -> None:
    gone, stays = Scripted(), Scripted()
    async with Monitor([CheckSpec("gone", gone, interval=0.01), CheckSpec("stays", stays, interval=0.01)]) as monitor:
        await until(lambda: gone.runs and stays.runs)
        monitor.remove("gone")
        runs, seen = gone.runs, stays.runs
        assert list(monitor.snapshot().checks) == ["stays"]
        await until(lambda: stays.runs > seen + 5)
        assert gone.runs == runs
        assert monitor.snapshot().checks["stays"].status is Status.PASS


async def test_a_run_in_flight_ends_with_its_check() -> None:
    check = Gated()
    async with Monitor([CheckSpec("gone", check)]) as monitor:
        await until(lambda: check.in_flight)
        monitor.remove("gone")
        await until(lambda: not check.in_flight)
        assert (check.runs, dict(monitor.snapshot().checks), dict(monitor.details().checks)) == (1, {}, {})


async def test_its_name_is_free_again_and_an_unknown_one_is_no_mistake() -> None:
    monitor = Monitor([CheckSpec("db", Scripted())])
    monitor.remove("db")
    monitor.remove("db")
    monitor.add(CheckSpec("db", Scripted()))
    assert list(monitor.snapshot().checks) == ["db"]
