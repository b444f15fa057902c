import pytest

from bench.cycle import SIDES, measure


@pytest.mark.parametrize("side", SIDES)
async def test_both_sides_run_their_checks_and_cost_something(side: str) -> None:
    assert await measure(side, count=3, rate=300, seconds=0.1) > 0
