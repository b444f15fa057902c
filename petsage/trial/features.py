"""The house's own check: every required feature is served."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from petsage.checks import Detail, Probe, Severity, Status
from petsage.inventory import Entry, Inventory

FEATURES = "features"


def features_detail(inventory: Inventory) -> Detail:
    """Return how `features` stands: an optional feature in quarantine is a warning."""
    required, optional = inventory.missing(required=True), inventory.missing(required=False)
    status = Status.FAIL if required else Status.WARN if optional else Status.PASS
    reason = "; ".join(_told([*required, *optional])) or None
    ref = next((entry.quarantine.ref for entry in (*required, *optional) if entry.quarantine), None)
    return Detail(FEATURES, status, (Probe.READY,), Severity.CRITICAL, datetime.now(UTC), ref, reason)


def _told(entries: Iterable[Entry]) -> Iterator[str]:
    for entry in entries:
        why = entry.quarantine
        yield f"{entry.name}: {why.step}: {why.reason} (ref {why.ref})" if why else f"{entry.name}: not up"
