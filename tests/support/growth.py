"""How the cost of a function grows with its input: CPU time, never the clock on the wall."""

from collections.abc import Callable
from time import thread_time

MOST = 2.5
"""The ratio of the costs of twice the input and of the input, at the most."""

_SMALLEST = 0.0005  # seconds; what costs less says nothing


def growth(run: Callable[[int], object], size: int) -> float:
    """Return the ratio of the CPU times of `run(2 * size)` and `run(size)`: the smallest of a few attempts."""
    ratios = []
    for _ in range(5):
        one, two = (min(_cost(run, length) for _ in range(3)) for length in (size, 2 * size))
        ratios.append(two / max(one, _SMALLEST))
        if ratios[-1] <= MOST:
            break
    return min(ratios)


def _cost(run: Callable[[int], object], length: int) -> float:
    began = thread_time()
    run(length)
    return thread_time() - began
