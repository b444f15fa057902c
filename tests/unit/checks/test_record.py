import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from petsage.checks import (
    CheckFailed,
    CheckSpec,
    CheckSpecError,
    CheckState,
    CheckWarning,
    Monitor,
    Probe,
    Severity,
    Status,
)
from petsage.probes.report import report_probe
from tests.support.checks import SELDOM, Clock, Scripted, until

pytestmark = pytest.mark.usefixtures("no_stall_detection")

WALL = 1_795_400_000.0
NOON = datetime.fromtimestamp(WALL, UTC)
PASS, WARN, FAIL, PENDING = Status.PASS, Status.WARN, Status.FAIL, Status.PENDING
DOWN = CheckFailed("down")


async def test_a_check_is_pending_before_its_first_result() -> None:
    monitor = Monitor([CheckSpec("db", Scripted(), probes=("live", "ready"))], wall=Clock(WALL))
    assert monitor.snapshot().checks == {
        "db": CheckState(
            name="db", status=PENDING, probes=(Probe.LIVE, Probe.READY), severity=Severity.CRITICAL, since=NOON
        )
    }


async def test_a_result_is_shown_with_all_that_its_run_was() -> None:
    clock, wall = Clock(), Clock(WALL)
    spec = CheckSpec("db", Scripted([{"latency_ms": 3.1}]), interval=SELDOM, severity="degraded")
    async with Monitor([spec], clock=clock, wall=wall) as monitor:
        wall.now += 5
        detail = (await monitor.fresh()).checks["db"]
    assert detail.duration_ms is not None
    assert detail == CheckState(
        name="db",
        status=PASS,
        probes=(Probe.READY,),
        severity=Severity.DEGRADED,
        since=NOON + timedelta(seconds=5),
        ref=None,
        reason=None,
        last_run=NOON + timedelta(seconds=5),
        duration_ms=detail.duration_ms,
        consecutive_failures=0,
        observed={"latency_ms": 3.1},
    )


@pytest.mark.parametrize(
    ("outcome", "status", "reason"),
    [
        (CheckFailed("refused"), FAIL, "refused"),
        (CheckFailed("two\nlines"), FAIL, "two lines"),
        (CheckFailed(), FAIL, None),
        (CheckWarning("nearly full"), WARN, "nearly full"),
        (
            CheckFailed("no answer from redis://app:s3cret@db:6379/0"),
            FAIL,
            "no answer from redis://app:********@db:6379/0",
        ),
        (ConnectionRefusedError("redis://app:s3cret@db"), FAIL, "ConnectionRefusedError"),
        (asyncio.CancelledError(), FAIL, "CancelledError"),
    ],
)
async def test_only_the_two_exceptions_of_checks_have_a_public_text(
    outcome: BaseException, status: Status, reason: str | None
) -> None:
    async with Monitor([CheckSpec("db", Scripted([outcome]), interval=SELDOM)]) as monitor:
        state = (await monitor.fresh()).checks["db"]
    assert (state.status, state.reason) == (status, reason)
    assert state.ref is not None
    assert len(bytes.fromhex(state.ref)) == 4


async def statuses(spec: CheckSpec, runs: int) -> list[Status]:
    async with Monitor([spec]) as monitor:
        return [(await monitor.fresh()).checks[spec.name].status for _ in range(runs)]


async def test_fall_and_rise_turn_the_state_exactly_when_they_should() -> None:
    flapping = [None, DOWN, DOWN, None, DOWN, DOWN, DOWN, None, DOWN, None, None, DOWN, DOWN, DOWN]
    spec = CheckSpec("db", Scripted(list(flapping)), interval=SELDOM, fall=3, rise=2)
    assert await statuses(spec, len(flapping)) == [
        *(PASS, PASS, PASS, PASS, PASS, PASS, FAIL),
        *(FAIL, FAIL, FAIL, PASS, PASS, PASS, FAIL),
    ]


