"""Whether it is worth asking importlib.metadata: its import takes longer than looking."""

import os
import sys
from collections.abc import Iterator
from importlib.machinery import PathFinder
from pathlib import Path

_METADATA = (".dist-info", "egg-info")


def may_exist(group: str) -> bool:
    """Say whether a distribution may have entry points of a group; False is sure.

    Looks where importlib.metadata's own finder does: into the `entry_points.txt` of every distribution in a folder of
    `sys.path`. Whatever else is there, such as an archive, another finder, or what cannot be read, may hold one.
    """
    if any(hasattr(finder, "find_distributions") and finder is not PathFinder for finder in sys.meta_path):
        return True
    try:
        return any(_names(path, group.encode()) for folder in sys.path for path in _metadata_in(folder))
    except OSError:
        return True


def _metadata_in(folder: str) -> Iterator[str]:
    try:
        with os.scandir(folder or ".") as entries:
            yield from (entry.path for entry in entries if entry.name.lower().endswith(_METADATA))
    except FileNotFoundError:
        return


def _names(metadata: str, group: bytes) -> bool:
    try:
        return group in Path(metadata, "entry_points.txt").read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return False
