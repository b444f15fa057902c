"""Registry of checks: their records, their owners, and the snapshots of their states."""

from collections.abc import Callable
from contextvars import ContextVar
from types import MappingProxyType

from petsage.checks import log
from petsage.checks.record import CheckRecord, Transition
from petsage.checks.results import CheckResult
from petsage.checks.spec import CheckSpec, CheckSpecError
from petsage.checks.state import Change, Moment, Snapshot
from petsage.untrusted import is_raised_by_signal

CURRENT_FEATURE: ContextVar[str | None] = ContextVar("petsage.checks.registry", default=None)
"""Name of the feature for which code runs; tasks and threads that the code starts inherit it."""


def belongs_to(name: str, owner: str | None, feature: str) -> bool:
    """Return whether a check belongs to a feature: by its name `FEATURE.NAME`, or because the feature added it."""
    return owner == feature or name.startswith(f"{feature}.")


Listener = Callable[[Change], None]


class CheckRegistry:
    """Records of all checks, and the snapshots made of them, each kept until a record changes.

    A read compares the clock with the earliest time at which a state can go stale, and does no more before that. Then
    it calls `catch_up` first, which may call `extend_deadlines` for a stall of the event loop.
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
        """Add a pending check; a disabled one only reserves its name. Raise CheckSpecError for a duplicate."""
        first = self._specs.get(spec.name)
        if first is not None:
            places = f"{first.origin or 'an unnamed place'} and {spec.origin or 'an unnamed place'}"
            raise CheckSpecError(spec.name, [f"two checks have this name: {places}"])
        self._specs[spec.name] = spec
        self._owners[spec.name] = CURRENT_FEATURE.get()
        record = CheckRecord(spec, self._now())
        if spec.enabled:
            self._records[spec.name] = record
            self._snapshot = self._details = None
            if self._expected:
                self._expect(record)
        return record

    def remove(self, name: str) -> None:
        """Remove a check, and free its name."""
        self._specs.pop(name, None)
        self._owners.pop(name, None)
        if self._records.pop(name, None) is not None:
            self._snapshot = self._details = None

    def spec(self, name: str) -> CheckSpec | None:
        """Return the spec of the check of this name, or None if it is unknown."""
        return self._specs.get(name)

    def names_of(self, feature: str) -> list[str]:
        """Return the names of the checks of a feature, with those that the feature itself has added."""
        return [name for name, owner in self._owners.items() if belongs_to(name, owner, feature)]

    def expect(self) -> None:
        """Expect results from now on, so that a check without any result goes stale as well."""
        self._expected = True
        for record in self._records.values():
            self._expect(record)

    def extend_deadlines(self, seconds: float) -> None:
        """Make every state valid for `seconds` longer: during a stall of the event loop no result can arrive."""
        for record in self._records.values():
            record.good_until += seconds
        self._earliest += seconds

    def deliver(self, record: CheckRecord, result: CheckResult, took: float) -> None:
        """Apply the result of a run that took `took` seconds."""
        self._details = None
        transition = record.apply(result, took, self._now())
        self._earliest = min(self._earliest, record.good_until)
        if transition is not None:
            self._publish(record, transition)

    def snapshot(self) -> Snapshot:
        """Return the states of all checks; the same object until a state changes or goes stale."""
        self._expire()
        if self._snapshot is None:
            states = {name: record.state for name, record in self._records.items()}
            self._snapshot = Snapshot(checks=MappingProxyType(states))
        return self._snapshot

    def details(self) -> Snapshot:
        """Return the states of all checks with their last runs; the same object until the next result."""
        self._expire()
        if self._details is None:
            details = {name: record.details() for name, record in self._records.items()}
            self._details = Snapshot(checks=MappingProxyType(details))
        return self._details

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` at each change of a status, in the event loop; return a function that unsubscribes it."""
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

    def _expire(self) -> None:
        if self._clock() < self._earliest:
            return
        self._catch_up()
        now = self._now()
        transitions = [(record, record.expire(now)) for record in self._records.values()]
        self._earliest = min((record.good_until for record, _ in transitions if not record.stale), default=float("inf"))
        for record, transition in transitions:
            if transition is not None:
                self._publish(record, transition)

    def _publish(self, record: CheckRecord, transition: Transition) -> None:
        self._snapshot = self._details = None
        if transition.change is not None:
            log.log_transition(transition.change)
        if transition.error is not None:
            log.log_error(record.spec.name, record.state.ref, transition.error)
        if transition.change is not None:
            self._notify(transition.change)

    def _notify(self, change: Change) -> None:
        for listener in [*self._listeners.values()]:
            try:
                listener(change)
            except BaseException as error:  # a broken listener must not stop the checks
                if is_raised_by_signal(error):
                    raise
                log.log_listener_error(listener, error)
