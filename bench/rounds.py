"""Order of measuring: A B C, B C A, C A B, so that noise of the machine does not always hit the same side."""

from collections.abc import Callable, Sequence
from typing import TypeVar

Measured = TypeVar("Measured")


def in_turn(sides: Sequence[str], rounds: int, measure: Callable[[str], Measured]) -> dict[str, list[Measured]]:
    """Measure each side once a round; return the results by side, in the order of the rounds."""
    found: dict[str, list[Measured]] = {side: [] for side in sides}
    for number in range(rounds):
        first = number % len(sides)
        for side in (*sides[first:], *sides[:first]):
            found[side].append(measure(side))
    return found
