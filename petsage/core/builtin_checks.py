"""The built-in readiness checks: `features` (all required ones are served) and `shutdown` (no drain has begun)."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from time import monotonic
from typing import NamedTuple

from petsage.checks import Probe, Severity, State, Status
from petsage.core.inventory import Entry, Inventory
from petsage.core.lifecycle import Lifecycle
from petsage.logs import get_logger

FEATURES = "features"


class FeaturesResult(NamedTuple):
    """What the inventory amounts to; `ref` is that of the first feature in quarantine that counts."""

    status: Status
    reason: str | None = None
    ref: str | None = None


def features_result(inventory: Inventory) -> FeaturesResult:
    """Return how the check stands.

    A required feature in quarantine fails it, one that is still coming up keeps it pending, and an optional one in
    quarantine makes it warn.
    """
    missing = inventory.missing(required=True)
    required, optional = [*quarantined(missing)], [*quarantined(inventory.missing(required=False))]
    if required:
        return FeaturesResult(Status.FAIL, _told([*required, *optional]), _ref(required))
    if missing:
        return FeaturesResult(Status.PENDING, f"not up yet: {', '.join(entry.name for entry in missing)}")
    if optional:
        return FeaturesResult(Status.WARN, _told(optional), _ref(optional))
    return FeaturesResult(Status.PASS)


def quarantined(entries: Iterable[Entry]) -> Iterator[Entry]:
    """Yield the features in quarantine."""
    return (entry for entry in entries if entry.quarantine is not None)


def _told(entries: Iterable[Entry]) -> str:
    parts = [(entry, entry.quarantine) for entry in entries]
    return "; ".join(f"{entry.name}: {why.step}: {why.reason} (ref {why.ref})" for entry, why in parts if why)


def _ref(entries: Iterable[Entry]) -> str | None:
    return next((entry.quarantine.ref for entry in entries if entry.quarantine is not None), None)


SHUTDOWN = "shutdown"

_LOG = get_logger("petsage.checks")


class BuiltinChecks:
    """States made of the inventory and the lifecycle, which are known at any moment: they are never stale.

    A required feature in quarantine fails `features`, an optional one makes it warn, and one that is still coming up
    keeps it pending. Draining fails `shutdown`.
    """

    def __init__(self, inventory: Inventory, lifecycle: Lifecycle) -> None:
        self._inventory = inventory
        self._lifecycle = lifecycle
        self._entries = inventory.entries
        self._draining = lifecycle.draining
        self._began = monotonic()
        self._states = (_begin(FEATURES, *features_result(inventory)), _begin(SHUTDOWN, *_shutdown(self._draining)))

    def states(self) -> tuple[State, State]:
        """Return `features` and `shutdown`."""
        if self._inventory.entries is not self._entries or self._lifecycle.draining is not self._draining:
            self._look()
        return self._states

    def quarantined(self) -> tuple[str, ...]:
        """Return the names of the features in quarantine, required or not."""
        return tuple(entry.name for entry in quarantined(self._inventory))

    def _look(self) -> None:
        features, shutdown = self._states
        draining = self._lifecycle.draining
        if draining and not self._draining:
            _LOG.info("check %s: pass -> fail after %.1f s: draining", SHUTDOWN, monotonic() - self._began)
        self._entries, self._draining = self._inventory.entries, draining
        self._states = (_turned(features, *features_result(self._inventory)), _turned(shutdown, *_shutdown(draining)))


def _shutdown(draining: bool) -> tuple[Status, str | None, str | None]:  # noqa: FBT001 (the one thing it is about)
    return (Status.FAIL, "draining", None) if draining else (Status.PASS, None, None)


def _begin(name: str, status: Status, reason: str | None, ref: str | None) -> State:
    return State(name, status, (Probe.READY,), Severity.CRITICAL, datetime.now(UTC), ref, reason)


def _turned(before: State, status: Status, reason: str | None, ref: str | None) -> State:
    since = before.since if status is before.status else datetime.now(UTC)
    return before._replace(status=status, since=since, reason=reason, ref=ref)
