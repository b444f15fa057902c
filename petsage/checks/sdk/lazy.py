"""Values that are slow to make, such as drivers and TLS contexts: made once, or again when their files change."""

import asyncio
import os
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

from marshmallow import ValidationError

from petsage.checks.model import CheckFailed, Code
from petsage.checks.threads import in_daemon_thread

T = TypeVar("T")


class LazyValue(Generic[T]):
    """A value that is made in a daemon thread when it is first needed, and kept.

    Arguments:
        make: Makes the value, and may block. What it raises, `get` raises, and the next `get` tries again.
    """

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._made: Future[T] | None = None

    async def get(self) -> T:
        """Return the value; concurrent callers share one `make`, which continues when a caller is cancelled."""
        if self._made is None or (self._made.done() and self._made.exception()):
            self._made = in_daemon_thread(self._make, "prepare a check")
        if self._made.done():
            return self._made.result()
        return await asyncio.wrap_future(self._made)


_SETTLED_NS = 2_000_000_000
"""Nanoseconds for which a changed file is read each time: it may change again with the same time stamp."""

_Versions = tuple[tuple[str, tuple[int, ...]], ...]
"""The version of each file: device, inode, size and time stamps."""


class _Made(NamedTuple, Generic[T]):
    value: T
    versions: _Versions


class ReloadedValue(Generic[T]):
    """A value that is made in a daemon thread, and made again when one of its files has changed.

    Arguments:
        make: Makes the value, and may block. What it raises, `get` raises, and the next `get` tries again.
        files: Returns the paths of the files that the value is made of; of a folder, its entries count as well. It is
            called, and the files are looked at, in the thread: a network file system may not answer.
    """

    def __init__(self, make: Callable[[], T], files: Callable[[], Iterable[Path]]) -> None:
        self._make = make
        self._files = files
        self._made: _Made[T] | None = None
        self._pending: Future[T] | None = None

    async def get(self) -> T:
        """Return the value for the files as they are now.

        Concurrent callers share one examination of the files, which continues when a caller is cancelled.
        """
        if self._pending is None or self._pending.done():
            self._pending = in_daemon_thread(self._reload, "prepare a check")
        return await asyncio.wrap_future(self._pending)

    def _reload(self) -> T:
        versions = tuple(_versions(self._files()))
        if self._made is None or self._made.versions != versions or not _is_settled(versions):
            self._made = None
            self._made = _Made(self._make(), versions)
        return self._made.value


def _versions(paths: Iterable[Path]) -> Iterator[tuple[str, tuple[int, ...]]]:
    for path in paths:
        with suppress(OSError):  # `make` reports a file that cannot be read
            yield str(path), _version(path.stat())
            if path.is_dir():
                yield from _entries(path)


def _entries(folder: Path) -> Iterator[tuple[str, tuple[int, ...]]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            with suppress(OSError):
                yield entry.path, _version(entry.stat())


def _version(found: os.stat_result) -> tuple[int, ...]:
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _is_settled(versions: _Versions) -> bool:
    newest = max((max(version[-2:]) for _, version in versions), default=0)
    return abs(time.time_ns() - newest) > _SETTLED_NS


def import_driver(module: str, extra: str) -> Any:
    """Import and return a driver; this may block for long, so a kind calls it in a `LazyValue`.

    Arguments:
        module: The name of the driver's module.
        extra: The extra of PetSage that installs it.

    Raises:
        CheckFailed: It is not installed; the reason names the extra.
    """
    try:
        return import_module(module)
    except ImportError:
        raise CheckFailed(_missing(module, extra), code=Code.LOCAL) from None


def require_driver(module: str, extra: str, key: str) -> None:
    """Raise `ValidationError` for the setting `key`, which has credentials, when the driver is not installed."""
    if find_spec(module) is None:
        raise ValidationError(_missing(module, extra), key)


def _missing(module: str, extra: str) -> str:
    return f"logging in requires {module}: pip install 'petsage[{extra}]'"
