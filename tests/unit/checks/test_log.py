import logging

import pytest

from petsage.checks import Change, CheckFailed, CheckSpec, Code, Monitor, Status
from petsage.redaction import masked
from tests.support.checks import SELDOM, Clock, Scripted

pytestmark = pytest.mark.usefixtures("no_stall_detection")

DOWN = CheckFailed("refused")


async def lines(spec: CheckSpec, runs: int, caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    """Run a check so many times, two seconds apart; return what the log got, with its levels."""
    clock = Clock()
    with caplog.at_level(logging.DEBUG, "petsage"):
        async with Monitor([spec], clock=clock) as monitor:
            for _ in range(runs):
                clock.now += 2
                await monitor.fresh()
    return [(record.levelname, whole(record)) for record in caplog.records if record.name == "petsage.checks"]


def whole(record: logging.LogRecord) -> str:
    """Return a record's message and traceback, as any handler writes them."""
    return logging.Formatter().format(record)


def without_refs(told: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(level, text.partition(" (ref ")[0]) for level, text in told]


async def test_a_change_of_state_is_one_line_and_a_run_is_none(caplog: pytest.LogCaptureFixture) -> None:
    spec = CheckSpec("db", Scripted([None, None, DOWN, DOWN, DOWN, DOWN, None, None]), interval=SELDOM, fall=2)
    assert without_refs(await lines(spec, 8, caplog)) == [
        ("INFO", "check db: pending -> pass after 2.0 s"),
        ("WARNING", "check db: pass -> fail after 6.0 s, 2 failed runs: refused"),
        ("INFO", "check db: fail -> pass after 6.0 s, 4 failed runs"),
    ]


async def test_the_line_of_a_change_has_the_ref_that_the_state_shows(caplog: pytest.LogCaptureFixture) -> None:
    async with Monitor([CheckSpec("db", Scripted([DOWN]), interval=SELDOM)]) as monitor:
        ref = (await monitor.fresh()).checks["db"].ref
    assert caplog.messages[-1].endswith(f": refused (ref {ref})")


async def test_changing_reasons_of_one_state_are_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    reasons = [CheckFailed(f"lag is {number} s") for number in range(5)]
    told = await lines(CheckSpec("db", Scripted([*reasons]), interval=SELDOM), 5, caplog)
    assert without_refs(told) == [("WARNING", "check db: pending -> fail after 2.0 s, 1 failed run: lag is 0 s")]


async def test_what_is_raised_unexpectedly_is_logged_whole_once_with_passwords_masked(
    caplog: pytest.LogCaptureFixture,
) -> None:
    broken = ValueError("no pool for redis://:s3cret@cache.example/0")
    broken.__cause__ = ConnectionError("postgresql://app:s3c@ret/x@db.example/orders?password=s3cret")
    spec = CheckSpec("db", Scripted([broken, broken, broken]), interval=SELDOM)
    (level, line), (error_level, error) = await lines(spec, 3, caplog)
    assert (level, line.partition(" (ref ")[0]) == (
        "WARNING",
        "check db: pending -> fail after 2.0 s, 1 failed run: ValueError",
    )
    ref = line.partition("(ref ")[2].rstrip(")")
    assert (error_level, error.splitlines()[0]) == ("ERROR", f"check db raised (ref {ref})")
    assert "ConnectionError: postgresql://app:********@db.example/orders?password=********" in error
    assert error.splitlines()[-1] == "ValueError: no pool for redis://:********@cache.example/0"
    assert "s3c" not in caplog.text


async def test_each_class_of_exception_is_logged_once_while_a_state_lasts(caplog: pytest.LogCaptureFixture) -> None:
    one, other = KeyError("one"), IndexError("other")
    told = await lines(CheckSpec("db", Scripted([one, other, one, other]), interval=SELDOM), 4, caplog)
    assert [(level, text.splitlines()[-1].partition(" (ref")[0]) for level, text in told] == [
        ("WARNING", "check db: pending -> fail after 2.0 s, 1 failed run: KeyError"),
        ("ERROR", "KeyError: 'one'"),
        ("ERROR", "IndexError: other"),
    ]


async def test_an_exception_that_turns_nothing_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    spec = CheckSpec("db", Scripted([None, KeyError("x"), None]), interval=SELDOM, fall=2)
    assert await lines(spec, 3, caplog) == [("INFO", "check db: pending -> pass after 2.0 s")]


async def test_going_stale_is_a_change_like_any_other(caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    async with Monitor([CheckSpec("db", Scripted(), interval=SELDOM, max_age=5)], clock=clock) as monitor:
        await monitor.fresh()
        caplog.clear()
        clock.now += 7
        for _ in range(3):
            monitor.snapshot()
    assert without_refs([(record.levelname, record.message) for record in caplog.records]) == [
        ("WARNING", "check db: pass -> fail after 7.0 s: stale")
    ]


async def test_listeners_hear_of_changes_until_they_unsubscribe_and_cannot_hurt(
    caplog: pytest.LogCaptureFixture,
) -> None:
    heard: list[Change] = []

    def deafening(change: Change) -> None:
        raise LookupError("redis://:s3cret@cache")

    clock, wall = Clock(), Clock()
    spec = CheckSpec("db", Scripted([None, DOWN, None]), interval=SELDOM)
    async with Monitor([spec], clock=clock, wall=wall) as monitor:
        monitor.subscribe(deafening)
        unsubscribe = monitor.subscribe(heard.append)
        await monitor.fresh()
        clock.now += 60
        state = (await monitor.fresh()).checks["db"]
        unsubscribe()
        await monitor.fresh()
    assert [(change.before, change.now) for change in heard] == [
        (Status.PENDING, Status.PASS),
        (Status.PASS, Status.FAIL),
    ]
    assert heard[1] == Change(
        name="db",
        before=Status.PASS,
        now=Status.FAIL,
        after=60.0,
        failures=1,
        at=state.since,
        reason="refused",
        ref=state.ref,
        code=Code.FAILED,
    )
    errors = [whole(record) for record in caplog.records if record.levelno == logging.ERROR]
    assert len(errors) == 3
    assert errors[0].splitlines()[-1] == "LookupError: redis://:********@cache"


async def test_a_listener_reads_the_state_that_it_hears_of() -> None:
    seen: list[Status] = []
    async with Monitor([CheckSpec("db", Scripted(), interval=SELDOM)]) as monitor:
        monitor.subscribe(lambda change: seen.append(monitor.snapshot().checks[change.name].status))
        await monitor.fresh()
    assert seen == [Status.PASS]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("redis://user:pw@host:6379/0", "redis://user:********@host:6379/0"),
        ("redis://:pw@host", "redis://:********@host"),
        ("postgresql+asyncpg://u:p:w@/x@host/db", "postgresql+asyncpg://u:********@host/db"),
        ("'amqp://u:pw@host' and 'mysql://v:pw@host'", "'amqp://u:********@host' and 'mysql://v:********@host'"),
        ("http://host:8080/path", "http://host:8080/path"),
        ("host=db password=pw user=u", "host=db password=******** user=u"),
        ("nothing to hide", "nothing to hide"),
    ],
)
def test_passwords_are_masked(text: str, shown: str) -> None:
    assert masked(text) == shown
