"""Runs of checks: one at a time for each check, and no check delays another."""

import asyncio
import contextvars
import inspect
import logging
import os
import re
import socket
import threading
import time
from collections.abc import AsyncIterator, Coroutine, Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from petsage.checks import CheckFailed, CheckSpec, Code, Monitor, Probe, Status
from petsage.checks.model import Runnable
from petsage.checks.monitor import _ABANDON_GRACE_SECONDS, _CANCEL_GRACE_SECONDS
from petsage.probes.report import report_probe
from tests.support.checks import SELDOM, Gated, Scripted, threads_of_checks, until
from tests.support.peers import open_files

PASS, WARN, FAIL = Status.PASS, Status.WARN, Status.FAIL


class Deaf:
    """A check that hangs, and ignores being cancelled until it is let go."""

    def __init__(self) -> None:
        self.let_go = asyncio.Event()
        self.runs = 0

    async def run(self) -> None:
        self.runs += 1
        while not self.let_go.is_set():
            try:
                await self.let_go.wait()
            except asyncio.CancelledError:
                continue


class Stuck:
    """A blocking check that hangs until it is let go."""

    def __init__(self) -> None:
        self.let_go = threading.Event()
        self.runs = 0

    def __call__(self) -> None:
        self.runs += 1
        self.let_go.wait(30)


@pytest.fixture
def stuck() -> Iterator[Stuck]:
    stuck = Stuck()
    yield stuck
    stuck.let_go.set()


async def test_a_thousand_callers_of_a_fresh_run_share_one_execution() -> None:
    check = Gated()
    async with Monitor([CheckSpec("db", check, interval=SELDOM)]) as monitor:
        callers = [asyncio.create_task(monitor.fresh(deadline=10)) for _ in range(1000)]
        await until(lambda: check.runs)
        await asyncio.sleep(0.02)
        check.gate.set()
        answers = await asyncio.gather(*callers)
    assert check.runs == 1
    assert {answer.checks["db"].status for answer in answers} == {PASS}


async def test_only_a_run_that_began_after_the_call_is_fresh_and_those_who_wait_share_it() -> None:
    check = Gated()
    async with Monitor([CheckSpec("db", check, interval=SELDOM, timeout=60)]) as monitor:
        await until(lambda: check.in_flight)
        callers = [asyncio.create_task(monitor.fresh(deadline=60)) for _ in range(100)]
        await asyncio.sleep(0)
        assert check.runs == 1
        check.gate.set()
        await asyncio.gather(*callers)
        assert (check.runs, check.most_in_flight) == (2, 1)


async def test_a_run_that_began_within_the_floor_is_fresh_while_it_goes_on_and_afterwards() -> None:
    check = Gated()
    async with Monitor([CheckSpec("db", check, interval=SELDOM, timeout=60)]) as monitor:
        await until(lambda: check.in_flight)
        shared = asyncio.create_task(monitor.fresh(deadline=60, floor=SELDOM))
        await asyncio.sleep(0)
        check.gate.set()
        assert (await shared).checks["db"].status == PASS
        assert (await monitor.fresh(deadline=60, floor=SELDOM)).checks["db"].status == PASS
        assert check.runs == 1


async def test_no_run_begins_for_a_caller_that_does_not_want_it() -> None:
    check = Scripted()
    async with Monitor([CheckSpec("db", check, interval=SELDOM)]) as monitor:
        await until(lambda: monitor.snapshot().checks["db"].status == PASS)
        assert (await monitor.fresh(deadline=60, wanted=lambda: False)).checks["db"].status == PASS
        assert check.runs == 1
        await monitor.fresh(deadline=60, wanted=lambda: True)
        assert check.runs == 2


async def test_a_check_that_is_removed_while_it_is_awaited_is_not_run_again() -> None:
    check = Gated()
    async with Monitor([CheckSpec("db", check, interval=SELDOM, timeout=60)]) as monitor:
        await until(lambda: check.in_flight)
        waiting = asyncio.create_task(monitor.fresh(deadline=60))
        await asyncio.sleep(0)
        monitor.remove("db")
        assert (await waiting).checks == {}
        assert check.runs == 1


