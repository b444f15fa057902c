"""Bounds of time that are part of a contract, on a machine that has other things to do."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")
Late = list[str]
"""What was late, and how late; empty when nothing was."""


async def in_time(measure: Callable[[], Awaitable[Late]]) -> None:
    """Measure until nothing is late, five times at most.

    The bound is the contract's, and stays. A machine that runs other things may keep everybody waiting for half a
    second once; what is late each time is late of itself.
    """
    late: list[Late] = []
    for _ in range(5):
        late.append(await measure())
        if not late[-1]:
            return
    raise AssertionError(f"late each time: {late}")


def patiently(ask: Callable[[str], T], has_told: Callable[[T], bool], *longer: str) -> T:
    """Ask with a timeout, and with longer ones until what is to happen before it has happened; return the last answer.

    The machine may not let anything happen in a third of a second. What is missing after the longest is not told.
    """
    answer = ask("300ms")
    for timeout in longer or ("3s", "30s"):
        if has_told(answer):
            break
        answer = ask(timeout)
    return answer
