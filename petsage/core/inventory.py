"""Inventory: the features that were found, and the state of each."""

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple


class Step(StrEnum):
    """Steps of starting a feature, in their order; a quarantine has the one that failed."""

    IMPORT = "import"
    SETUP = "setup"
    START = "start"
    MOUNT = "mount"
    RUN = "run"


class State(StrEnum):
    """State of a feature."""

    FOUND = "found"
    MOUNTED = "mounted"
    QUARANTINED = "quarantined"
    DISABLED = "disabled"


class Quarantine(NamedTuple):
    """Why a feature is not served: the step, a public reason, and the ref under which the log has the traceback."""

    step: Step
    reason: str
    ref: str


class Entry(NamedTuple):
    """Immutable entry of one feature; two features of one name differ in `origin`, the place they were found in."""

    name: str
    origin: str
    summary: str = ""
    required: bool = True
    state: State = State.FOUND
    quarantine: Quarantine | None = None


class Inventory:
    """Entries in discovery order; `entries` is replaced by another tuple when an entry changes."""

    def __init__(self) -> None:
        self.entries: tuple[Entry, ...] = ()

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def add(self, entry: Entry) -> None:
        """Add a feature that was found."""
        self.entries = (*self.entries, entry)

    def set_mounted(self, name: str, origin: str) -> None:
        """Record that a feature is served."""
        self._change(name, origin, state=State.MOUNTED)

    def set_quarantined(self, name: str, origin: str, quarantine: Quarantine) -> None:
        """Record that a feature is not, or no longer, served."""
        self._change(name, origin, state=State.QUARANTINED, quarantine=quarantine)

    def missing(self, *, required: bool) -> tuple[Entry, ...]:
        """Return the enabled features that are not served: the required or the optional ones."""
        served = (State.MOUNTED, State.DISABLED)
        return tuple(entry for entry in self.entries if entry.required is required and entry.state not in served)

    def _change(self, *key: str, state: State, quarantine: Quarantine | None = None) -> None:
        self.entries = tuple(
            entry._replace(state=state, quarantine=quarantine) if (entry.name, entry.origin) == key else entry
            for entry in self.entries
        )
