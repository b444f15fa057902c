"""The check `features` as a result of a trial."""

from datetime import UTC, datetime

from petsage.checks import Detail, Probe, Severity
from petsage.core.features_check import FEATURES, features_result
from petsage.core.inventory import Inventory

__all__ = ["FEATURES", "features_detail"]


def features_detail(inventory: Inventory) -> Detail:
    """Return how `features` stands, judged as the server does."""
    status, reason, ref = features_result(inventory)
    return Detail(FEATURES, status, (Probe.READY,), Severity.CRITICAL, datetime.now(UTC), ref, reason)
