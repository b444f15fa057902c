"""Copies of the checkout, without files that were made in it."""

import shutil
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
ENVIRONMENTS = (".venv", ".bench", ".tools", ".newest", ".oldest")
GENERATED = (
    ".git",
    *ENVIRONMENTS,
    ".*_cache",
    ".coverage*",
    ".hypothesis",
    ".schemathesis",
    "__pycache__",
    "*.egg-info",
    "build",
    "dist",
)


def copy_to(place: Path) -> Path:
    """Copy the checkout, without environments, caches and build results."""
    shutil.copytree(CHECKOUT, place, ignore=shutil.ignore_patterns(*GENERATED))
    return place
