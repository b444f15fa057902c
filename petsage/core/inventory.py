"""Which features were found, and how each of them stands."""

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple


class Step(StrEnum):
    """What a feature goes through, in this order; a quarantine names the step that failed."""

    IMPORT = "import"
    SETUP = "setup"
    START = "start"
    MOUNT = "mount"
    RUN = "run"


class State(StrEnum):
    """How a feature stands."""

    FOUND = "found"
    MOUNTED = "mounted"
    QUARANTINED = "quarantined"
    DISABLED = "disabled"


class Quarantine(NamedTuple):
    """Why a feature is not served: the step, a public reason, and the ref under which the log has the whole of it."""

    step: Step
    reason: str
    ref: str


class Entry(NamedTuple):
    """One feature: two of the same name differ in where they come from."""

    name: str
    origin: str
    summary: str = ""
    required: bool = True
    state: State = State.FOUND
    quarantine: Quarantine | None = None


class Inventory:
    """The entries in discovery order; `entries` is another tuple whenever anything has changed."""

    def __init__(self) -> None:
        self.entries: tuple[Entry, ...] = ()

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def add(self, entry: Entry) -> None:
        """Take up a feature that was found."""
        self.entries = (*self.entries, entry)

    def mounted(self, name: str, origin: str) -> None:
        """Note that the feature is served."""
        self._change(name, origin, state=State.MOUNTED)

    def quarantined(self, name: str, origin: str, quarantine: Quarantine) -> None:
        """Note that the feature is not, or no longer, served."""
        self._change(name, origin, state=State.QUARANTINED, quarantine=quarantine)

    def missing(self, *, required: bool) -> tuple[Entry, ...]:
        """Return the enabled features, required or optional ones, that are not served."""
        served = (State.MOUNTED, State.DISABLED)
        return tuple(entry for entry in self.entries if entry.required is required and entry.state not in served)

    def _change(self, *key: str, state: State, quarantine: Quarantine | None = None) -> None:
        self.entries = tuple(
            entry._replace(state=state, quarantine=quarantine) if (entry.name, entry.origin) == key else entry
            for entry in self.entries
        )
