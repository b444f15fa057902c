"""List the features with their states. They are imported and set up, but not started."""

import argparse
import logging
import sys
from collections.abc import Iterable

from petsage.app import dry_run
from petsage.bootstrap import default_config_path, load
from petsage.builder.findings import raised_at
from petsage.cli._console import say
from petsage.core.inventory import Entry, State
from petsage.feature import FeatureFailed
from petsage.text import cut
from petsage.untrusted import description, is_a

_HEADINGS = ("NAME", "FROM", "STATE", "SUMMARY")
_STATES = {State.MOUNTED: "ready"}


def add_arguments(_parser: argparse.ArgumentParser) -> None:
    """Declare no options of its own."""


def run(options: argparse.Namespace) -> int:
    """Print the table; return 1 when a required feature is in quarantine."""
    logging.basicConfig(level=logging.ERROR, handlers=[_Explaining()])
    loaded = load(default_config_path(options.config))
    dry_run(loaded)
    inventory = loaded.core.inventory()
    for line in _table([_HEADINGS, *map(_row, inventory)]):
        say(line)
    return 1 if inventory.missing(required=True) else 0


class _Explaining(logging.Handler):
    """Writes a line with the reason why a feature is in quarantine and the place in its code."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        say(f"{record.getMessage()}{_cause(error)}", sys.stderr)


def _cause(error: BaseException | None) -> str:
    if error is None or is_a(error, FeatureFailed):
        return ""
    return f": {cut(description(error))}{raised_at(error)}".replace("\n", " ")


def _row(entry: Entry) -> tuple[str, ...]:
    return (entry.name, entry.origin, _STATES.get(entry.state, entry.state.value), cut(entry.summary))


def _table(rows: Iterable[tuple[str, ...]]) -> Iterable[str]:
    rows = list(rows)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
