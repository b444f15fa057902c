"""What is waited for, and how it stood when it was last looked at."""

import asyncio
from time import monotonic
from typing import NamedTuple, Protocol


class TargetStatus(NamedTuple):
    """What one look came to: `state` is a word or two, `text` says why in one line, `hint` what to look at next."""

    ready: bool
    state: str
    text: str = ""
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.state}: {self.text}" if self.text else self.state


class WaitTarget(Protocol):
    """Something that can be looked at again and again; a look raises nothing but cancellation."""

    @property
    def name(self) -> str: ...  # noqa: D102 (what people call it)

    async def look(self) -> TargetStatus: ...  # noqa: D102 (said above)


_NOTHING_YET = TargetStatus(
    ready=False, state="asking", text="no answer so far", hint="its log; it may be blocked, paused, or starved of CPU"
)


class TargetState:
    """A subject as it was last seen; `since` is when that began, on the monotonic clock."""

    def __init__(self, subject: WaitTarget) -> None:
        self.name = subject.name
        self.sighting = _NOTHING_YET
        self.since = monotonic()
        self._subject = subject
        self._looking = asyncio.Lock()

    async def look(self) -> bool:
        """Look once, never twice at a time; say whether anything has changed."""
        async with self._looking:
            before, self.sighting = self.sighting, await self._subject.look()
        changed = str(self.sighting) != str(before)
        if changed:
            self.since = monotonic()
        return changed