@pytest.mark.usefixtures("no_stall_detection")
async def test_a_fresh_run_answers_at_its_deadline_with_what_is_finished() -> None:
    quick, slow = Scripted([None, CheckFailed("down")]), Gated()
    slow.gate.set()
    specs = [CheckSpec("quick", quick, interval=SELDOM), CheckSpec("slow", slow, interval=SELDOM, timeout=30)]
    async with Monitor(specs) as monitor:
        first = await monitor.fresh(deadline=10)
        slow.gate.clear()
        second = await monitor.fresh(deadline=0.05)
        assert {name: detail.status for name, detail in second.checks.items()} == {"quick": FAIL, "slow": PASS}
        assert second.checks["slow"] == first.checks["slow"]
        slow.gate.set()
        third = await monitor.fresh(deadline=10)
    assert third.checks["slow"].last_run != first.checks["slow"].last_run
    assert slow.most_in_flight == 1


@pytest.mark.usefixtures("no_stall_detection")
async def test_a_fresh_run_may_be_of_some_checks_only() -> None:
    one, two = Scripted(), Scripted([None, CheckFailed("down")])
    async with Monitor([CheckSpec("one", one, interval=SELDOM), CheckSpec("two", two, interval=SELDOM)]) as monitor:
        await monitor.fresh()
        details = await monitor.fresh(["two"])
        assert (one.runs, two.runs) == (1, 2)
        assert {name: detail.status for name, detail in details.checks.items()} == {"one": PASS, "two": FAIL}
        with pytest.raises(KeyError, match="three"):
            await monitor.fresh(["three"])


async def test_a_caller_that_goes_away_takes_no_run_along(caplog: pytest.LogCaptureFixture) -> None:
    check = Gated()
    async with Monitor([CheckSpec("db", check, interval=SELDOM)]) as monitor:
        leaving = asyncio.create_task(monitor.fresh(deadline=10))
        staying = asyncio.create_task(monitor.fresh(deadline=10))
        await until(lambda: check.runs)
        leaving.cancel()
        await asyncio.wait([leaving])
        assert leaving.cancelled()
        check.gate.set()
        assert (await staying).checks["db"].status == PASS
    assert check.runs == 1
    assert [record.message for record in caplog.records if record.levelno > logging.INFO] == []


async def test_a_fresh_run_of_a_monitor_that_does_not_run_is_what_was_last_known() -> None:
    monitor = Monitor([CheckSpec("db", Scripted())])
    assert await monitor.fresh() is monitor.details()
    async with monitor:
        known = await monitor.fresh()
    assert await monitor.fresh() is known


def are_hung(monitor: Monitor, *names: str) -> bool:
    reasons = [monitor.snapshot().checks[name].reason or "" for name in names]
    return all(re.fullmatch(r"hung for \d+ s", reason) for reason in reasons)


async def test_hung_checks_do_not_delay_other_checks(stuck: Stuck) -> None:
    deaf, sound, earlier = Deaf(), Scripted(), threads_of_checks()
    specs = [
        CheckSpec("deaf", deaf, interval=0.02, timeout=0.02),
        CheckSpec("stuck", stuck, interval=0.02, timeout=0.02),
        CheckSpec("sound", sound, interval=0.02),
    ]
    async with Monitor(specs) as monitor:
        await until(lambda: are_hung(monitor, "deaf", "stuck"))
        await until(lambda: monitor.details().checks["stuck"].consecutive_failures > 3)
        await asyncio.get_running_loop().getaddrinfo("localhost", 80)
        tasks, files, ran = len(asyncio.all_tasks()), open_files(), sound.runs
        for _ in range(10_000):
            report = report_probe(monitor.snapshot(), Probe.READY)
            assert report[:4] == (FAIL, ("deaf", "stuck"), (), ())
        await until(lambda: sound.runs > ran + 5)
        assert len(await asyncio.get_running_loop().getaddrinfo("localhost", 80)) > 0
        assert [thread.name for thread in threads_of_checks() - earlier] == ["check stuck"]
        assert open_files() - files == set()
        assert len(asyncio.all_tasks()) <= tasks + 1
        assert (deaf.runs, stuck.runs) == (1, 1)
        assert monitor.snapshot().checks["sound"].status == PASS


