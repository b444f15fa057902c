"""The house's own two checks, both for readiness: every feature is served, and nobody is about to leave."""

from datetime import UTC, datetime
from time import monotonic

from petsage.checks import Probe, Severity, State, Status
from petsage.core.features_check import FEATURES, features_result, quarantined
from petsage.core.inventory import Inventory
from petsage.core.lifecycle import Lifecycle
from petsage.logs import get_logger

SHUTDOWN = "shutdown"

_LOG = get_logger("petsage.checks")


class House:
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
