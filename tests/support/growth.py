"""Growth of a function's CPU time with the size of its input."""

from collections.abc import Callable
from time import thread_time

MAX_GROWTH = 2.5
"""Largest accepted ratio of the costs for twice the input and for the input."""

_MIN_SECONDS = 0.0005  # smaller costs cannot be measured


def growth(run: Callable[[int], object], size: int, accepted: float = MAX_GROWTH) -> float:
    """Return the ratio of the CPU times of `run(2 * size)` and `run(size)`: the first accepted of a few attempts."""
    ratios = []
    for _ in range(5):
        one, two = (min(_cost(run, length) for _ in range(3)) for length in (size, 2 * size))
        ratios.append(two / max(one, _MIN_SECONDS))
        if ratios[-1] <= accepted:
            break
    return min(ratios)


def _cost(run: Callable[[int], object], length: int) -> float:
    began = thread_time()
    run(length)
    return thread_time() - began