@pytest.mark.usefixtures("no_stall_detection")
async def test_a_check_that_was_hung_is_run_again_once_it_ends(stuck: Stuck) -> None:
    deaf = Deaf()
    specs = [
        CheckSpec("deaf", deaf, interval=0.02, timeout=0.02),
        CheckSpec("stuck", stuck, interval=0.02, timeout=0.02),
    ]
    async with Monitor(specs) as monitor:
        await until(lambda: are_hung(monitor, "deaf", "stuck"))
        deaf.let_go.set()
        stuck.let_go.set()
        await until(lambda: all(state.status == PASS for state in monitor.snapshot().checks.values()))
        assert deaf.runs > 1
        assert stuck.runs > 1


@pytest.mark.usefixtures("no_stall_detection")
async def test_a_run_past_its_timeout_is_cancelled_and_says_so() -> None:
    check = Gated()
    async with Monitor([CheckSpec("db", check, timeout=0.03, interval=SELDOM)]) as monitor:
        detail = (await monitor.fresh(deadline=10)).checks["db"]
        await until(lambda: check.in_flight == 0)
    assert (detail.status, detail.reason, detail.consecutive_failures) == (FAIL, "timed out after 0.03 s", 1)


@pytest.mark.usefixtures("no_stall_detection")
async def test_a_run_past_its_timeout_reports_what_it_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("petsage.checks.scheduled_check._CANCEL_GRACE_SECONDS", 10)

    async def waits() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError as cancelled:
            cancelled.add_note("connected, but\n postgresql://app:hunter2@db/shop says nothing")
            cancelled.add_note("less precisely, no answer")
            await asyncio.sleep(0)
            raise

    async with Monitor([CheckSpec("db", waits, timeout=0.03, interval=SELDOM)]) as monitor:
        detail = (await monitor.fresh(deadline=10)).checks["db"]
    assert detail.reason == "timed out after 0.03 s: connected, but postgresql://app:********@db/shop says nothing"


@pytest.mark.usefixtures("no_stall_detection")
async def test_a_run_past_its_timeout_that_takes_long_to_end_is_reported_without_what_it_waited_for() -> None:
    let_go = asyncio.Event()

    async def tidies_for_long() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError as cancelled:
            cancelled.add_note("no answer")
            await let_go.wait()
            raise

    async with Monitor([CheckSpec("db", tidies_for_long, timeout=0.03, interval=SELDOM)]) as monitor:
        detail = (await monitor.fresh(deadline=10)).checks["db"]
        let_go.set()
    assert (detail.status, detail.reason) == (FAIL, "timed out after 0.03 s")


async def test_a_run_past_its_timeout_does_not_put_the_next_one_off() -> None:
    begun: list[float] = []

    async def hangs() -> None:
        begun.append(time.monotonic())
        await asyncio.Event().wait()

    async with Monitor([CheckSpec("db", hangs, interval=0.5, timeout=0.4)]):
        # an interval after a timeout is never as short; a machine with other things to do may make one longer
        await until(lambda: any(later - earlier < 0.4 + 0.9 * 0.5 for earlier, later in pairwise(begun[1:])))


async def test_at_most_one_run_is_in_flight_however_short_the_interval() -> None:
    check = Gated()
    async with Monitor([CheckSpec("db", check, interval=0.001, timeout=30)]) as monitor:
        await until(lambda: check.runs)
        await asyncio.sleep(0.03)
        assert (check.runs, check.in_flight) == (1, 1)
        check.gate.set()
        await until(lambda: check.runs > 5)
        assert check.most_in_flight == 1
        assert monitor.snapshot().checks["db"].status == PASS


BLOCKED = r"blocked the event loop for \d+\.\d s"


async def blocks() -> None:
    time.sleep(1)  # noqa: ASYNC251 (the mistake that is to be found)


