"""The life of the house: starting, up, draining, stopped, one way only."""

from collections.abc import Callable
from enum import IntEnum


class Phase(IntEnum):
    """Where the house stands; a later phase is never left for an earlier one."""

    STARTING = 0
    UP = 1
    DRAINING = 2
    STOPPED = 3


class Lifecycle:
    """Holds the phase and tells its listeners when it changes."""

    def __init__(self) -> None:
        self.phase = Phase.STARTING
        self._listeners: list[Callable[[Phase], None]] = []

    @property
    def draining(self) -> bool:
        """Say whether the house is on its way out: readiness is red, requests are still served."""
        return self.phase >= Phase.DRAINING

    def advance(self, phase: Phase) -> None:
        """Move on to a later phase; asking for the present or an earlier one changes nothing."""
        if phase > self.phase:
            self.phase = phase
            for listener in self._listeners:
                listener(phase)

    def subscribe(self, listener: Callable[[Phase], None]) -> None:
        """Call `listener` with each new phase."""
        self._listeners.append(listener)