async def test_the_first_result_counts_at_once_whatever_fall_and_rise_are() -> None:
    assert await statuses(CheckSpec("db", Scripted([DOWN, None, None]), interval=SELDOM, fall=3, rise=2), 3) == [
        *(FAIL, FAIL, PASS)
    ]
    assert await statuses(CheckSpec("db", Scripted([None]), interval=SELDOM, fall=3, rise=2), 1) == [PASS]


async def test_a_warning_holds_and_shows_at_once() -> None:
    tight = CheckWarning("tight")
    spec = CheckSpec("disk", Scripted([None, tight, DOWN, tight, DOWN, DOWN]), interval=SELDOM, fall=2)
    assert await statuses(spec, 6) == [PASS, WARN, WARN, WARN, WARN, FAIL]


async def test_consecutive_failures_are_counted_before_they_turn_the_state() -> None:
    spec = CheckSpec("db", Scripted([None, DOWN, DOWN, DOWN, None]), interval=SELDOM, fall=3)
    async with Monitor([spec]) as monitor:
        counted = [(await monitor.fresh()).checks["db"].consecutive_failures for _ in range(5)]
    assert counted == [0, 1, 2, 3, 0]


async def test_a_snapshot_is_the_same_object_until_a_state_changes() -> None:
    spec = CheckSpec("db", Scripted([None, None, DOWN, DOWN, CheckFailed("gone")]), interval=SELDOM)
    async with Monitor([spec]) as monitor:
        seen, details = [monitor.snapshot()], [monitor.details()]
        for _ in range(5):
            details.append(await monitor.fresh())
            seen.append(monitor.snapshot())
            assert (seen[-1], details[-1]) == (monitor.snapshot(), monitor.details())
    assert [earlier is later for earlier, later in pairwise(seen)] == [
        False,
        True,
        False,
        True,
        False,
    ]
    assert len({id(detail) for detail in details}) == 6


async def test_a_ref_lasts_as_long_as_the_status() -> None:
    spec = CheckSpec("db", Scripted([DOWN, CheckFailed("gone"), None, DOWN]), interval=SELDOM)
    async with Monitor([spec]) as monitor:
        first, second, third, fourth = [(await monitor.fresh()).checks["db"].ref for _ in range(4)]
    assert first == second != fourth
    assert third is None


async def test_a_state_goes_stale_when_no_result_comes_and_recovers_with_the_next() -> None:
    clock = Clock()
    spec = CheckSpec("db", Scripted(), interval=SELDOM, max_age=30, rise=3)
    async with Monitor([spec], clock=clock) as monitor:
        await monitor.fresh()
        clock.now += 29.9
        assert monitor.snapshot().checks["db"].status == PASS
        clock.now += 0.1
        for checks in (monitor.snapshot().checks, monitor.details().checks):
            assert (checks["db"].status, checks["db"].reason) == (FAIL, "stale")
        assert (await monitor.fresh()).checks["db"].status == PASS


async def test_a_pending_check_goes_stale_too() -> None:
    clock = Clock()
    async with Monitor(clock=clock) as monitor:
        monitor.add(CheckSpec("self", Scripted(), probes=("live",), interval=1, timeout=1))
        assert report_probe(monitor.snapshot(), Probe.LIVE)[:4] == (PASS, (), ("self",), ())
        clock.now += 3
        assert report_probe(monitor.snapshot(), Probe.LIVE)[:4] == (FAIL, ("self",), (), ())


async def test_nothing_ages_before_the_monitor_is_entered() -> None:
    clock = Clock()
    monitor = Monitor([CheckSpec("db", Scripted())], clock=clock)
    clock.now += 1_000_000
    assert monitor.snapshot().checks["db"].status == PENDING


async def test_no_probe_is_green_after_max_age_when_the_monitor_has_died() -> None:
    clock = Clock()
    specs = [CheckSpec(f"check{number}", Scripted(), probes=tuple(Probe), interval=0.01) for number in range(20)]
    async with Monitor(specs, clock=clock) as monitor:
        await monitor.fresh()
        monitor._scheduler.close()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        clock.now += specs[0].lifetime()
        for probe in Probe:
            names = tuple(spec.name for spec in specs)
            assert report_probe(monitor.snapshot(), probe)[:4] == (FAIL, names, (), ())


