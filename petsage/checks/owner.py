"""Whose a check is that is added while the program runs: it goes when its feature goes."""

from contextvars import ContextVar

OWNER: ContextVar[str | None] = ContextVar("petsage.checks.owner", default=None)
"""The feature on whose behalf code runs; tasks and threads that it starts inherit it."""


def is_of(name: str, owner: str | None, feature: str) -> bool:
    """Say whether a check belongs to a feature: by its name `FEATURE.NAME`, or because the feature added it."""
    return owner == feature or name.startswith(f"{feature}.")
