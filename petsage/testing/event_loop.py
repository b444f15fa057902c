"""Coroutines for code that may, or may not, be called from within an event loop."""

from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from petsage.checks.threads import in_daemon_thread
from petsage.runtime import event_loop

Result = TypeVar("Result")


def run(main: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
    """Run a coroutine in a loop and a thread of its own: plugins such as Playwright's leave a loop running here."""
    return in_daemon_thread(lambda: event_loop.run(main()), "petsage").result()
