"""The built-in readiness checks: `features` (all required features are served) and `shutdown` (none has begun)."""

from collections.abc import Iterable
from datetime import UTC, datetime
from time import monotonic

from petsage.checks import FEATURES, SHUTDOWN, CheckState, Code, Probe, Severity, Status
from petsage.core.inventory import Entry, Inventory
from petsage.core.lifecycle import Lifecycle
from petsage.logs import get_logger

_log = get_logger("petsage.checks")


class BuiltinChecks:
    """States computed from the inventory and the lifecycle, which are known at any time: they are never stale.

    `features` fails while a required feature is in quarantine, is pending while one is still being started, and warns
    while an optional one is in quarantine. `shutdown` fails from the beginning of the drain.
    """

    def __init__(self, inventory: Inventory, lifecycle: Lifecycle) -> None:
        self._inventory = inventory
        self._lifecycle = lifecycle
        self._entries = inventory.entries
        self._draining = lifecycle.draining
        self._created = monotonic()
        self._states = (features_state(inventory), _shutdown_state(draining=self._draining))

    def states(self) -> tuple[CheckState, CheckState]:
        """Return `features` and `shutdown`; the same objects until the inventory or the lifecycle changes."""
        if self._inventory.entries is not self._entries or self._lifecycle.draining is not self._draining:
            self._update()
        return self._states

    def quarantined(self) -> tuple[str, ...]:
        """Return the names of the features in quarantine, required or not."""
        return tuple(entry.name for entry in _in_quarantine(self._inventory))

    def _update(self) -> None:
        features, shutdown = self._states
        draining = self._lifecycle.draining
        if draining and not self._draining:
            _log.info("check %s: pass -> fail after %.1f s: draining", SHUTDOWN, monotonic() - self._created)
        self._entries, self._draining = self._inventory.entries, draining
        self._states = (
            _keep_since(features, features_state(self._inventory)),
            _keep_since(shutdown, _shutdown_state(draining=draining)),
        )


def features_state(inventory: Inventory) -> CheckState:
    """Return the state of the check `features`, with the ref of the first feature in quarantine that counts."""
    missing = inventory.missing(required=True)
    required, optional = _in_quarantine(missing), _in_quarantine(inventory.missing(required=False))
    if required:
        return _state(FEATURES, Status.FAIL, _reasons([*required, *optional]), _first_ref(required), Code.QUARANTINED)
    if missing:
        return _state(FEATURES, Status.PENDING, f"not up yet: {', '.join(entry.name for entry in missing)}")
    if optional:
        return _state(FEATURES, Status.WARN, _reasons(optional), _first_ref(optional), Code.QUARANTINED)
    return _state(FEATURES, Status.PASS)


def _shutdown_state(*, draining: bool) -> CheckState:
    return _state(SHUTDOWN, Status.FAIL, "draining", code=Code.DRAINING) if draining else _state(SHUTDOWN, Status.PASS)


def _state(
    name: str, status: Status, reason: str | None = None, ref: str | None = None, code: Code | None = None
) -> CheckState:
    now = datetime.now(UTC)
    return CheckState(name, status, (Probe.READY,), Severity.CRITICAL, now, ref=ref, reason=reason, code=code)


def _keep_since(before: CheckState, now: CheckState) -> CheckState:
    return now._replace(since=before.since) if now.status is before.status else now


def _in_quarantine(entries: Iterable[Entry]) -> list[Entry]:
    return [entry for entry in entries if entry.quarantine is not None]


def _reasons(entries: Iterable[Entry]) -> str:
    parts = [(entry, entry.quarantine) for entry in entries]
    return "; ".join(f"{entry.name}: {why.step}: {why.reason} (ref {why.ref})" for entry, why in parts if why)


def _first_ref(entries: Iterable[Entry]) -> str | None:
    return next((entry.quarantine.ref for entry in entries if entry.quarantine is not None), None)
