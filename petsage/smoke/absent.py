"""Checks that were asked for and are not there: each is a failure with a reason, so that no typo passes for green."""

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime

from petsage.checks import Code, Detail, Probe, Severity, Status
from petsage.core.container import CheckOverrides
from petsage.core.inventory import Entry, Inventory, State
from petsage.runtime.feature_checks import unused_overrides

_NOTHING = "smoke"
"""The name under which a report says that nothing was checked."""


def absent(asked: Iterable[str], there: Collection[str], inventory: Inventory) -> dict[str, Detail]:
    """Return a failure for each name that was asked for and is not there: its feature is down, or it has gone."""
    down = {entry.name: entry for entry in _not_served(inventory)}
    missing = [name for name in asked if name not in there]
    return {name: _failure(name, _why(down.get(feature_of(name))), down.get(feature_of(name))) for name in missing}


def of_features_that_are_down(names: Iterable[str], inventory: Inventory) -> list[str]:
    """Return those names that belong to an enabled feature which is not served."""
    down = {entry.name for entry in _not_served(inventory)}
    return [name for name in names if feature_of(name) in down]


def idle(tunings: CheckOverrides, known: Collection[str], inventory: Inventory) -> dict[str, Detail]:
    """Return a failure for each tuning of a check that its feature, which is served, does not bring."""
    served = {entry.name for entry in inventory if entry.state is State.MOUNTED}
    told: Mapping[str, str] = {
        name: text for feature in served for name, text in unused_overrides(feature, known, tunings).items()
    }
    return {name: _failure(name, told[name], None) for name in tunings if name in told}


def nothing() -> dict[str, Detail]:
    """Return the failure of a run in which there was nothing to check."""
    return {_NOTHING: _failure(_NOTHING, "nothing was checked", None)}


def feature_of(name: str) -> str:
    """Return the feature whose check this would be."""
    return name.partition(".")[0]


def _not_served(inventory: Inventory) -> Iterable[Entry]:
    return (*inventory.missing(required=True), *inventory.missing(required=False))


def _why(entry: Entry | None) -> str:
    if entry is None:
        return "no check has this name"
    why = entry.quarantine
    return f"its feature is down: {entry.name}: {f'{why.step}: {why.reason}' if why else 'not up yet'}"


def _failure(name: str, reason: str, entry: Entry | None) -> Detail:
    ref = entry.quarantine.ref if entry is not None and entry.quarantine else None
    code = Code.UNKNOWN if entry is None else Code.QUARANTINED
    return Detail(name, Status.FAIL, (Probe.READY,), Severity.CRITICAL, datetime.now(UTC), ref, reason, code)