async def test_nothing_is_green_long_after_the_monitor_was_left() -> None:
    clock = Clock()
    async with Monitor([CheckSpec("db", Scripted())], clock=clock) as monitor:
        await monitor.fresh()
    assert monitor.snapshot().checks["db"].status == PASS
    clock.now += 22
    assert monitor.snapshot().checks["db"].status == FAIL


@pytest.mark.parametrize("step", [-1e9, 1e9])
async def test_a_step_of_the_wall_clock_changes_no_verdict(step: float) -> None:
    clock, wall = Clock(), Clock(WALL)
    async with Monitor([CheckSpec("db", Scripted(), interval=SELDOM, max_age=30)], clock=clock, wall=wall) as monitor:
        await monitor.fresh()
        before = monitor.snapshot()
        wall.now += step
        assert monitor.snapshot() is before
        clock.now += 30
        assert monitor.snapshot().checks["db"].status == FAIL


async def test_only_the_state_that_aged_goes_stale() -> None:
    clock = Clock()
    specs = [CheckSpec("old", Scripted(), interval=SELDOM, max_age=10), CheckSpec("new", Scripted(), interval=SELDOM)]
    async with Monitor(specs, clock=clock) as monitor:
        await monitor.fresh()
        clock.now += 10
        assert {name: state.status for name, state in monitor.snapshot().checks.items()} == {"old": FAIL, "new": PASS}
        await monitor.fresh(["old"])
        clock.now += 10
        assert {name: state.status for name, state in monitor.snapshot().checks.items()} == {"old": FAIL, "new": PASS}


async def test_a_duplicate_name_is_an_error_that_names_both_places() -> None:
    monitor = Monitor([CheckSpec("db", Scripted(), origin="feature orders")])
    with pytest.raises(CheckSpecError) as caught:
        monitor.add(CheckSpec("db", Scripted(), origin="config.yml line 9"))
    assert str(caught.value) == "check 'db': two checks have this name: feature orders and config.yml line 9"


async def test_a_check_that_is_not_enabled_is_not_there() -> None:
    check = Scripted()
    async with Monitor([CheckSpec("db", check, enabled=False)]) as monitor:
        assert ((await monitor.fresh()).checks, monitor.snapshot().checks, check.runs) == ({}, {}, 0)


async def test_a_check_that_is_added_later_is_run() -> None:
    async with Monitor([CheckSpec("one", Scripted())]) as monitor:
        before = monitor.snapshot()
        monitor.add(CheckSpec("two", Scripted()))
        assert monitor.snapshot() is not before
        await until(lambda: [state.status for state in monitor.snapshot().checks.values()] == [PASS, PASS])


def blocking() -> dict[str, object]:
    return {"by": "a function"}


async def asynchronous() -> dict[str, object]:
    return {"by": "a coroutine function"}


class Blocking:
    def run(self) -> dict[str, object]:
        return {"by": "a blocking method"}


class Callable_:  # noqa: N801 (the name of the type it is an example of)
    async def __call__(self) -> dict[str, object]:
        return {"by": "a callable object"}


@pytest.mark.parametrize(
    ("check", "by"),
    [
        (blocking, "a function"),
        (asynchronous, "a coroutine function"),
        (lambda: asynchronous(), "a coroutine function"),  # noqa: PLW0108 (a plain function that returns an awaitable)
        (Blocking(), "a blocking method"),
        (Callable_(), "a callable object"),
    ],
)
async def test_a_check_is_whatever_can_be_run(check: Callable[[], object], by: str) -> None:
    async with Monitor([CheckSpec("db", check, interval=SELDOM)]) as monitor:
        detail = (await monitor.fresh(deadline=10)).checks["db"]
    assert (detail.status, detail.observed) == (PASS, {"by": by})
