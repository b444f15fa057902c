"""What takes long to make and is made once: drivers to import, TLS contexts to build."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

from petsage.checks.threads import in_daemon_thread

T = TypeVar("T")


class Once(Generic[T]):
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
