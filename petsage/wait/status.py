"""Targets of a wait, and the status that the last poll of each has found."""

import asyncio
from time import monotonic
from typing import NamedTuple, Protocol


class TargetStatus(NamedTuple):
    """Result of one poll.

    Attributes:
        ready: Whether the target is ready.
        state: A word or two, such as `pass`, `refused` or `404`.
        text: The reason in one line; may be empty.
        hint: What to look at next; empty for a target that is ready.
    """

    ready: bool
    state: str
    text: str = ""
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.state}: {self.text}" if self.text else self.state


class WaitTarget(Protocol):
    """A target that can be polled repeatedly; a poll raises nothing but `CancelledError`."""

    @property
    def name(self) -> str: ...  # noqa: D102 (the name that is shown)

    async def poll(self) -> TargetStatus: ...  # noqa: D102 (described by the class)


_NOT_POLLED_YET = TargetStatus(
    ready=False, state="asking", text="no answer so far", hint="its log; it may be blocked, paused, or starved of CPU"
)


class TargetState:
    """A target, its last `status`, and the time of the last change: `since`, by the monotonic clock."""

    def __init__(self, target: WaitTarget) -> None:
        self.name = target.name
        self.status = _NOT_POLLED_YET
        self.since = monotonic()
        self._target = target
        self._polling = asyncio.Lock()

    async def poll(self) -> bool:
        """Poll the target, never twice at a time; return whether its status has changed."""
        async with self._polling:
            before, self.status = self.status, await self._target.poll()
        changed = str(self.status) != str(before)
        if changed:
            self.since = monotonic()
        return changed
