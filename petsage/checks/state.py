"""How all checks stand at one moment: values for whoever reads.

They are named tuples: as dataclasses they would make every start some ten milliseconds longer.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from petsage.checks.model import Code, Observations, Probe, Severity, Status


class Moment(NamedTuple):
    """A moment on both clocks, in seconds: ages are taken from `clock`; what is shown comes from `wall`."""

    clock: float
    wall: float

    def utc(self) -> datetime:
        """Return what the wall clock showed."""
        return datetime.fromtimestamp(self.wall, UTC)


class State(NamedTuple):
    """How one check stands. What does not apply is None.

    `since` is when the status turned, in UTC. `reason` is for those who may see details; of what was raised
    unexpectedly it is the class's name, and `ref` stands in the log beside the whole of it. `code` says in a word what
    the reason is about, and is a detail as well.
    """

    name: str
    status: Status
    probes: tuple[Probe, ...]
    severity: Severity
    since: datetime
    ref: str | None = None
    reason: str | None = None
    code: Code | None = None


class Detail(NamedTuple):
    """How one check stands, and what its last run came to; `last_run` is when that result came."""

    name: str
    status: Status
    probes: tuple[Probe, ...]
    severity: Severity
    since: datetime
    ref: str | None = None
    reason: str | None = None
    code: Code | None = None
    last_run: datetime | None = None
    duration_ms: float | None = None
    consecutive_failures: int = 0
    observed: Observations | None = None


class Snapshot(NamedTuple):
    """All checks by name, in the order in which they were added; another one when a state changes, not every run."""

    checks: Mapping[str, State]


class Details(NamedTuple):
    """All checks by name, with their last runs; another one with every result."""

    checks: Mapping[str, Detail]


class Change(NamedTuple):
    """A check's status turned; it was `before` for `after` seconds, and `failures` runs failed in that time."""

    name: str
    before: Status
    now: Status
    after: float
    failures: int
    at: datetime
    reason: str | None
    ref: str | None
    code: Code | None = None
