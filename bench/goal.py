"""Goals: a measured number, another one to compare it with, and the ratio that is allowed."""

from dataclasses import dataclass

from bench.figures import Figure, ratio
from bench.record import Record


@dataclass(frozen=True)
class Place:
    """Reference to a number in a record: a side of the figure `SUITE.NAME`, the best of them if several are given."""

    figure: str
    sides: tuple[str, ...]

    def __init__(self, figure: str, *sides: str) -> None:
        object.__setattr__(self, "figure", figure)
        object.__setattr__(self, "sides", sides)

    def find(self, record: Record) -> "Measured | None":
        """Return the number, or None where it was not measured."""
        figure = record.figure(self.figure)
        ranked = figure.ranked() if figure else []
        side = next((side for side in ranked if side in self.sides), None)
        return Measured(figure, side) if figure and side else None


@dataclass(frozen=True)
class Measured:
    """One side of a figure."""

    figure: Figure
    side: str

    @property
    def rounds(self) -> list[float]:
        """Return what each round measured."""
        return self.figure.sides[self.side]


@dataclass(frozen=True)
class Goal:
    """`of` divided by `to`, or `of` itself where there is no `to`, is at most `limit`; less than it where `strict`.

    `beside` describes `to`, with `{}` for the side's name, which is the default. A `short` goal appears in the
    README's table.
    """

    what: str
    of: Place
    to: Place | None
    limit: float
    beside: str = "{}"
    strict: bool = False
    short: bool = False

    @property
    def bound(self) -> str:
        """The limit as text."""
        return f"{'<' if self.strict else '≤'} {self.limit:.2f}" if self.to else f"≤ {self.limit:g}"

    def evaluate(self, record: Record) -> "Verdict":
        """Return the result of the goal for a record."""
        of, to = self.of.find(record), self.to.find(record) if self.to else None
        if of is None or (to is None and self.to is not None):
            return Verdict(self, of, to, None)
        return Verdict(self, of, to, ratio(of.rounds, to.rounds) if to else of.figure.median(of.side))


@dataclass(frozen=True)
class Verdict:
    """Result of a goal; without a `value` something was not measured, and the goal is neither met nor missed."""

    goal: Goal
    of: Measured | None
    to: Measured | None
    value: float | None

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None where something was not measured."""
        if self.value is None:
            return None
        return self.value < self.goal.limit if self.goal.strict else self.value <= self.goal.limit
