"""Commands that end only at their timeout, tested on a slow machine."""

from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def retry_with_longer_timeouts(run: Callable[[str], T], is_complete: Callable[[T], bool], *longer: str) -> T:
    """Run a command with a timeout, and with longer ones until its result is complete; return the last result.

    This is for commands that end at their timeout alone, such as `petsage wait` for a server that never gets ready.
    What they report is what has happened by then, and a busy machine may need more than a third of a second for it.

    Args:
        run: Runs the command with a timeout such as `300ms`.
        is_complete: Tells whether a result has everything that the test looks at.
        longer: The timeouts after the first, `3s` and `30s` unless given.
    """
    result = run("300ms")
    for timeout in longer or ("3s", "30s"):
        if is_complete(result):
            break
        result = run(timeout)
    return result
