"""Find features: built-in ones, those in the folders of `feature_paths`, and those of other distributions."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from petsage.entry_points import may_exist
from petsage.loggers import get_logger

if TYPE_CHECKING:
    from importlib.metadata import Distribution, EntryPoint

logger = get_logger(__name__)

ENTRY_POINT_GROUP = "petsage.features"
BUILT_IN = "built-in"
_NO_FEATURES = ("tests",)


class Found(NamedTuple):
    """A feature's name and where it stands: a module to import by name, or a file to load by its path."""

    name: str
    origin: str
    module: str | None = None
    path: Path | None = None


def find(feature_paths: Iterable[Path]) -> Iterator[Found]:
    """Yield every feature in discovery order: built-in, then folder by folder, then entry points by name."""
    built_in = Path(__file__).with_name("features")
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
        if path.suffix == ".py" and (path.is_file() or not path.exists()):
            return path
        if inside.is_file():
            return inside
        if path.is_dir() and any(path.glob("*.py")):
            logger.warning("%s holds Python files but no __init__.py, so it is no feature", path)
    except OSError as error:
        if path.stem.isidentifier():
            return path if path.suffix == ".py" else inside
        logger.warning("%s cannot be looked at (%s), and its name is no feature's", path, error.strerror)
    return None


def _from_distributions() -> Iterator[Found]:
    for entry in sorted(_entry_points(), key=lambda entry: (entry.name, entry.value)):
        origin = f"{entry.dist.name} ({entry.value})" if entry.dist else entry.value
        yield Found(entry.name, origin, module=entry.value)


def _entry_points() -> "Iterable[EntryPoint]":
    """Return all features of distributions; one whose metadata cannot be read has none, and hides nobody else's."""
    if not may_exist(ENTRY_POINT_GROUP):
        return ()
    from importlib.metadata import distributions, entry_points  # noqa: PLC0415 (only who has some pays)

    try:
        return entry_points(group=ENTRY_POINT_GROUP)
    except Exception as error:  # noqa: BLE001 (whatever a broken file makes of the parser)
        logger.warning("the entry points of a distribution cannot be read: %r", error)
    return [entry for distribution in distributions() for entry in _entry_points_of(distribution)]


def _entry_points_of(distribution: "Distribution") -> "Iterable[EntryPoint]":
    try:
        return distribution.entry_points.select(group=ENTRY_POINT_GROUP)
    except Exception:  # noqa: BLE001 (the same; it is named as well as can be)
        logger.warning("left out: %s", getattr(distribution, "_path", distribution))
        return ()
