"""Decides from the inventory alone whether every required feature is served; asks nothing outside the process."""

from typing import NamedTuple

from petsage.core.inventory import Entry, Inventory, Step

FEATURE = "smoke_test"


class Passed(NamedTuple):
    """Result of a smoke test that passed."""

    message: str
    status: str = "ok"
    feature: str = FEATURE


class Failure(NamedTuple):
    """A required feature that is not served; `ref` is None while it is still starting."""

    feature: str
    step: str
    reason: str
    ref: str | None


class Failed(NamedTuple):
    """Result of a smoke test that failed, with at least one failure."""

    failures: tuple[Failure, ...]
    feature: str = FEATURE


SmokeTestResult = Passed | Failed


class SmokeTestService:
    """Derives the result from the inventory, and keeps it until the inventory changes."""

    def __init__(self, inventory: Inventory, message: str) -> None:
        self._inventory = inventory
        self._message = message
        self._entries: tuple[Entry, ...] | None = None
        self._result: SmokeTestResult = Passed(message=message)

    def result(self) -> SmokeTestResult:
        """Return the current result: the same object until the inventory changes."""
        if self._inventory.entries is not self._entries:
            self._entries = self._inventory.entries
            self._result = self._evaluate()
        return self._result

    def _evaluate(self) -> SmokeTestResult:
        missing = self._inventory.missing(required=True)
        if not missing:
            return Passed(message=self._message)
        return Failed(failures=tuple(map(_failure, missing)))


def _failure(entry: Entry) -> Failure:
    if entry.quarantine is None:
        return Failure(feature=entry.name, step=Step.START, reason="it is not up yet", ref=None)
    quarantine = entry.quarantine
    return Failure(feature=entry.name, step=quarantine.step, reason=quarantine.reason, ref=quarantine.ref)
