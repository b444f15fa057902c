import pytest

from bench.figures import Better, Figure, Spread, ratio, spread


def figure(better: Better = "less", **sides: list[float]) -> Figure:
    return Figure("request", "cpu", "CPU per request", "µs", better, sides)


def test_the_median_is_the_middle_round() -> None:
    assert figure(a=[30.0, 10.0, 11.0]).median("a") == 11.0


def test_the_median_of_two_rounds_lies_between_them() -> None:
    assert figure(a=[10.0, 20.0]).median("a") == 15.0


def test_the_spread_is_the_quartiles() -> None:
    assert figure(a=[5.0, 1.0, 4.0, 2.0, 3.0]).spread("a") == Spread(2.0, 4.0)


def test_the_spread_of_one_round_is_that_round() -> None:
    assert spread([7.0]) == Spread(7.0, 7.0)


def test_the_ratio_is_taken_in_each_round_so_that_a_slow_minute_cancels() -> None:
    assert figure(a=[10.0, 100.0, 12.0], b=[20.0, 200.0, 20.0]).ratio("a", "b") == 0.5


def test_sides_of_different_rounds_have_no_ratio() -> None:
    with pytest.raises(ValueError, match="zip"):
        ratio([1.0, 2.0], [1.0])


def test_the_best_side_comes_first() -> None:
    slow, fast = [9.0], [1.0]
    assert figure("less", slow=slow, fast=fast).ranked() == ["fast", "slow"]
    assert figure("more", slow=slow, fast=fast).ranked() == ["slow", "fast"]
