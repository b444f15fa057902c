"""Daemon threads for what blocks: nothing joins them, so one that hangs delays no exit."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

Result = TypeVar("Result")


def in_daemon_thread(function: Callable[[], Result], name: str) -> Future[Result]:
    """Run `function` in a daemon thread of its own; the future cannot be cancelled. Raises OSError without a thread.

    Threads of an executor are joined at the interpreter's exit, and the loop's default executor has few: one hung
    function there would delay the exit, and starve whatever else needs a thread.
    """
    ending: Future[Result] = Future()
    ending.set_running_or_notify_cancel()
    thread = threading.Thread(target=_run, args=(function, ending), name=name, daemon=True)
    try:
        thread.start()
    except RuntimeError as error:
        raise OSError(f"no thread for {name}: {error}") from error
    return ending


def _run(function: Callable[[], Result], ending: Future[Result]) -> None:
    try:
        result = function()
    except BaseException as error:  # noqa: BLE001 (whatever it is belongs to whoever waits for it)
        ending.set_exception(error)
    else:
        ending.set_result(result)
