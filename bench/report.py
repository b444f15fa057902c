"""A record as Markdown: every figure for the bench's own page, and a few for the README."""

from collections.abc import Iterable
from itertools import groupby

from bench.charts import charts, is_ours
from bench.figures import Figure
from bench.goal import Measured, Verdict
from bench.goals import GOALS
from bench.markdown import amount, picture, table, times
from bench.record import Record

_READING = """\
A number is the **median** of the rounds, beside the quartiles, between which half of all rounds lie. A **ratio** is
taken within each round, in which both sides met the same machine, and its median is shown: 2.00 is twice as much.
"""

_SINGULAR = {"runs": "run", "times": "time"}
_MET = {True: "yes", False: "**no**", None: "not measured"}


def page(record: Record, how: str) -> str:
    """Return the page of all figures; `how` is the link to the description of the method."""
    parts = [
        "# What PetSage costs, beside its peers\n\nWritten by `make bench`.\n",
        _of(record),
        f"What is measured and how: [bench/README.md]({how}). Every round of it: [results.json](bench/results.json).\n",
        _READING,
        pictures(record, "bench"),
        f"## The goals\n\n{_goals([goal.evaluate(record) for goal in GOALS])}",
        *_suites(record),
        _surroundings(record),
    ]
    return "\n".join(part for part in parts if part)


def section(record: Record) -> str:
    """Return the section of the README."""
    verdicts = [goal.evaluate(record) for goal in GOALS if goal.short]
    rows = [_row(verdict) for verdict in verdicts if verdict.value is not None]
    shown = table("lrlrr", ("", "PetSage", "beside it", "", "ratio"), rows)
    return f"{shown}\n{pictures(record, 'docs/bench')}\n[All figures](docs/bench.md), by `make bench`. {_of(record)}"


def pictures(record: Record, folder: str) -> str:
    """Return Markdown for the pictures of a record in this folder."""
    return "".join(f"{picture(folder, chart.name, chart.alt)}\n" for chart in charts(record))


def _of(record: Record) -> str:
    machine, python = record.machine, record.versions.get("Python", "")
    changed = ", with files changed since" if record.dirty else ""
    hurried = "A quick run: for a first look only. " if record.quick else ""
    where = f"{machine['cpu']}, {machine['cores']} cores, {machine['system']} {machine['kernel']}, Python {python}"
    return f"{hurried}Measured {record.made} at commit `{record.commit}`{changed}, on {where}.\n"


def _goals(verdicts: Iterable[Verdict]) -> str:
    rows = [[*_row(verdict), verdict.goal.bound, _MET[verdict.met]] for verdict in verdicts]
    return table("lrlrrrl", ("", "PetSage", "beside it", "", "ratio", "goal", "met"), rows)


def _row(verdict: Verdict) -> list[str]:
    goal = verdict.goal
    beside = goal.beside.format(verdict.to.side) if verdict.to else ""
    value = "" if verdict.value is None else f"{verdict.value:.3f}" if goal.to else amount(verdict.value)
    return [goal.what, _shown(verdict.of), beside, _shown(verdict.to), value]


def _shown(measured: Measured | None) -> str:
    return _with_unit(measured.figure, measured.side) if measured else ""


def _with_unit(figure: Figure, side: str) -> str:
    median = figure.median(side)
    unit = _SINGULAR.get(figure.unit, figure.unit) if median == 1 else figure.unit
    return f"{amount(median)}\N{NO-BREAK SPACE}{unit}".strip()


def _suites(record: Record) -> Iterable[str]:
    """Yield the figures of each suite, the requests first."""
    found = sorted(record.figures, key=lambda figure: figure.suite != "request")
    for suite, figures in groupby(found, lambda figure: figure.suite):
        yield f"## {suite}\n\n" + "\n".join(_figure(figure) for figure in figures)


def _figure(figure: Figure) -> str:
    first = next((side for side in figure.sides if is_ours(side)), next(iter(figure.sides)))
    unit = f", {figure.unit}" if figure.unit else ""
    header = ("", f"median{unit}", "quartiles", f"to {_name(first)}")
    rows = [_side(figure, side, first) for side in figure.sides]
    rounds = len(figure.sides[first])
    return f"**{figure.title}** ({figure.better} is better, rounds: {rounds})\n\n{table('lrrr', header, rows)}"


def _side(figure: Figure, side: str, first: str) -> list[str]:
    name = f"**{side}**" if is_ours(side) else _name(side)
    quartiles = " to ".join(amount(quartile) for quartile in figure.spread(side))
    return [name, amount(figure.median(side)), quartiles, times(figure.ratio(side, first))]


def _name(side: str) -> str:
    """Return the displayed name of a side; a bare number is a number of checks."""
    return f"{int(side):,} checks" if side.isdecimal() and side != "1" else "1 check" if side == "1" else side


def _surroundings(record: Record) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in record.versions.items())
    notes = "".join(f"- {note}\n" for note in record.notes)
    return f"## Of what, and where\n\n{versions}\n" + (f"\n{notes}" if notes else "")
