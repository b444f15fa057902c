"""Lifecycle of the application: starting, up, draining, stopped, in this order only."""

from collections.abc import Callable
from enum import IntEnum


class Phase(IntEnum):
    """Phase of the application; it never returns to an earlier one."""

    STARTING = 0
    UP = 1
    DRAINING = 2
    STOPPED = 3


class Lifecycle:
    """Current phase, and the listeners that are called when it changes."""

    def __init__(self) -> None:
        self.phase = Phase.STARTING
        self._listeners: list[Callable[[Phase], None]] = []

    @property
    def draining(self) -> bool:
        """True from the beginning of the shutdown: readiness fails, and requests are still served."""
        return self.phase >= Phase.DRAINING

    def advance(self, phase: Phase) -> None:
        """Change to a later phase; the current or an earlier one has no effect."""
        if phase > self.phase:
            self.phase = phase
            for listener in self._listeners:
                listener(phase)

    def subscribe(self, listener: Callable[[Phase], None]) -> None:
        """Call `listener` with each new phase."""
        self._listeners.append(listener)
