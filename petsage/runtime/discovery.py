"""Find features: built-in ones, those in the folders of `feature_paths`, and those of other distributions."""

import errno
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from petsage.entry_points import points
from petsage.logs import get_logger

logger = get_logger(__name__)

ENTRY_POINT_GROUP = "petsage.features"
BUILT_IN = "built-in"
_NO_FEATURES = ("tests",)
_NOTHING_THERE = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)


class Found(NamedTuple):
    """A feature's name and where it stands: a module to import by name, or a file to load by its path."""

    name: str
    origin: str
    module: str | None = None
    path: Path | None = None


def find(feature_paths: Iterable[Path]) -> Iterator[Found]:
    """Yield every feature in discovery order: built-in, then folder by folder, then entry points by name."""
    built_in = Path(__file__).parents[1] / "features"
    for name, _path in _in_folder(built_in):
        yield Found(name, BUILT_IN, module=f"petsage.features.{name}")
    for folder in _once(feature_paths):
        for name, path in _in_folder(folder):
            yield Found(name, str(path), path=path)
    yield from _from_distributions()


def _once(folders: Iterable[Path]) -> Iterable[Path]:
    """Leave out a folder that was there before, by whatever name."""
    return reversed({os.path.realpath(folder): folder for folder in reversed([*folders])}.values())


def _in_folder(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield `NAME.py` and `NAME/__init__.py`, sorted; a missing folder holds nothing."""
    if not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        if path.name.startswith(("_", ".")) or path.stem in _NO_FEATURES:
            continue
        door = _door(path)
        if door is not None:
            yield path.stem if door == path else path.name, door


def _door(path: Path) -> Path | None:
    """Return the file that a feature is imported from; where one cannot be looked at, the import says so."""
    inside = path / "__init__.py"
    try:
        mode = _mode(path)
        if path.suffix == ".py" and (not mode or stat.S_ISREG(mode)):
            return path
        if stat.S_ISREG(_mode(inside)):
            return inside
        if stat.S_ISDIR(mode) and any(path.glob("*.py")):
            logger.warning("%s holds Python files but no __init__.py, so it is no feature", path)
    except OSError as error:
        if path.stem.isidentifier():
            return path if path.suffix == ".py" else inside
        logger.warning("%s cannot be looked at (%s), and its name is no feature's", path, error.strerror)
    return None


def _mode(path: Path) -> int:
    """Return the mode of a file, 0 where there is none; raise OSError where it cannot be looked at.

    `Path.is_file` and its like raise nothing from Python 3.14 on.
    """
    try:
        return path.stat().st_mode
    except OSError as error:
        if error.errno in _NOTHING_THERE:
            return 0
        raise


def _from_distributions() -> Iterator[Found]:
    for name, value, distribution in points(ENTRY_POINT_GROUP):
        yield Found(name, f"{distribution} ({value})" if distribution else value, module=value)
