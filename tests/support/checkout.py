"""The project as it is, copied as its user gets it."""

import shutil
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
ENVIRONMENTS = (".venv", ".bench", ".tools", ".newest", ".oldest")
MADE = (
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
    """Copy the checkout without what was made in it."""
    shutil.copytree(CHECKOUT, place, ignore=shutil.ignore_patterns(*MADE))
    return place
