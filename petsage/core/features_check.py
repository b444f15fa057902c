"""The check `features`, as the server's probes and `petsage smoke` both see it: every required feature is served."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from petsage.checks import Status
from petsage.core.inventory import Entry, Inventory

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
