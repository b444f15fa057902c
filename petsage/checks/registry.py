"""Whose a check is that is added while the program runs: it goes when its feature goes."""

from collections.abc import Callable
from contextvars import ContextVar
from types import MappingProxyType

from petsage.checks import log
from petsage.checks.interrupts import is_of_signal
from petsage.checks.model import Runnable
from petsage.checks.record import CheckRecord, Transition
from petsage.checks.results import CheckResult
from petsage.checks.spec import CheckSpec, CheckSpecError
from petsage.checks.state import Change, Moment, Snapshot

OWNER: ContextVar[str | None] = ContextVar("petsage.checks.registry", default=None)
"""The feature on whose behalf code runs; tasks and threads that it starts inherit it."""


def belongs_to(name: str, owner: str | None, feature: str) -> bool:
    """Say whether a check belongs to a feature: by its name `FEATURE.NAME`, or because the feature added it."""
    return owner == feature or name.startswith(f"{feature}.")


Listener = Callable[[Change], None]


class CheckRegistry:
    """The records of all checks, and the values made of them, each kept until it is no longer true.

    A read compares the clock with the earliest moment at which some state can go stale, and looks no further before.
    Then it has `catch_up` called, which may find time that is to be excused.
    """

    def __init__(self, clock: Callable[[], float], wall: Callable[[], float], catch_up: Callable[[], None]) -> None:
        self._clock = clock
        self._wall = wall
        self._catch_up = catch_up
        self._specs: dict[str, CheckSpec] = {}
        self._owners: dict[str, str | None] = {}
        self._records: dict[str, CheckRecord] = {}
        self._expected = False
        self._earliest = float("inf")
        self._listeners: dict[object, Listener] = {}
        self._snapshot: Snapshot | None = None
        self._details: Snapshot | None = None

    def add(self, spec: CheckSpec) -> CheckRecord:
        """Add a check, pending; one that is not enabled only takes its name. Raise CheckSpecError for a duplicate."""
        first = self._specs.get(spec.name)
        if first is not None:
            places = f"{first.origin or 'an unnamed place'} and {spec.origin or 'an unnamed place'}"
            raise CheckSpecError(spec.name, [f"two checks have this name: {places}"])
        self._specs[spec.name] = spec
        self._owners[spec.name] = OWNER.get()
        record = CheckRecord(spec, self._now())
        if spec.enabled:
            self._records[spec.name] = record
            self._snapshot = self._details = None
            if self._expected:
                self._expect(record)
        return record

    def remove(self, name: str) -> None:
        """Forget a check and its name."""
        self._specs.pop(name, None)
        self._owners.pop(name, None)
        if self._records.pop(name, None) is not None:
            self._snapshot = self._details = None

    def check(self, name: str) -> Runnable | None:
        """Return the check of this name, None for an unknown one."""
        spec = self._specs.get(name)
        return spec.check if spec is not None else None

    def names_of(self, feature: str) -> list[str]:
        """Return the names of a feature's checks, those that it has added itself among them."""
        return [name for name, owner in self._owners.items() if belongs_to(name, owner, feature)]

    def expect(self) -> None:
        """Expect results from now on: a check that stays pending goes stale as well."""
        self._expected = True
        for record in self._records.values():
            self._expect(record)

    def excuse(self, seconds: float) -> None:
        """Let no state go stale for want of a result that could not come: the event loop stood still for so long."""
        for record in self._records.values():
            record.good_until += seconds
        self._earliest += seconds

    def deliver(self, record: CheckRecord, outcome: CheckResult, took: float) -> None:
        """Take in what a run came to, and how many seconds it took."""
        self._details = None
        turn = record.apply(outcome, took, self._now())
        self._earliest = min(self._earliest, record.good_until)
        if turn is not None:
            self._turn(record, turn)

    def snapshot(self) -> Snapshot:
        """Return how all checks stand; the same object until a state changes or goes stale."""
        self._age()
        if self._snapshot is None:
            states = {name: record.state for name, record in self._records.items()}
            self._snapshot = Snapshot(checks=MappingProxyType(states))
        return self._snapshot

    def details(self) -> Snapshot:
        """Return how all checks stand and what their last runs were; the same object until the next result."""
        self._age()
        if self._details is None:
            details = {name: record.detail() for name, record in self._records.items()}
            self._details = Snapshot(checks=MappingProxyType(details))
        return self._details

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` at each change of a status, in the event loop; return what ends that."""
        token = object()
        self._listeners[token] = listener

        def unsubscribe() -> None:
            self._listeners.pop(token, None)

        return unsubscribe

    def _now(self) -> Moment:
        return Moment(self._clock(), self._wall())

    def _expect(self, record: CheckRecord) -> None:
        record.expect(self._now())
        self._earliest = min(self._earliest, record.good_until)

    def _age(self) -> None:
        if self._clock() < self._earliest:
            return
        self._catch_up()
        now = self._now()
        turns = [(record, record.expire(now)) for record in self._records.values()]
        self._earliest = min((record.good_until for record, _ in turns if not record.stale), default=float("inf"))
        for record, turn in turns:
            if turn is not None:
                self._turn(record, turn)

    def _turn(self, record: CheckRecord, turn: Transition) -> None:
        self._snapshot = self._details = None
        if turn.change is not None:
            log.log_transition(turn.change)
        if turn.error is not None:
            log.log_error(record.spec.name, record.state.ref, turn.error)
        if turn.change is not None:
            self._tell(turn.change)

    def _tell(self, change: Change) -> None:
        for listener in [*self._listeners.values()]:
            try:
                listener(change)
            except BaseException as error:  # a listener's mistake is its own; it must not hurt the checks
                if is_of_signal(error):
                    raise
                log.log_listener_error(listener, error)