async def blocks_and_goes_on() -> None:
    time.sleep(1)  # noqa: ASYNC251 (the mistake that is to be found)
    await asyncio.sleep(0.01)


class Waits:
    """A check that takes a while, longer than its timeout if other code blocks the loop."""

    def __init__(self) -> None:
        self.runs = 0

    async def run(self) -> None:
        self.runs += 1
        await asyncio.sleep(0.05)


class TimesItself(Waits):
    """An innocent check that has a timeout of its own."""

    async def run(self) -> None:
        self.runs += 1
        try:
            async with asyncio.timeout(0.6):
                await asyncio.sleep(0.05)
                await asyncio.sleep(0.05)
        except TimeoutError:
            raise CheckFailed("timed out") from None


@pytest.fixture
def long_stalls_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Raise the limits of stall detection to half a second, so that only stalls made by the test count."""
    monkeypatch.setattr("petsage.checks.scheduler._LATE_SECONDS", 0.5)
    monkeypatch.setattr("petsage.checks.check_run.MAX_STEP_SECONDS", 0.5)


@pytest.mark.usefixtures("long_stalls_only")
@pytest.mark.parametrize("blocker", [blocks, blocks_and_goes_on])
async def test_a_check_that_blocks_the_loop_is_reported_and_the_others_are_green(blocker: type) -> None:
    waits, itself = Waits(), TimesItself()
    specs = [
        CheckSpec("waits", waits, interval=SELDOM, timeout=0.6),
        CheckSpec("itself", itself, interval=SELDOM),
        CheckSpec("blocker", blocker, interval=SELDOM, timeout=0.7),
    ]
    async with Monitor(specs) as monitor:
        seen: list[tuple[str, Status]] = []
        monitor.subscribe(lambda change: seen.append((change.name, change.now)))
        details = (await monitor.fresh(deadline=10)).checks
    assert details["blocker"].status == WARN
    assert re.fullmatch(BLOCKED, details["blocker"].reason or "")
    assert sorted(seen) == [("blocker", WARN), ("itself", PASS), ("waits", PASS)]
    assert (waits.runs, itself.runs) == (2, 2)


async def test_a_stall_that_no_check_caused_turns_no_check_red() -> None:
    waits = Waits()
    async with Monitor([CheckSpec("waits", waits, interval=SELDOM, timeout=0.6)]) as monitor:
        fresh = asyncio.create_task(monitor.fresh(deadline=10))
        await until(lambda: waits.runs)
        time.sleep(1)  # noqa: ASYNC251 (somebody blocks the loop)
        detail = (await fresh).checks["waits"]
    assert (detail.status, detail.consecutive_failures) == (PASS, 0)


async def test_a_stall_longer_than_max_age_makes_nothing_stale() -> None:
    sound = Scripted()
    async with Monitor([CheckSpec("sound", sound, interval=0.05, max_age=0.6)]) as monitor:
        await until(lambda: monitor.snapshot().checks["sound"].status == PASS)
        for _ in range(2):
            time.sleep(0.8)  # noqa: ASYNC251 (somebody blocks the loop)
            assert monitor.snapshot().checks["sound"].status == PASS
            await asyncio.sleep(0.06)


async def test_after_a_long_pause_what_was_known_is_stale(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("petsage.checks.scheduler._MAX_STALL_SECONDS", 0.1)
    async with Monitor([CheckSpec("sound", Scripted(), interval=0.05, max_age=0.2)]) as monitor:
        await until(lambda: monitor.snapshot().checks["sound"].status == PASS)
        time.sleep(0.4)  # noqa: ASYNC251 (the process is paused)
        assert monitor.snapshot().checks["sound"].reason == "stale"
        await until(lambda: monitor.snapshot().checks["sound"].status == PASS)


async def test_a_run_that_did_not_come_to_its_first_step_leaves_nothing_behind(stuck: Stuck) -> None:
    gated = Gated()
    async with Monitor([CheckSpec("gated", gated), CheckSpec("stuck", stuck)]) as monitor:
        for scheduled in monitor._scheduled.values():
            scheduled.fresh()
    assert (gated.runs, stuck.runs) == (0, 0)


async def test_a_failure_is_not_discarded_forever_while_other_code_keeps_blocking_the_loop() -> None:
    async def blocks_always() -> None:
        time.sleep(0.11)  # noqa: ASYNC251 (the mistake that is to be found)

    async def is_down() -> None:
        await asyncio.sleep(0.02)
        raise CheckFailed("down")

    specs = [CheckSpec("down", is_down, interval=SELDOM), CheckSpec("blocker", blocks_always, interval=0.001)]
    async with Monitor(specs) as monitor:
        await until(lambda: monitor.snapshot().checks["down"].status == FAIL)


async def test_a_check_that_blocks_and_fails_is_failing() -> None:
    async def refuses() -> None:
        time.sleep(0.15)  # noqa: ASYNC251 (the mistake that is to be found)
        raise CheckFailed("refused")

    async with Monitor([CheckSpec("db", refuses, interval=SELDOM)]) as monitor:
        state = (await monitor.fresh(deadline=10)).checks["db"]
    assert state.status == FAIL
    assert re.fullmatch(f"refused; {BLOCKED}", state.reason or "")


async def test_a_step_that_took_long_because_the_machine_is_overloaded_is_not_reported(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lost = 0.0
    monkeypatch.setattr("petsage.checks.check_run.monotonic", lambda: time.monotonic() + lost)

    async def is_not_let_run() -> None:
        nonlocal lost
        lost += 0.3

    async with Monitor([CheckSpec("db", is_not_let_run, interval=SELDOM)]) as monitor:
        state = (await monitor.fresh(deadline=10)).checks["db"]
    assert (lost, state.status, state.reason) == (0.3, PASS, None)


async def test_a_check_that_computes_for_long_in_the_loop_is_reported() -> None:
    async def computes() -> None:
        began = time.thread_time()
        while time.thread_time() < began + 0.15:
            pass

    async with Monitor([CheckSpec("db", computes, interval=SELDOM)]) as monitor:
        state = (await monitor.fresh(deadline=10)).checks["db"]
    assert state.status == WARN
    assert re.fullmatch(BLOCKED, state.reason or "")


async def test_a_thread_that_is_slow_to_start_is_not_the_checks_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def starts_slowly(thread: threading.Thread) -> None:
        time.sleep(0.15)
        start(thread)

    start = threading.Thread.start
    monkeypatch.setattr(threading.Thread, "start", starts_slowly)
    async with Monitor([CheckSpec("db", lambda: None, interval=SELDOM)]) as monitor:
        state = (await monitor.fresh(deadline=10)).checks["db"]
    assert (state.status, state.reason) == (PASS, None)


@pytest.mark.usefixtures("no_stall_detection")
async def test_a_check_that_exits_stops_nothing_else() -> None:
    def exits() -> None:
        raise SystemExit(3)

    async def exits_in_the_loop() -> None:
        raise SystemExit(3)

    specs = [CheckSpec("thread", exits, interval=SELDOM), CheckSpec("loop", exits_in_the_loop, interval=SELDOM)]
    async with Monitor(specs) as monitor:
        details = (await monitor.fresh(deadline=10)).checks
    assert [(detail.status, detail.reason) for detail in details.values()] == [(FAIL, "SystemExit")] * 2


@pytest.fixture
async def dead_host() -> AsyncIterator[int]:
    """Return the port of a listener whose backlog is full, so that connecting never ends."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        port = listener.getsockname()[1]
        fill = [socket.socket() for _ in range(4)]
        for client in fill:
            client.settimeout(0)
            client.connect_ex(("127.0.0.1", port))
        await asyncio.sleep(0.02)
        yield port
        for client in fill:
            client.close()


