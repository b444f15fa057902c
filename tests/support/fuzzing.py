"""Budget of fuzzers and long tables: a quarter by default, everything with PETSAGE_FUZZ=full."""

import os
from collections.abc import Iterable
from random import Random
from typing import TypeVar

from hypothesis import HealthCheck, settings

T = TypeVar("T")

_FULL = os.environ.get("PETSAGE_FUZZ") == "full"
_SHARE = 4
"""By default a fuzzer tries a quarter of its examples, and a table a quarter of its rows."""


def examples(full: int) -> int:
    """Return how many examples to try, of `full` at most."""
    return full if _FULL else max(full // _SHARE, 1)


def budget(full: int) -> settings:
    """Return the settings of a Hypothesis test; slowness is not a finding."""
    return settings(max_examples=examples(full), deadline=None, suppress_health_check=[HealthCheck.too_slow])


def some(table: Iterable[T]) -> list[T]:
    """Return a quarter of the rows, spread evenly and the same each time; all of them with the whole budget."""
    rows = list(table)
    chosen = Random(0).sample(range(len(rows)), examples(len(rows)))
    return [rows[at] for at in sorted(chosen)]
