"""Time for a command to have something happen, on a machine that has other things to do."""

from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def patiently(ask: Callable[[str], T], has_told: Callable[[T], bool], *longer: str) -> T:
    """Ask with a timeout, and with longer ones until what is to happen before it has happened; return the last answer.

    This is for commands that end at a timeout alone, such as `petsage wait` for a server that never gets ready: what
    they tell is what has happened by then, and the machine may not let anything happen in a third of a second. What
    is missing after the longest is not told.
    """
    answer = ask("300ms")
    for timeout in longer or ("3s", "30s"):
        if has_told(answer):
            break
        answer = ask(timeout)
    return answer