@pytest.mark.usefixtures("no_stall_detection")
async def test_two_hundred_checks_of_one_dead_host_delay_no_other_check(dead_host: int) -> None:
    async def connects() -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", dead_host)
        writer.close()

    sound = Scripted()
    dead = [CheckSpec(f"dead{number}", connects, interval=0.5, timeout=0.3) for number in range(200)]
    async with Monitor([*dead, CheckSpec("sound", sound, interval=0.02)]) as monitor:
        await until(lambda: sound.runs > 5)
        await until(lambda: Status.PENDING not in {state.status for state in monitor.snapshot().checks.values()})
        reasons = {state.reason for state in monitor.snapshot().checks.values()}
        assert reasons == {None, "timed out after 0.3 s"}
        assert monitor.snapshot().checks["sound"].status == PASS
        leaving = time.monotonic()
    assert time.monotonic() - leaving < 60, "the kernel gives a connection up after two minutes"


@pytest.mark.usefixtures("no_stall_detection")
async def test_a_failing_check_is_run_at_its_down_interval() -> None:
    check = Scripted([CheckFailed("down"), CheckFailed("down"), None])
    async with Monitor([CheckSpec("db", check, interval=SELDOM, down_interval=0.005)]) as monitor:
        await until(lambda: monitor.snapshot().checks["db"].status == PASS)
        await asyncio.sleep(0.03)
        assert check.runs == 3


