"""Checks that were selected and do not exist: each is a failure with a reason, so that a misspelling fails."""

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime

from petsage.checks import CheckState, Code, Probe, Severity, Status
from petsage.core.container import CheckOverrides
from petsage.core.inventory import Entry, Inventory, State
from petsage.runtime.feature_checks import unused_overrides

_NOTHING = "smoke"
"""The name under which a report lists that nothing was checked."""


def absent_checks(names: Iterable[str], present: Collection[str], inventory: Inventory) -> dict[str, CheckState]:
    """Return a failure for each name that is not present: its feature is not served, or the check was removed."""
    down = {entry.name: entry for entry in _not_served(inventory)}
    missing = [name for name in names if name not in present]
    return {name: _failure(name, _reason(down.get(feature_of(name))), down.get(feature_of(name))) for name in missing}


def of_features_not_served(names: Iterable[str], inventory: Inventory) -> list[str]:
    """Return those names that belong to an enabled feature which is not served."""
    down = {entry.name for entry in _not_served(inventory)}
    return [name for name in names if feature_of(name) in down]


def unmatched_overrides(
    overrides: CheckOverrides, known: Collection[str], inventory: Inventory
) -> dict[str, CheckState]:
    """Return a failure for each override of a check that a served feature does not have."""
    served = {entry.name for entry in inventory if entry.state is State.MOUNTED}
    reasons: Mapping[str, str] = {
        name: reason for feature in served for name, reason in unused_overrides(feature, known, overrides).items()
    }
    return {name: _failure(name, reasons[name], None) for name in overrides if name in reasons}


def nothing_checked() -> dict[str, CheckState]:
    """Return the failure of a smoke test that had nothing to check."""
    return {_NOTHING: _failure(_NOTHING, "nothing was checked", None)}


def feature_of(name: str) -> str:
    """Return the name of the feature to which a check of this name would belong."""
    return name.partition(".")[0]


def _not_served(inventory: Inventory) -> Iterable[Entry]:
    return (*inventory.missing(required=True), *inventory.missing(required=False))


def _reason(entry: Entry | None) -> str:
    if entry is None:
        return "no check has this name"
    why = entry.quarantine
    return f"its feature is down: {entry.name}: {f'{why.step}: {why.reason}' if why else 'not up yet'}"


def _failure(name: str, reason: str, entry: Entry | None) -> CheckState:
    ref = entry.quarantine.ref if entry is not None and entry.quarantine else None
    code = Code.UNKNOWN if entry is None else Code.QUARANTINED
    return CheckState(
        name, Status.FAIL, (Probe.READY,), Severity.CRITICAL, datetime.now(UTC), ref=ref, reason=reason, code=code
    )
