"""Values that take long to make: imported drivers, TLS contexts, and what is made of files that may change."""

import asyncio
import os
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

from marshmallow import ValidationError

from petsage.checks.model import CheckFailed, Code
from petsage.checks.threads import in_daemon_thread

T = TypeVar("T")


class LazyValue(Generic[T]):
    """A value that is made at first need, in a daemon thread; a failure is raised, and the next caller tries again."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._made: Future[T] | None = None

    async def get(self) -> T:
        """Return the value; callers meanwhile share the making, and going away does not stop it."""
        if self._made is None or (self._made.done() and self._made.exception()):
            self._made = in_daemon_thread(self._make, "prepare a check")
        if self._made.done():
            return self._made.result()
        return await asyncio.wrap_future(self._made)


_SETTLED_NS = 2_000_000_000
"""A file that was changed less than 2 s before the look may be changed once more under the same time stamp."""

Look = tuple[tuple[str, tuple[int, ...]], ...]
"""Files by what tells one version of them from another."""


class _Made(NamedTuple, Generic[T]):
    value: T
    look: Look


class ReloadedValue(Generic[T]):
    """A value that is made in a daemon thread, and made anew after a change of `files`, which returns their paths.

    Of a path that is a folder, its entries count as well. All of it happens in the thread, since a file system of the
    network may not answer. A failure is raised, and the next caller tries again.
    """

    def __init__(self, make: Callable[[], T], files: Callable[[], Iterable[Path]]) -> None:
        self._make = make
        self._files = files
        self._made: _Made[T] | None = None
        self._pending: Future[T] | None = None

    async def get(self) -> T:
        """Return the value as of now; callers meanwhile share the look, and going away does not stop it."""
        if self._pending is None or self._pending.done():
            self._pending = in_daemon_thread(self._renew, "prepare a check")
        return await asyncio.wrap_future(self._pending)

    def _renew(self) -> T:
        look = tuple(_look(self._files()))
        if self._made is None or self._made.look != look or not _is_settled(look):
            self._made = None
            self._made = _Made(self._make(), look)
        return self._made.value


def _look(paths: Iterable[Path]) -> Iterator[tuple[str, tuple[int, ...]]]:
    for path in paths:
        with suppress(OSError):  # one that cannot be looked at is told by whoever reads it
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


def _is_settled(look: Look) -> bool:
    newest = max((max(version[-2:]) for _, version in look), default=0)
    return abs(time.time_ns() - newest) > _SETTLED_NS


def driver(module: str, extra: str) -> Callable[[], Any]:
    """Return what imports a driver, or fails with the extra's name."""
    return partial(_import, module, extra)


def require_driver(module: str, extra: str, key: str) -> None:
    """Refuse credentials, which stand under `key`, when the driver is not installed."""
    if find_spec(module) is None:
        raise ValidationError(f"to log in {_way_out(module, extra)}", key)


def _import(module: str, extra: str) -> Any:
    try:
        return import_module(module)
    except ImportError:
        raise CheckFailed(f"to log in {_way_out(module, extra)}", code=Code.LOCAL) from None


def _way_out(module: str, extra: str) -> str:
    return f"{module} is needed: pip install 'petsage[{extra}]'"
