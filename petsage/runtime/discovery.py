"""Discovery of features: built-in ones, those in the folders of `feature_paths`, and those of other distributions."""

import errno
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from petsage.distributions import find_entry_points
from petsage.logs import get_logger

logger = get_logger(__name__)

ENTRY_POINT_GROUP = "petsage.features"
BUILT_IN = "built-in"
_RESERVED = ("tests",)
_ABSENT = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)


class FoundFeature(NamedTuple):
    """Name and place of a feature: a module to import by name, or a file to load by path."""

    name: str
    origin: str
    module: str | None = None
    path: Path | None = None


def find_features(feature_paths: Iterable[Path]) -> Iterator[FoundFeature]:
    """Yield every feature in discovery order: built-in, then folder by folder, then entry points by name."""
    built_in = Path(__file__).parents[1] / "features"
    for name, _path in _in_folder(built_in):
        yield FoundFeature(name, BUILT_IN, module=f"petsage.features.{name}")
    for folder in _distinct(feature_paths):
        for name, path in _in_folder(folder):
            yield FoundFeature(name, str(path), path=path)
    yield from _from_distributions()


def _distinct(folders: Iterable[Path]) -> Iterable[Path]:
    """Return the folders without duplicates, by their real paths."""
    return reversed({os.path.realpath(folder): folder for folder in reversed([*folders])}.values())


def _in_folder(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield name and path of `NAME.py` and `NAME/__init__.py`, sorted; nothing for a missing folder."""
    if not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        if path.name.startswith(("_", ".")) or path.stem in _RESERVED:
            continue
        entry = _entry(path)
        if entry is not None:
            yield path.stem if entry == path else path.name, entry


def _entry(path: Path) -> Path | None:
    """Return the file to import, also if it cannot be read: its import then fails with the reason."""
    inside = path / "__init__.py"
    try:
        mode = _mode(path)
        if path.suffix == ".py" and (not mode or stat.S_ISREG(mode)):
            return path
        if stat.S_ISREG(_mode(inside)):
            return inside
        if stat.S_ISDIR(mode) and any(path.glob("*.py")):
            logger.warning("%s has Python files but no __init__.py, so it is not a feature", path)
    except OSError as error:
        if path.stem.isidentifier():
            return path if path.suffix == ".py" else inside
        logger.warning("%s cannot be read (%s), and its name is not that of a feature", path, error.strerror)
    return None


def _mode(path: Path) -> int:
    """Return the mode of a file, or 0 if there is none. Raise OSError if it cannot be read.

    `Path.is_file` and similar methods raise nothing from Python 3.14 on.
    """
    try:
        return path.stat().st_mode
    except OSError as error:
        if error.errno in _ABSENT:
            return 0
        raise


def _from_distributions() -> Iterator[FoundFeature]:
    for name, value, distribution in find_entry_points(ENTRY_POINT_GROUP):
        yield FoundFeature(name, f"{distribution} ({value})" if distribution else value, module=value)
