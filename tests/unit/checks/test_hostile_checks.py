"""Whatever a check raises, returns or does to its own task: its run ends in a result, and the next run comes."""

import asyncio
import builtins
import inspect
import logging
import signal
import subprocess
import sys
import textwrap
from collections.abc import Awaitable, Callable, Generator, Iterator, Mapping
from contextlib import suppress
from typing import Any

import pytest

from petsage.checks import CheckFailed, CheckSpec, CheckState, CheckWarning, Code, Monitor, Status
from tests.support.checks import SELDOM, until

pytestmark = pytest.mark.usefixtures("no_stall_detection")

FAIL, WARN, PASS = Status.FAIL, Status.WARN, Status.PASS


def fails(*_: object, **__: object) -> Any:
    raise SystemExit("a method of the check's own object")


class Hostile(Exception):  # noqa: N818 (an example)
    """Object whose methods raise when they are called, and whose attributes raise when they are read."""

    __str__ = __repr__ = __eq__ = __hash__ = __bool__ = __reduce__ = with_traceback = add_note = fails
    __class__ = property(fails)
    __notes__ = __cause__ = __context__ = property(fails)


class Pretender(Exception):  # noqa: N818 (an example)
    """Says that it is a failure with a public text."""

    __class__ = CheckFailed  # type: ignore[assignment] # the point of it

    def __str__(self) -> str:
        return "hunter2"


class Meta(type):
    __name__ = property(fails)
    __eq__ = __hash__ = __str__ = __repr__ = fails


class MoreMeta(Meta):
    __instancecheck__ = __subclasscheck__ = fails


class OfHostileClass(Exception, metaclass=Meta):  # noqa: N818 (an example)
    """Its class does not tell its name."""


class OfMoreHostileClass(metaclass=MoreMeta):
    """Nobody may ask whether something is of its class; Python itself cannot raise such a thing."""


class SpeechlessFailure(CheckFailed):
    __str__ = fails
    code = property(fails)


class SpeechlessWarning(CheckWarning):
    __str__ = fails


class Text(str):
    """A text whose methods fail."""

    __slots__ = ()
    split = strip = splitlines = encode = isprintable = __len__ = __iter__ = __getitem__ = __add__ = __format__ = fails


class TextFailure(CheckFailed):
    def __str__(self) -> str:
        return Text("two\nlines")


class NotesFailure(asyncio.CancelledError):
    __notes__ = property(fails)


def deep(error: BaseException, depth: int) -> BaseException:
    for _ in range(depth):
        error = BaseExceptionGroup("deep", [error])
    return error


class LyingGroup(ExceptionGroup[Exception]):
    """Would be walked for ever if it were believed."""

    @property
    def exceptions(self) -> tuple[Exception, ...]:
        return (self,)


DOWN, FULL = CheckFailed("db is down", code="refused"), CheckWarning("nearly full", code=Code.FULL)
RAISED: dict[str, tuple[Callable[[], BaseException], Status, str | None, str]] = {
    **{
        kind.__name__: (kind, FAIL, kind.__name__, "raised")
        for kind in (
            ValueError,
            KeyboardInterrupt,
            SystemExit,
            GeneratorExit,
            StopAsyncIteration,
            RecursionError,
            MemoryError,
            BaseException,
        )
    },
    "cancelled": (asyncio.CancelledError, FAIL, "CancelledError", "cancelled"),
    "cancelled with notes that fail": (NotesFailure, FAIL, "NotesFailure", "cancelled"),
    "methods that fail": (Hostile, FAIL, "Hostile", "raised"),
    "a class that fails": (OfHostileClass, FAIL, "OfHostileClass", "raised"),
    "a class that lies": (Pretender, FAIL, "Pretender", "raised"),
    "a failure that cannot be told": (SpeechlessFailure, FAIL, "SpeechlessFailure", "failed"),
    "a warning that cannot be told": (SpeechlessWarning, WARN, "SpeechlessWarning", "warning"),
    "a text whose methods fail": (TextFailure, FAIL, "two lines", "failed"),
    "a surrogate": (lambda: CheckFailed("\udc80"), FAIL, r"\udc80", "failed"),
    "a code": (lambda: DOWN, FAIL, "db is down", "refused"),
    "a code that is none": (lambda: CheckFailed("down", code="lunch"), FAIL, "down", "failed"),
    "a code of another kind": (lambda: CheckWarning("full", code=7), WARN, "full", "warning"),  # type: ignore[arg-type] # the mistake
    "a text that is very long": (lambda: CheckFailed("x" * 10**6), FAIL, f"{'x' * 499}…", "failed"),
    "a failure in a group": (lambda: ExceptionGroup("g", [DOWN]), FAIL, "db is down", "refused"),
    "a warning in a group": (lambda: ExceptionGroup("g", [FULL]), WARN, "nearly full", "full"),
    "a group in a group": (lambda: ExceptionGroup("g", [ExceptionGroup("h", [FULL])]), WARN, "nearly full", "full"),
    "both in groups": (
        lambda: ExceptionGroup("g", [FULL, ExceptionGroup("h", [DOWN, FULL])]),
        FAIL,
        "db is down; nearly full",
        "refused",
    ),
    "a failure and something else": (
        lambda: BaseExceptionGroup("g", [FULL, SystemExit(3), ValueError("hunter2"), DOWN]),
        FAIL,
        "db is down; SystemExit; ValueError; nearly full",
        "refused",
    ),
    "a warning and something else": (
        lambda: ExceptionGroup("g", [FULL, ValueError("hunter2")]),
        FAIL,
        "ValueError; nearly full",
        "raised",
    ),
    "a hostile one in a group": (
        lambda: ExceptionGroup("g", [Hostile(), FULL]),
        FAIL,
        "Hostile; nearly full",
        "raised",
    ),
    "a deep group": (lambda: deep(DOWN, 100_000), FAIL, "db is down", "refused"),
    "a wide group": (
        lambda: ExceptionGroup("g", [CheckFailed(f"{number:04}") for number in range(5000)]),
        FAIL,
        "; ".join(f"{number:04}" for number in range(100))[:499] + "…",
        "failed",
    ),
    "a group that lies": (lambda: LyingGroup("g", [DOWN]), FAIL, "db is down", "refused"),
}


