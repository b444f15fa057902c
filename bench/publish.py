"""Writes the results of a run into the documentation."""

import os
from pathlib import Path

from bench.charts import charts
from bench.markdown import replaced
from bench.record import Record, write
from bench.report import page, section

ROOT = Path(__file__).parent.parent
MARK = "bench"


def publish(record: Record, into: Path, readme: Path | None) -> None:
    """Write `bench.md`, and beside it `bench/` with the raw results and the plots; renew the README's section."""
    from bench.plots import draw  # noqa: PLC0415 (matplotlib is there where the bench runs, not where it is tested)

    write(record, into / "bench" / "results.json")
    draw(charts(record), into / "bench")
    (into / "bench.md").write_text(page(record, os.path.relpath(ROOT / "bench" / "README.md", into)))
    if readme is not None:
        readme.write_text(replaced(readme.read_text(), MARK, section(record)))
