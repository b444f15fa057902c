import pytest

from bench.goal import Goal, Measured, Place
from bench.goals import GOALS
from tests.support.bench_records import figure, record

CPU = figure("request.cpu", {"PetSage": 20.0, "Sanic": 40.0, "FastAPI": 80.0, "raw asyncio": 5.0})
PETSAGE, PEERS = Place("request.cpu", "PetSage"), Place("request.cpu", "FastAPI", "Sanic")


def test_a_goal_is_evaluated_by_the_ratio_of_two_sides() -> None:
    verdict = Goal("cpu", PETSAGE, Place("request.cpu", "FastAPI"), 0.33).evaluate(record(CPU))
    assert (verdict.value, verdict.met) == (0.25, True)
    assert (verdict.of, verdict.to) == (Measured(CPU, "PetSage"), Measured(CPU, "FastAPI"))


def test_of_several_sides_the_best_is_the_one_to_beat() -> None:
    verdict = Goal("cpu", PETSAGE, PEERS, 1).evaluate(record(CPU))
    assert verdict.to == Measured(CPU, "Sanic")
    throughput = figure("request.throughput", {"PetSage": 9.0, "Sanic": 3.0, "FastAPI": 1.0}, better="more")
    peers = Place("request.throughput", "FastAPI", "Sanic")
    assert peers.find(record(throughput)) == Measured(throughput, "Sanic")


def test_what_was_not_measured_is_neither_met_nor_missed() -> None:
    for found in (
        record(),
        record(figure("request.cpu", {"FastAPI": 1.0})),
        record(figure("request.cpu", {"PetSage": 1.0})),
    ):
        verdict = Goal("cpu", PETSAGE, PEERS, 1).evaluate(found)
        assert (verdict.value, verdict.met) == (None, None)


@pytest.mark.parametrize(("strict", "met"), [(False, True), (True, False)])
def test_a_strict_goal_is_missed_at_its_limit(strict: bool, met: bool) -> None:  # noqa: FBT001 (a parameter of the test)
    assert Goal("cpu", PETSAGE, PETSAGE, 1, strict=strict).evaluate(record(CPU)).met is met


def test_a_goal_may_be_a_number_and_no_ratio() -> None:
    runs = Goal("runs", Place("herd.executions", "PetSage"), None, 1)
    assert runs.evaluate(record(figure("herd.executions", {"PetSage": 1.0}))).met is True
    assert runs.evaluate(record(figure("herd.executions", {"PetSage": 2.0}))).met is False


def test_the_ratio_is_taken_across_figures_in_each_round() -> None:
    start, later = figure("memory.start", {"PetSage": 50.0}), figure("memory.requests", {"PetSage": 51.0})
    goal = Goal("memory", Place("memory.requests", "PetSage"), Place("memory.start", "PetSage"), 1.02)
    assert goal.evaluate(record(start, later)).value == 1.02


def test_how_a_limit_is_written() -> None:
    assert Goal("cpu", PETSAGE, PEERS, 1).bound == "≤ 1.00"
    assert Goal("cpu", PETSAGE, PEERS, 1, strict=True).bound == "< 1.00"
    assert Goal("runs", PETSAGE, None, 1).bound == "≤ 1"


def test_the_goals_of_the_bench() -> None:
    sides = {(goal.of.figure, goal.of.sides, goal.to and goal.to.figure, goal.bound) for goal in GOALS}
    assert sides == {
        ("request.cpu", ("PetSage",), "request.cpu", "≤ 1.00"),
        ("request.cpu", ("PetSage",), "request.cpu", "≤ 0.33"),
        ("request.cpu", ("PetSage",), "request.cpu", "< 1.00"),
        ("request.cpu", ("PetSage",), "request.cpu", "≤ 1.25"),
        ("request.paths", ("/readyz, 500 checks",), "request.paths", "≤ 1.05"),
        ("start.wall", ("PetSage",), "start.wall", "≤ 1.25"),
        ("memory.start", ("PetSage",), "memory.start", "≤ 1.25"),
        ("memory.requests", ("PetSage",), "memory.start", "≤ 1.02"),
        ("growth.cycle", ("10000",), "growth.bare", "≤ 2.00"),
        ("growth.overhead", ("10000",), "growth.overhead", "≤ 1.25"),
        ("herd.executions", ("PetSage",), None, "≤ 1"),
        ("probe.cpu", ("petsage-probe",), "probe.cpu", "≤ 1.20"),
        ("probe.cpu", ("petsage-probe",), "probe.cpu", "≤ 0.30"),
    }
