import re
from collections.abc import AsyncIterator, Generator, Iterator
from functools import partial
from types import coroutine
from typing import Any

import pytest

from petsage.checks import CheckSpec, CheckSpecError, Monitor, Probe, Severity
from tests.support.checks import Scripted


def test_a_check_needs_a_name_and_nothing_else() -> None:
    check = Scripted()
    assert CheckSpec("db", check) == CheckSpec(
        name="db",
        check=check,
        probes=(Probe.READY,),
        severity=Severity.CRITICAL,
        interval=10.0,
        down_interval=None,
        timeout=2.0,
        fall=1,
        rise=1,
        max_age=None,
        enabled=True,
        origin="",
        external=None,
        component_type=None,
    )


def test_probes_and_severity_may_be_written_as_in_the_configuration() -> None:
    spec = CheckSpec("db", Scripted(), probes=["live", "ready", "live"], severity="degraded")
    assert (spec.probes, spec.severity) == ((Probe.LIVE, Probe.READY), Severity.DEGRADED)


@pytest.mark.parametrize(
    ("spec", "lifetime"),
    [
        (CheckSpec("db", Scripted()), 22.0),
        (CheckSpec("db", Scripted(), interval=1, timeout=0.5), 2.5),
        (CheckSpec("db", Scripted(), interval=1, down_interval=5), 12.0),
        (CheckSpec("db", Scripted(), interval=5, down_interval=1), 12.0),
        (CheckSpec("db", Scripted(), max_age=3), 3.0),
    ],
)
def test_a_result_counts_for_max_age_or_twice_the_larger_interval_plus_the_timeout(
    spec: CheckSpec, lifetime: float
) -> None:
    assert spec.lifetime() == lifetime


def test_an_external_check_cannot_be_in_liveness() -> None:
    with pytest.raises(CheckSpecError) as caught:
        CheckSpec("db", Scripted(), probes=["live"], external=True)
    assert caught.value.mistakes == (
        (
            "it asks something outside this process, so it cannot be in 'live': while that is down every replica "
            "would be restarted, which repairs nothing; use 'ready' or 'startup'"
        ),
    )
    assert CheckSpec("db", Scripted(), external=True).external is True
    assert CheckSpec("db", Scripted(), probes=["live"], external=False).probes == (Probe.LIVE,)


def test_all_mistakes_are_named_at_once_with_their_place() -> None:
    with pytest.raises(CheckSpecError) as caught:
        CheckSpec(
            "a b",
            Scripted,
            probes=("live", "alive"),
            severity="minor",
            interval=0,
            down_interval=-1,
            timeout=float("inf"),
            max_age=float("nan"),
            fall=0,
            rise=True,
            origin="config.yml line 7",
        )
    mistakes = (
        "a name is up to 100 letters, digits, `_`, `-` and `.`, and begins with a letter or digit",
        "Scripted is a class: pass an instance of it",
        "probes is a list of live, ready, startup, not 'alive'",
        "severity is one of critical, degraded, not 'minor'",
        "interval is a number of seconds above 0, not 0",
        "down_interval is a number of seconds above 0, not -1",
        "timeout is a number of seconds above 0, not inf",
        "max_age is a number of seconds above 0, not nan",
        "fall is a number of results from 1, not 0",
        "rise is a number of results from 1, not True",
    )
    assert caught.value.mistakes == mistakes
    assert str(caught.value) == f"check 'a b' (config.yml line 7): {'; '.join(mistakes)}"


@pytest.mark.parametrize("probes", [(), "live"])
def test_probes_are_a_list_of_at_least_one(probes: str | tuple[str, ...]) -> None:
    with pytest.raises(CheckSpecError, match=re.escape(f"probes is a list of live, ready, startup, not {probes!r}")):
        CheckSpec("db", Scripted(), probes=probes)


def test_what_cannot_be_run_is_no_check() -> None:
    with pytest.raises(CheckSpecError, match=re.escape("a check has a run() or is a function, not int")):
        CheckSpec("db", 5)  # type: ignore[arg-type] # the mistake


def generator() -> Iterator[int]:
    yield 1


async def asynchronous_generator() -> AsyncIterator[int]:
    yield 1


class Generating:
    def run(self) -> Iterator[int]:
        yield 1


class CalledGenerating:
    async def __call__(self) -> AsyncIterator[int]:
        yield 1


@pytest.mark.parametrize(
    "check",
    [
        generator,
        asynchronous_generator,
        Generating(),
        CalledGenerating(),
        partial(generator),
        partial(CalledGenerating()),
        Generating().run,
    ],
)
def test_a_generator_function_is_no_check(check: Any) -> None:
    text = "a check must not yield: a call would run none of its body and pass for ever; return or raise instead"
    with pytest.raises(CheckSpecError) as caught:
        CheckSpec("db", check)
    assert caught.value.mistakes == (text,)


async def test_a_generator_that_can_be_awaited_is_a_check() -> None:
    @coroutine
    def old_style() -> Generator[None, None, dict[str, int]]:
        yield
        return {"runs": 1}

    async with Monitor([CheckSpec("db", old_style, interval=3600)]) as monitor:
        assert (await monitor.fresh(deadline=10)).checks["db"].observed == {"runs": 1}