async def first_runs(seed: int) -> list[int]:
    order: list[int] = []

    def numbered(number: int) -> CheckSpec:
        async def run() -> None:
            order.append(number)

        return CheckSpec(f"check{number}", run, interval=SELDOM)

    async with Monitor([numbered(number) for number in range(100)], seed=seed) as monitor:
        assert max(scheduled.due for scheduled in monitor._scheduled.values()) < time.monotonic() + 1
        await until(lambda: len(order) == 100)
    return order


async def test_first_runs_come_within_a_second_in_an_order_that_only_the_seed_decides() -> None:
    assert await first_runs(1) == await first_runs(1) != await first_runs(2)


async def test_a_run_does_not_see_the_context_of_the_caller_it_began_for() -> None:
    request: contextvars.ContextVar[str] = contextvars.ContextVar("request", default="none")
    seen: list[str] = []

    async def looks() -> None:
        seen.append(request.get())

    async with Monitor([CheckSpec("db", looks, interval=SELDOM)]) as monitor:
        request.set("a request")
        await monitor.fresh()
    assert seen == ["none"]


async def test_a_run_that_other_code_cancels_is_a_failure_and_the_next_one_comes() -> None:
    check = Gated()
    async with Monitor([CheckSpec("db", check, interval=0.01, timeout=30)]) as monitor:
        await until(lambda: check.runs)
        next(task for task in asyncio.all_tasks() if task.get_name() == "check db").cancel()
        await until(lambda: check.runs == 2)
        state = monitor.snapshot().checks["db"]
        assert (state.status, state.reason, state.code) == (FAIL, "CancelledError", Code.CANCELLED)
        check.gate.set()
        await until(lambda: monitor.snapshot().checks["db"].status == PASS)


async def test_a_thread_whose_task_other_code_cancels_is_still_the_only_one(stuck: Stuck) -> None:
    async with Monitor([CheckSpec("stuck", stuck, interval=0.005, timeout=30)]) as monitor:
        await until(lambda: stuck.runs)
        next(task for task in asyncio.all_tasks() if task.get_name() == "check stuck").cancel()
        await asyncio.sleep(0.05)
        assert stuck.runs == 1
        stuck.let_go.set()
        await until(lambda: monitor.snapshot().checks["stuck"].status == PASS)


@pytest.mark.usefixtures("no_stall_detection")
async def test_what_a_plain_function_returns_to_be_awaited_is_cancelled_at_the_timeout() -> None:
    check = Gated()
    async with Monitor([CheckSpec("db", lambda: check.run(), interval=0.02, timeout=0.02)]) as monitor:  # noqa: PLW0108 (a plain function that returns an awaitable)
        await until(lambda: check.runs > 2 and monitor.snapshot().checks["db"].reason == "timed out after 0.02 s")
        assert check.most_in_flight == 1


