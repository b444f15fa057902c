"""One run of the bench as JSON: the raw rounds, with machine, versions and commit."""

import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.figures import Figure


@dataclass(frozen=True)
class Record:
    """Result of a run.

    `made` is the time of its end in UTC, `commit` what was measured, `dirty` whether files were changed since, `notes`
    says what was left out, and why.
    """

    made: str
    commit: str
    dirty: bool
    quick: bool
    machine: dict[str, str | int]
    versions: dict[str, str]
    notes: list[str] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)

    def figure(self, key: str) -> Figure | None:
        """Return a figure by `SUITE.NAME`."""
        return next((figure for figure in self.figures if f"{figure.suite}.{figure.name}" == key), None)


def write(record: Record, path: Path) -> None:
    """Write a record, with six significant digits of each number."""
    document = asdict(record)
    for figure in document["figures"]:
        figure["sides"] = {side: [_short(number) for number in rounds] for side, rounds in figure["sides"].items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")


def read(path: Path) -> Record:
    """Read a record."""
    document: dict[str, Any] = json.loads(path.read_text())
    figures = [Figure(**figure) for figure in document.pop("figures")]
    return Record(**document, figures=figures)


def now() -> str:
    """Return the current time in the format of a record."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _short(number: float) -> float:
    return float(f"{number:.6g}")
