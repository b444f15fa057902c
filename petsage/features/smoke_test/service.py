"""Decides whether the house is whole, from the inventory alone: nothing outside the process is asked."""

from typing import NamedTuple

from petsage.core.inventory import Entry, Inventory, Step

FEATURE = "smoke_test"


class Passed(NamedTuple):
    """Every required feature that was found is served."""

    message: str
    status: str = "ok"
    feature: str = FEATURE


class Failure(NamedTuple):
    """A required feature that is not served; without a ref while it is still coming up."""

    feature: str
    step: str
    reason: str
    ref: str | None


class Failed(NamedTuple):
    """At least one required feature is not served."""

    failures: tuple[Failure, ...]
    feature: str = FEATURE


Verdict = Passed | Failed


class SmokeTest:
    """Gives its verdict; the same object until the inventory changes."""

    def __init__(self, inventory: Inventory, message: str) -> None:
        self._inventory = inventory
        self._message = message
        self._seen: tuple[Entry, ...] | None = None
        self._verdict: Verdict = Passed(message=message)

    def verdict(self) -> Verdict:
        """Return how the house stands now."""
        if self._inventory.entries is not self._seen:
            self._seen = self._inventory.entries
            self._verdict = self._judged()
        return self._verdict

    def _judged(self) -> Verdict:
        missing = self._inventory.missing(required=True)
        if not missing:
            return Passed(message=self._message)
        return Failed(failures=tuple(map(_failure, missing)))


def _failure(entry: Entry) -> Failure:
    if entry.quarantine is None:
        return Failure(feature=entry.name, step=Step.START, reason="it is not up yet", ref=None)
    quarantine = entry.quarantine
    return Failure(feature=entry.name, step=quarantine.step, reason=quarantine.reason, ref=quarantine.ref)
