"""The states and codes of all kinds of checks in all troubles, measured against real servers."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.truth.document import DOCUMENT, written
from tests.integration.truth.measure import Cell
from tests.integration.truth.stage import require_all
from tests.integration.truth.table import CONDITIONS, KNOWN_GAPS, RIGHT, Gap, is_right, why_not
from tests.support.state_changes import SLACK

HERE = Path(__file__).parents[3]


@pytest.mark.integration
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_every_check_reports_every_failure_in_time(tmp_path: Path) -> None:
    require_all()
    file = tmp_path / "cells.json"
    argv = [sys.executable, "-m", "tests.integration.truth", "--json", str(file)]
    done = subprocess.run(argv, cwd=HERE, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    cells = [Cell(**cell) for cell in json.loads(file.read_text())]
    wrong = {Gap(cell.row, cell.condition): cell for cell in cells if not _holds(cell)}
    assert {gap: cell for gap, cell in wrong.items() if gap not in KNOWN_GAPS} == {}
    assert KNOWN_GAPS - {*wrong} == set(), "these gaps are closed: take them out of KNOWN_GAPS"
    assert len(cells) == sum(len(row) for row in RIGHT.values())


def _holds(cell: Cell) -> bool:
    return is_right(cell.right, cell.found) and max(cell.down, cell.up) <= SLACK


def test_the_document_is_of_this_table() -> None:
    rows = [line.strip("| ").split(" | ") for line in DOCUMENT.read_text().splitlines() if line.startswith("| ")]
    head, _, *body = rows
    assert head == [f"`{row}`" for row in RIGHT]
    assert [cells[0] for cells in body] == [f"**{condition}**" for condition in CONDITIONS]
    for condition, (_, *cells) in zip(CONDITIONS, body, strict=True):
        applying = [row for row, cell in zip(RIGHT, cells, strict=True) if not cell.startswith("n/a")]
        assert applying == [row for row in RIGHT if condition in RIGHT[row]], condition


def test_the_document_marks_what_is_wrong_and_what_is_late() -> None:
    cells = [
        Cell("http", "stopped", "refused", "refused", "connection refused by x", 0.04, 0.0),
        Cell("https", "stopped", "refused", "no code: odd", "odd", 1.0, 0.0),
        Cell("tcp", "stopped", "refused", "refused", "connection refused by x", 0.2, 0.3),
        Cell("tls", "stopped", "refused", "refused", "connection refused by x", 0.0, 1.25),
    ]
    line = next(line for line in written(cells).splitlines() if line.startswith("| **stopped**"))
    shown = line.strip("| ").split(" | ")
    assert [shown[1], shown[2], shown[3], shown[5]] == [
        "`refused`",
        "**`no code`, not `refused`**",
        "`refused` +0.3",
        "`refused` **+1.2**",
    ]
    assert "Cells that apply: 4. Right: 3. Right, but later than the goal: 1." in written(cells)
    assert "down was 0.20 s over its bound, and the latest turn up 1.25 s." in written(cells)


def test_a_cell_that_does_not_apply_says_why() -> None:
    places = [(row, condition) for row in RIGHT for condition in CONDITIONS if condition not in RIGHT[row]]
    datagrams = {row for row, condition in places if why_not(row, condition).startswith("names are asked for")}
    assert datagrams == {"dns"}
    passwords = {row for row, condition in places if why_not(row, condition) == "the check sends no password"}
    assert passwords == {"tcp", "tcp.expect", "tls", "dns", "postgres", "mysql", "redis"}


def test_the_gaps_that_are_known_are_cells() -> None:
    assert {gap for gap in KNOWN_GAPS if gap.condition not in RIGHT[gap.row]} == set()
