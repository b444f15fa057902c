"""Charts: which figures are drawn, and with which texts; `plots` draws them."""

from dataclasses import dataclass

from bench.figures import Figure
from bench.markdown import amount
from bench.record import Record

_HEALTH = ("django-health-check", "svcs")
_STACK = ("aiohttp web.Server", "raw asyncio")
_LESS = "less is better"


@dataclass(frozen=True)
class Bars:
    """The sides of one figure, the best first. `limits` are no peers, and drawn hollow."""

    name: str
    title: str
    subtitle: str
    unit: str
    bars: list[tuple[str, float]]
    limits: tuple[str, ...] = ()

    @property
    def alt(self) -> str:
        """Alternative text of the picture."""
        sides = ", ".join(f"{side} {amount(number)} {self.unit}" for side, number in self.bars)
        return f"{self.title}: {sides}"


@dataclass(frozen=True)
class Lines:
    """A number by the number of checks; each line is a list of points (checks, number)."""

    name: str
    title: str
    subtitle: str
    unit: str
    lines: dict[str, list[tuple[int, float]]]

    @property
    def alt(self) -> str:
        """Alternative text of the picture: where each line begins and ends."""
        ends = {line: (points[0], points[-1]) for line, points in self.lines.items()}
        sides = "; ".join(
            f"{line} {amount(first)} {self.unit} with {fewest:,}, {amount(last)} {self.unit} with {most:,}"
            for line, ((fewest, first), (most, last)) in ends.items()
        )
        return f"{self.title}: {sides}"


Chart = Bars | Lines


def is_ours(side: str) -> bool:
    """Return whether a side is PetSage's, which is highlighted."""
    return side.lower().startswith("petsage")


def charts(record: Record) -> list[Chart]:
    """Return the charts of a record."""
    found = (
        _bars(record, "request.cpu", "CPU per request", f"GET /smoke-test, µs; {_LESS}; hollow: no framework", _STACK),
        _growth(record),
        _bars(record, "start.wall", "From exec to the first 200", f"ms; {_LESS}"),
        _bars(
            record, "probe.cpu", "CPU of one probe", f"one call, ms; {_LESS}; hollow: asks nothing", ("python -c pass",)
        ),
    )
    return [chart for chart in found if chart is not None]


def _bars(record: Record, key: str, title: str, subtitle: str, limits: tuple[str, ...] = ()) -> Bars | None:
    figure = record.figure(key)
    if figure is None:
        return None
    bars = [(side, figure.median(side)) for side in figure.ranked()]
    return Bars(figure.suite, title, subtitle, figure.unit, bars, limits)


def _growth(record: Record) -> Lines | None:
    ours = record.figure("growth.cpu")
    if ours is None:
        return None
    lines = {"PetSage": _points(ours)}
    peers = [figure for figure in record.figures if figure.suite == "request" and figure.name.startswith("health_")]
    for side in _HEALTH:
        points = [(_checks(figure), figure.median(side)) for figure in peers if side in figure.sides]
        lines |= {side: sorted(points)} if points else {}
    return Lines(
        "growth",
        "CPU per request by number of checks",
        f"GET /readyz, µs; {_LESS}; logarithmic",
        ours.unit,
        lines,
    )


def _points(figure: Figure) -> list[tuple[int, float]]:
    return sorted((int(side), figure.median(side)) for side in figure.sides)


def _checks(figure: Figure) -> int:
    return int(figure.name.removeprefix("health_"))
