"""Find features: built-in ones, those in the folders of `feature_paths`, and those of other distributions."""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

logger = logging.getLogger(__name__)

ENTRY_POINT_GROUP = "petsage.features"
BUILT_IN = "built-in"
_NO_FEATURES = ("tests",)


@dataclass(frozen=True)
class Found:
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
    for folder in feature_paths:
        for name, path in _in_folder(folder):
            yield Found(name, str(path), path=path)
    yield from _from_distributions()


def _in_folder(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield `NAME.py` and `NAME/__init__.py`, sorted; a missing folder holds nothing."""
    if not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        if path.name.startswith(("_", ".")) or path.stem in _NO_FEATURES:
            continue
        if path.suffix == ".py" and path.is_file():
            yield path.stem, path
        elif path.is_dir() and (path / "__init__.py").is_file():
            yield path.name, path / "__init__.py"
        elif path.is_dir() and any(path.glob("*.py")):
            logger.warning("%s holds Python files but no __init__.py, so it is no feature", path)


def _from_distributions() -> Iterator[Found]:
    from importlib.metadata import entry_points  # noqa: PLC0415 (needed once, and nothing else imports it)

    for entry in sorted(entry_points(group=ENTRY_POINT_GROUP), key=lambda entry: (entry.name, entry.value)):
        origin = f"{entry.dist.name} ({entry.value})" if entry.dist else entry.value
        yield Found(entry.name, origin, module=entry.value)
