"""Figures: measured numbers, and what is derived from them."""

from dataclasses import dataclass
from statistics import median, quantiles
from typing import Literal, NamedTuple

Better = Literal["less", "more"]


@dataclass(frozen=True)
class Figure:
    """One quantity, measured at several sides in the same rounds.

    `sides` holds a number a round for each side, in the order of the rounds: element i of every side is of round i.
    `name` is the figure's key within its suite, `title` what a reader sees, `unit` what the numbers are in.
    """

    suite: str
    name: str
    title: str
    unit: str
    better: Better
    sides: dict[str, list[float]]

    def median(self, side: str) -> float:
        """Return the median of a side's rounds."""
        return median(self.sides[side])

    def spread(self, side: str) -> "Spread":
        """Return a side's lower and upper quartile."""
        return spread(self.sides[side])

    def ratio(self, side: str, to: str) -> float:
        """Return the ratio of a side to `to`: the median of the ratios of the rounds."""
        return ratio(self.sides[side], self.sides[to])

    def ranked(self) -> list[str]:
        """Return the sides, the best first."""
        return sorted(self.sides, key=self.median, reverse=self.better == "more")


class Spread(NamedTuple):
    """The quartiles: half of all rounds lie between them."""

    low: float
    high: float


def spread(rounds: list[float]) -> Spread:
    """Return the quartiles, interpolated between rounds; those of one round are the round itself."""
    if len(rounds) == 1:
        return Spread(rounds[0], rounds[0])
    low, _, high = quantiles(rounds, n=4, method="inclusive")
    return Spread(low, high)


def ratio(side: list[float], to: list[float]) -> float:
    """Return the median over the rounds of one side's number by the other's.

    Pairing the rounds cancels what a slow minute of the machine does to both. ValueError: sides of different rounds.
    """
    return median(mine / theirs for mine, theirs in zip(side, to, strict=True))