def in_the_loop(make: Callable[[], BaseException]) -> Callable[[], object]:
    async def check() -> None:
        await asyncio.sleep(0)
        raise make()

    return check


def in_a_thread(make: Callable[[], BaseException]) -> Callable[[], object]:
    def check() -> None:
        raise make()

    return check


def awaited_after_a_thread(make: Callable[[], BaseException]) -> Callable[[], object]:
    return lambda: in_the_loop(make)()  # noqa: PLW0108 (a plain function that returns an awaitable)


async def run_once_and_again(check: Callable[[], object], **keys: Any) -> CheckState:
    """Run a check until the next run has come as well, and return what the first came to."""
    runs = 0

    def counted() -> object:
        nonlocal runs
        runs += 1
        return check()

    async def counted_in_the_loop() -> object:
        nonlocal runs
        runs += 1
        return await check()  # type: ignore[misc] # it is a coroutine function

    one = counted_in_the_loop if inspect.iscoroutinefunction(check) else counted
    async with Monitor([CheckSpec("hostile", one, **{"interval": 0.05, "timeout": 5, **keys})]) as monitor:
        await until(lambda: monitor.details().checks["hostile"].last_run)
        detail = monitor.details().checks["hostile"]
        before = runs
        await until(lambda: runs > before)
    return detail


