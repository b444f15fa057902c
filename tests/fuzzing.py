"""How much the fuzzers try: a little by default, their whole budget where PETSAGE_FUZZ=full is set."""

import os

from hypothesis import HealthCheck, settings

_FULL = os.environ.get("PETSAGE_FUZZ") == "full"
_SHARE = 4
"""By default a fuzzer tries a quarter of its examples."""


def examples(full: int) -> int:
    """Return how many examples to try, of `full` at most."""
    return full if _FULL else max(full // _SHARE, 1)


def budget(full: int) -> settings:
    """Return the settings of a Hypothesis test; a slow machine is no finding."""
    return settings(max_examples=examples(full), deadline=None, suppress_health_check=[HealthCheck.too_slow])