async def test_what_a_plain_function_returns_too_late_is_cancelled_as_well(stuck: Stuck) -> None:
    check = Gated()

    def returns_late() -> object:
        stuck()
        return check.run()

    async with Monitor([CheckSpec("db", returns_late, interval=0.02, timeout=0.02)]) as monitor:
        await until(lambda: are_hung(monitor, "db"))
        stuck.let_go.set()
        await until(lambda: check.runs > 1)
        check.gate.set()
        await until(lambda: monitor.snapshot().checks["db"].status == PASS)
    assert check.most_in_flight == 1


async def test_what_a_plain_function_returns_after_its_run_has_ended_is_closed(stuck: Stuck) -> None:
    returned: list[Coroutine[None, None, None]] = []

    def returns_late() -> object:
        stuck()
        returned.append(Gated().run())
        return returned[0]

    async with Monitor([CheckSpec("db", returns_late)]):
        await until(lambda: stuck.runs)
    stuck.let_go.set()
    await until(lambda: returned and inspect.getcoroutinestate(returned[0]) == inspect.CORO_CLOSED)


async def test_leaving_waits_for_its_grace_alone_whatever_hangs() -> None:
    deaf, stuck, earlier = Deaf(), Stuck(), threads_of_checks()
    hanging: dict[str, Runnable] = {"deaf": deaf, "stuck": stuck, "gated": Gated()}
    monitor = Monitor([CheckSpec(name, check, timeout=120) for name, check in hanging.items()])
    try:
        async with monitor:
            await until(lambda: deaf.runs and stuck.runs)
            waiting = asyncio.create_task(monitor.fresh(deadline=120))
            await asyncio.sleep(0)
            leaving = time.monotonic()
        assert time.monotonic() - leaving < 60, "their timeouts are twice that"
        assert {detail.status for detail in (await waiting).checks.values()} == {Status.PENDING}
        await until(lambda: asyncio.all_tasks() == {asyncio.current_task()})
        left = [(thread.name, thread.daemon) for thread in threads_of_checks() - earlier]
        assert left == [("check stuck", True)]
    finally:
        stuck.let_go.set()
    assert _CANCEL_GRACE_SECONDS + _ABANDON_GRACE_SECONDS < 1, "leaving takes less than a second"


async def test_a_run_has_time_to_tidy_up_when_the_monitor_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("petsage.checks.monitor._CANCEL_GRACE_SECONDS", 10)
    tidied: list[str] = []

    async def tidies() -> None:
        try:
            await asyncio.sleep(30)
        finally:
            await asyncio.sleep(0.01)
            tidied.append("closed")

    async with Monitor([CheckSpec("db", tidies)]):
        await until(lambda: any(task.get_name() == "check db" for task in asyncio.all_tasks()))
        await asyncio.sleep(0)
    assert tidied == ["closed"]


async def test_being_cancelled_while_leaving_is_not_lost() -> None:
    deaf = Deaf()
    monitor = Monitor([CheckSpec("deaf", deaf)])
    await monitor.__aenter__()
    await until(lambda: deaf.runs)
    leaving = asyncio.create_task(monitor.__aexit__(None, None, None))
    await asyncio.sleep(0)
    leaving.cancel()
    await asyncio.wait([leaving])
    assert leaving.cancelled()
    await until(lambda: asyncio.all_tasks() == {asyncio.current_task()})


async def test_a_monitor_is_entered_once() -> None:
    monitor = Monitor()
    async with monitor:
        pass
    with pytest.raises(RuntimeError, match="a Monitor can be entered only once: create another one"):
        await monitor.__aenter__()


def test_a_program_ends_although_a_blocking_check_hangs(tmp_path: Path) -> None:
    import subprocess  # noqa: PLC0415 (only this test starts a program)
    import sys  # noqa: PLC0415 (the same)

    program = """
import asyncio, time
from petsage.checks import CheckSpec, Monitor

async def main():
    async with Monitor([CheckSpec("stuck", lambda: time.sleep(60))]) as monitor:
        await monitor.fresh(deadline=0.1)
        print(monitor.snapshot().checks["stuck"].status)

asyncio.run(main())
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=False, env=os.environ
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "pending\n", "")