@pytest.mark.parametrize("where", [in_the_loop, in_a_thread, awaited_after_a_thread])
@pytest.mark.parametrize("what", RAISED)
async def test_whatever_a_check_raises_is_a_result(
    where: Callable[[Callable[[], BaseException]], Callable[[], object]],
    what: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    make, status, reason, code = RAISED[what]
    detail = await run_once_and_again(where(make))
    assert (detail.status, detail.reason, detail.code) == (status, reason, code)
    assert "hunter2" not in str(detail.reason)
    assert not [record for record in caplog.records if record.name == "asyncio"]


async def test_stop_iteration_is_a_result_as_well() -> None:
    in_coroutine = await run_once_and_again(in_the_loop(StopIteration))
    assert (in_coroutine.status, in_coroutine.reason) == (FAIL, "RuntimeError")  # Python's own, PEP 479
    in_thread = await run_once_and_again(in_a_thread(StopIteration))
    assert (in_thread.status, in_thread.reason) == (FAIL, "StopIteration")


async def test_the_log_has_what_was_raised_even_if_it_cannot_be_written_down(caplog: pytest.LogCaptureFixture) -> None:
    await run_once_and_again(in_the_loop(Hostile))
    await run_once_and_again(in_the_loop(lambda: ValueError("x" * 10**6)))
    told = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert len(told) == 2
    assert "Hostile" in told[0]
    assert "ValueError: xxx" in told[1]
    assert len(told[1]) < 25_000


class LazyMapping(Mapping[str, object]):
    """A mapping that fails when it is read."""

    def __getitem__(self, key: str) -> object:
        raise CheckWarning("the cursor is closed", code="reset")

    def __iter__(self) -> Iterator[str]:
        return iter(["rows"])

    def __len__(self) -> int:
        return 1


async def nothing() -> None:
    """Is called, and not awaited."""


def generator() -> Iterator[int]:
    yield 1


INSTEAD = "return None, True or a mapping of what was observed, or raise CheckFailed"
RETURNED: dict[str, tuple[Callable[[], object], Status, str | None, str | None, object]] = {
    "nothing": (lambda: None, PASS, None, None, None),
    "True": (lambda: True, PASS, None, None, None),
    "a mapping": (lambda: {"rows": 3}, PASS, None, None, {"rows": 3}),
    "an empty mapping": (dict, PASS, None, None, {}),
    "False": (lambda: False, FAIL, "returned False", "returned", None),
    "1": (lambda: 1, FAIL, f"returned an int: {INSTEAD}", "returned", None),
    "0": (lambda: 0, FAIL, f"returned an int: {INSTEAD}", "returned", None),
    "a text": (lambda: "SELECT 1", FAIL, f"returned a str: {INSTEAD}", "returned", None),
    "a list": (lambda: [{"a": 1}], FAIL, f"returned a list: {INSTEAD}", "returned", None),
    "a generator": (generator, FAIL, f"returned a generator: {INSTEAD}", "returned", None),
    "a failure": (lambda: CheckFailed("down"), FAIL, f"returned a CheckFailed: {INSTEAD}", "returned", None),
    "a hostile object": (Hostile, FAIL, f"returned a Hostile: {INSTEAD}", "returned", None),
    "one of a hostile class": (
        OfMoreHostileClass,
        FAIL,
        f"returned an OfMoreHostileClass: {INSTEAD}",
        "returned",
        None,
    ),
    "a mapping that fails": (LazyMapping, WARN, "the cursor is closed", "reset", None),
    "what cannot be told": (
        lambda: {Text("key"): Hostile(), 5: Text("text"), "n": 10**5000, "nested": {"a": [1, (2,)]}, "none": None},
        PASS,
        None,
        None,
        {
            "key": "Hostile",
            "5": "text",
            "n": "a number of 16610 bits",
            "nested": {"a": [1, [2]]},
            "none": None,
        },
    ),
    "very much": (
        lambda: {str(number): "x" * 10**5 for number in range(1000)},
        PASS,
        None,
        None,
        {str(number): f"{'x' * 499}…" for number in range(100)},
    ),
}


@pytest.mark.parametrize("in_thread", [True, False])
@pytest.mark.parametrize("what", RETURNED)
async def test_whatever_a_check_returns_is_a_result(what: str, in_thread: bool) -> None:  # noqa: FBT001 (a parameter)
    make, status, reason, code, observed = RETURNED[what]

    async def in_the_loop() -> object:
        return make()

    detail = await run_once_and_again(make if in_thread else in_the_loop)
    assert (detail.status, detail.reason, detail.code, detail.observed) == (status, reason, code, observed)


async def test_a_coroutine_that_was_never_awaited_is_reported_and_closed() -> None:
    async def forgets() -> object:
        return nothing()

    detail = await run_once_and_again(forgets)
    assert detail.reason == f"returned a coroutine: await it, and {INSTEAD}"


async def test_what_was_observed_is_a_copy() -> None:
    seen = {"rows": 1}
    async with Monitor([CheckSpec("db", lambda: seen, interval=SELDOM)]) as monitor:
        detail = (await monitor.fresh(deadline=10)).checks["db"]
        seen["rows"] = 2
    assert detail.observed == {"rows": 1}


def me() -> asyncio.Task[Any]:
    task = asyncio.current_task()
    assert task is not None
    return task


async def cancels_itself() -> None:
    me().cancel()
    await asyncio.sleep(60)


async def cancels_itself_and_takes_it_back() -> None:
    me().cancel()
    with suppress(asyncio.CancelledError):
        await asyncio.sleep(60)
    me().uncancel()
    me().uncancel()
    raise asyncio.CancelledError


async def is_cancelled_by_its_own_timer() -> None:
    asyncio.get_running_loop().call_soon(me().cancel)
    await asyncio.sleep(60)


async def is_cancelled_by_its_child() -> None:
    task = me()

    async def child() -> None:
        task.cancel()

    await asyncio.create_task(child())
    await asyncio.sleep(60)


async def closes_its_own_coroutine() -> None:
    coroutine: Any = me().get_coro()
    asyncio.get_running_loop().call_soon(coroutine.close)
    await asyncio.sleep(0)
    await asyncio.sleep(0)


async def yields_what_no_task_can_await() -> None:
    class Bad:
        def __await__(self) -> Generator[Any, Any, None]:
            yield 42

    await Bad()


async def awaits_itself() -> None:
    await me()


@pytest.mark.parametrize(
    ("check", "reason", "code"),
    [
        (cancels_itself, "CancelledError", "cancelled"),
        (cancels_itself_and_takes_it_back, "CancelledError", "cancelled"),
        (is_cancelled_by_its_own_timer, "CancelledError", "cancelled"),
        (is_cancelled_by_its_child, "CancelledError", "cancelled"),
        (closes_its_own_coroutine, "RuntimeError", "raised"),
        (yields_what_no_task_can_await, "RuntimeError", "raised"),
        (awaits_itself, "RuntimeError", "raised"),
    ],
)
async def test_whatever_a_check_does_to_its_own_task_is_a_result(
    check: Callable[[], Awaitable[None]], reason: str, code: str
) -> None:
    detail = await run_once_and_again(check)
    assert (detail.status, detail.reason, detail.code) == (FAIL, reason, code)


async def test_a_check_that_cancels_itself_and_returns_is_what_it_returned() -> None:
    async def holds() -> None:
        me().cancel()

    assert (await run_once_and_again(holds)).status is PASS


async def swallows_one_cancellation() -> None:
    with suppress(asyncio.CancelledError):
        await asyncio.sleep(600)
    await asyncio.sleep(600)


async def takes_cancellations_back() -> None:
    with suppress(asyncio.CancelledError):
        await asyncio.sleep(600)
    me().uncancel()
    await asyncio.sleep(600)


async def swallows_every_cancellation() -> None:
    while True:
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(600)


async def raises_when_it_is_closed() -> None:
    while True:
        try:
            await asyncio.sleep(600)
        except asyncio.CancelledError:
            continue
        except GeneratorExit:
            raise SystemExit(3) from None


async def goes_on_when_it_is_closed() -> None:
    for _ in range(10):
        with suppress(asyncio.CancelledError, GeneratorExit):
            await asyncio.sleep(600)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # what Python says of the last one
@pytest.mark.parametrize(
    "check",
    [
        swallows_one_cancellation,
        takes_cancellations_back,
        swallows_every_cancellation,
        raises_when_it_is_closed,
        goes_on_when_it_is_closed,
    ],
)
async def test_a_coroutine_that_ignores_being_cancelled_is_ended_and_the_next_run_comes(
    check: Callable[[], Awaitable[None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("petsage.checks.scheduled_check._CANCEL_AGAIN_AFTER_SECONDS", 0.1)
    monkeypatch.setattr("petsage.checks.scheduled_check._CLOSE_AFTER_SECONDS", 0.2)
    detail = await run_once_and_again(check, timeout=0.05)
    assert (detail.status, detail.reason, detail.code) == (FAIL, "timed out after 0.05 s", "timeout")


async def test_a_run_that_tidies_up_is_left_to_it_for_some_seconds() -> None:
    tidied = asyncio.Event()

    async def tidies() -> None:
        try:
            await asyncio.sleep(600)
        finally:
            await asyncio.sleep(0.3)  # longer than several intervals
            tidied.set()

    spec = CheckSpec("db", tidies, interval=0.02, timeout=0.02)
    async with Monitor([spec]):
        await asyncio.wait_for(tidied.wait(), 60)


async def test_a_listener_that_raises_anything_keeps_no_run_from_coming() -> None:
    async with Monitor([CheckSpec("db", nothing, interval=0.01)]) as monitor:
        for kind in (SystemExit, KeyboardInterrupt, GeneratorExit, Hostile):
            monitor.subscribe(lambda _, kind=kind: builtins.exec("raise kind", {"kind": kind}))  # type: ignore[misc] # mypy cannot infer it
        first = (await monitor.fresh(deadline=10)).checks["db"].last_run
        await until(lambda: monitor.details().checks["db"].last_run != first)


INTERRUPTED = """
    import asyncio, os, signal, sys
    from petsage.checks import CheckSpec, Monitor

    async def check():
        print("running", flush=True)
        end = asyncio.get_running_loop().time() + 60
        while asyncio.get_running_loop().time() < end:
            pass

    async def main():
        async with Monitor([CheckSpec("busy", check, timeout=600)]):
            await asyncio.sleep(60)

    {before}
    loop = asyncio.new_event_loop()
    loop.run_until_complete(main())
"""


@pytest.mark.parametrize(
    ("before", "number", "status", "said"),
    [
        ("", signal.SIGINT, -signal.SIGINT, "KeyboardInterrupt"),
        ("signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))", signal.SIGTERM, 7, ""),
    ],
)
def test_a_signal_that_comes_while_a_check_computes_is_for_the_process(
    before: str, number: int, status: int, said: str
) -> None:
    program = textwrap.dedent(INTERRUPTED.format(before=before))
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "running\n"
        process.send_signal(number)
        _, err = process.communicate(timeout=30)
    assert process.returncode == status, err
    assert said in err
