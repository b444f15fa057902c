"""Measure the table and write it down: `make truth`. It runs with mounts of its own, by `unshare`."""

import argparse
import asyncio
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import NoReturn

from tests.integration.truth.document import DOCUMENT, written
from tests.integration.truth.group import Group
from tests.integration.truth.measure import Cell, measure
from tests.integration.truth.stage import groups, require_all
from tests.integration.truth.table import CONDITIONS, RIGHT, is_right
from tests.support.require import require_program

_OWN_MOUNTS = "--own-mounts"


def main() -> None:
    """Measure what the arguments name; write the document if that is all of it, or the cells as JSON."""
    arguments = _arguments()
    if not arguments.own_mounts:
        _run_with_own_mounts()
    with tempfile.TemporaryDirectory() as place, groups(Path(place), {*arguments.rows}) as started:
        cells = asyncio.run(_measured(started, {*arguments.conditions}))
    if arguments.json:
        arguments.json.write_text(json.dumps([cell._asdict() for cell in cells]))
    elif {*arguments.rows} == {*RIGHT} and {*arguments.conditions} == {*CONDITIONS}:
        DOCUMENT.write_text(written(cells))
    for cell in cells:
        if not (is_right(cell.right, cell.found) and arguments.quiet):
            _say(_line(cell))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make truth", description=__doc__)
    parser.add_argument("--rows", nargs="+", choices=RIGHT, default=[*RIGHT], metavar="ROW", help="only these")
    parser.add_argument("--conditions", nargs="+", choices=CONDITIONS, default=CONDITIONS, metavar="CONDITION")
    parser.add_argument("--json", type=Path, help="write the cells to this file, and no document")
    parser.add_argument("--quiet", action="store_true", help="show only the cells that are wrong")
    parser.add_argument(_OWN_MOUNTS, action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def _run_with_own_mounts() -> NoReturn:
    require_all()
    unshare = [require_program("unshare", "util-linux"), "--mount", "--propagation", "private"]
    argv = [*unshare, sys.executable, "-m", "tests.integration.truth", *sys.argv[1:], _OWN_MOUNTS]
    os.execv(argv[0], argv)


async def _measured(started: list[Group], conditions: set[str]) -> list[Cell]:
    """Measure all groups at once, each by a monitor of its own."""
    found = await asyncio.gather(*(measure(group, conditions) for group in started))
    order = [*RIGHT]
    return sorted((cell for cells in found for cell in cells), key=lambda cell: order.index(cell.row))


def _line(cell: Cell) -> str:
    said = f"{cell.found} ({cell.reason})" if cell.reason else cell.found
    judged = "" if is_right(cell.right, cell.found) else f", right is {cell.right}"
    return f"{cell.row}, {cell.condition}: {said}{judged}; down {cell.down:+.2f} s, up {cell.up:+.2f} s"


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    main()
