"""`Monitor(only=…)`: a filter decides for each check that is added whether it is run."""

import pytest

from petsage.checks import CheckSpec, CheckSpecError, Monitor
from tests.support.checks import SELDOM, Scripted


async def test_a_monitor_runs_only_the_checks_that_its_filter_accepts() -> None:
    db, cache, late = Scripted(), Scripted(), Scripted()
    specs = [CheckSpec("db", db, interval=SELDOM), CheckSpec("cache", cache, interval=SELDOM)]
    async with Monitor(specs, only=lambda spec: spec.name != "cache") as monitor:
        monitor.add(CheckSpec("late", late, interval=SELDOM))
        assert [*(await monitor.fresh()).checks] == ["db", "late"]
    assert (db.runs > 0, cache.runs, late.runs > 0) == (True, 0, True)


def test_a_check_that_is_not_run_keeps_its_name() -> None:
    monitor = Monitor([CheckSpec("db", Scripted())], only=lambda _: False)
    assert monitor.snapshot().checks == {}
    with pytest.raises(CheckSpecError, match="two checks have this name"):
        monitor.add(CheckSpec("db", Scripted()))


def test_a_filter_cannot_enable_a_disabled_check() -> None:
    monitor = Monitor([CheckSpec("db", Scripted(), enabled=False)], only=lambda _: True)
    assert monitor.snapshot().checks == {}
