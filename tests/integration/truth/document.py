"""The document: what every cell came to, as a table for people."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from string import Template

from tests.integration.truth.measure import Cell
from tests.integration.truth.table import (
    CONDITIONS,
    DOWN_INTERVAL,
    DOWN_WITHIN,
    FALL,
    INTERVAL,
    RIGHT,
    RISE,
    TIMEOUT,
    UP_WITHIN,
    is_right,
    why_not,
)

DOCUMENT = Path(__file__).parents[3] / "docs" / "explanation" / "truth.md"

GOAL = 0.5
"""Seconds over a bound that are worth no mark."""

_TEMPLATE = Path(__file__).with_name("truth.template.md")
_SHOWN = 0.05


def written(cells: Sequence[Cell]) -> str:
    """Return the document."""
    return Template(_TEMPLATE.read_text()).substitute(
        table=_table(cells),
        summary=_summary(cells),
        reasons="\n".join(f"{number}. {reason[0].upper()}{reason[1:]}." for reason, number in _numbers().items()),
        goal=f"{GOAL:g}",
        down_within=f"{DOWN_WITHIN:g}",
        up_within=f"{UP_WITHIN:g}",
        interval=f"{INTERVAL:g}",
        down_interval=f"{DOWN_INTERVAL:g}",
        timeout=f"{TIMEOUT:g}",
        fall=FALL,
        rise=RISE,
    )


def _table(cells: Sequence[Cell]) -> str:
    by_place = {(cell.row, cell.condition): cell for cell in cells}
    lines = [_line(["", *(f"`{row}`" for row in RIGHT)]), _line(["---"] * (len(RIGHT) + 1))]
    for condition in CONDITIONS:
        texts = [_text(by_place.get((row, condition)), row, condition) for row in RIGHT]
        lines.append(_line([f"**{condition}**", *texts]))
    return "\n".join(lines)


def _text(cell: Cell | None, row: str, condition: str) -> str:
    if cell is None:
        return f"n/a <sup>{_numbers()[why_not(row, condition)]}</sup>"
    over = max(cell.down, cell.up)
    if not is_right(cell.right, cell.found):
        return f"**`{_short(cell.found)}`, not `{cell.right}`**"
    late = "" if over < _SHOWN else f" +{over:.1f}" if over <= GOAL else f" **+{over:.1f}**"
    return f"`{cell.right}`{late}"


def _short(found: str) -> str:
    return found.partition(":")[0]


def _summary(cells: Sequence[Cell]) -> str:
    right = [cell for cell in cells if is_right(cell.right, cell.found)]
    down, up = max((cell.down for cell in right), default=0), max((cell.up for cell in right), default=0)
    over = sum(max(cell.down, cell.up) > GOAL for cell in right)
    return (
        f"Cells that apply: {len(cells)}. Right: {len(right)}. Right, but later than the goal: {over}. "
        f"The latest turn down was {down:.2f} s over its bound, and the latest turn up {up:.2f} s.\n"
    )


def _numbers() -> dict[str, int]:
    """Number the reasons in the order in which a reader meets them."""
    places = ((row, condition) for condition in CONDITIONS for row in RIGHT if condition not in RIGHT[row])
    reasons = dict.fromkeys(why_not(row, condition) for row, condition in places)
    return {reason: number for number, reason in enumerate(reasons, 1)}


def _line(texts: Iterable[str]) -> str:
    return f"| {' | '.join(texts)} |"
