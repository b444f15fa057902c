"""Decides what the probes say: the monitor's checks and the house's own, seen as one."""

from collections.abc import Callable, Mapping
from math import ceil
from types import MappingProxyType
from typing import NamedTuple, TypeVar

from petsage.checks import (
    Change,
    Detail,
    Details,
    Monitor,
    Probe,
    ProbeResult,
    Snapshot,
    Startup,
    State,
    Status,
    verdict,
)
from petsage.core.builtin_checks import FEATURES, SHUTDOWN, BuiltinChecks
from petsage.core.inventory import Inventory
from petsage.core.lifecycle import Lifecycle, Phase
from petsage.probes.health_json import COMPONENT, SYSTEM
from petsage.probes.report import CheckFilter, HealthReport, UnknownCheckError, red_ones, worst

_RETRY_WHEN_PENDING = 1
"""Seconds; the first run of a check comes within one."""


class HealthSnapshot(NamedTuple):
    """How everything stands; another one when something has changed, so that its identity tells what is still true."""

    checks: Snapshot | Details
    up: bool
    quarantined: tuple[str, ...] = ()


class Health:
    """Reads the monitor and the house; runs nothing.

    The startup probe latches as soon as its checks have passed in a house that is up, whether it is asked then or not.
    """

    def __init__(  # noqa: PLR0913 (each is one thing, the last three by keyword)
        self,
        monitor: Monitor,
        inventory: Inventory,
        lifecycle: Lifecycle,
        house: BuiltinChecks,
        *,
        deadline: float,
        fresh_floor: float,
        drain: float,
    ) -> None:
        self._monitor = monitor
        self._inventory = inventory
        self._lifecycle = lifecycle
        self._house = house
        self._deadline = deadline
        self._fresh_floor = fresh_floor
        self._retry_when_draining = max(1, ceil(drain))
        self._startup = Startup()
        self._of_states: tuple[object, ...] = (None, None, None)
        self._of_details: tuple[object, ...] = (None, None)
        self._states = self._details = HealthSnapshot(Snapshot({}), up=False)
        self._unsubscribe = monitor.subscribe(self._changed)
        lifecycle.subscribe(self._moved_on)

    def stand(self) -> HealthSnapshot:
        """Return how everything stands; the same object until a status or a reason changes."""
        checks, entries, phase = self._monitor.snapshot(), self._inventory.entries, self._lifecycle.phase
        of = self._of_states
        if of[0] is not checks or of[1] is not entries or of[2] is not phase:
            self._of_states = (checks, entries, phase)
            house = {state.name: state for state in self._house.states()}
            up = phase is not Phase.STARTING
            self._states = HealthSnapshot(Snapshot(_joined(checks.checks, house)), up, self._house.quarantined())
            self._look_at_startup()
        return self._states

    def detailed(self) -> HealthSnapshot:
        """Return how everything stands, with the last runs; the same object until the next result."""
        states, checks = self.stand(), self._monitor.details()
        of = self._of_details
        if of[0] is not checks or of[1] is not states:
            self._of_details = (checks, states)
            house = {state.name: Detail(*state) for state in self._house.states()}
            self._details = HealthSnapshot(Details(_joined(checks.checks, house)), states.up, states.quarantined)
        return self._details

    async def fresh(self, asked: CheckFilter, wanted: Callable[[], bool]) -> None:
        """Wait for fresh results of the checks that are asked about, at most until the deadline.

        No run begins for this question while `wanted` says no.
        """
        names = [
            name
            for name in _about(self.stand(), asked)
            if name not in (FEATURES, SHUTDOWN) and name not in asked.exclude
        ]
        await self._monitor.fresh(names, self._deadline, floor=self._fresh_floor, wanted=wanted)

    def view(self, stand: HealthSnapshot, asked: CheckFilter) -> HealthReport:
        """Return the answer to a question, with `stand` being the present one. Raise `UnknownCheckError`."""
        checks = _about(stand, asked)
        left_out = frozenset(asked.exclude) | (stand.checks.checks.keys() - checks.keys() if asked.check else set())
        chosen = [asked.probe] if asked.probe else [*Probe]
        probes = {probe: self._verdict(stand, probe, left_out) for probe in chosen}
        answer = worst([*probes.values()])
        red = {name for probe, says in probes.items() for name in red_ones(probe, says, checks)}
        return HealthReport(
            verdict=answer,
            checks=checks,
            red=frozenset(red),
            excluded=frozenset(asked.exclude) & checks.keys(),
            unknown=tuple(name for name in asked.exclude if name not in checks),
            probes=probes,
            retry_after=self._retry_after(answer, red),
            quarantined=stand.quarantined if FEATURES in (*answer.failing, *answer.warning) else (),
        )

    def component_type(self, name: str) -> str:
        """Return what kind of component the check of this name is about, in the words of the health+json draft."""
        if name in (FEATURES, SHUTDOWN):
            return SYSTEM
        spec = self._monitor.spec(name)
        return (spec.component_type if spec else None) or COMPONENT

    def _verdict(self, stand: HealthSnapshot, probe: Probe, left_out: frozenset[str]) -> ProbeResult:
        if probe is not Probe.STARTUP:
            return verdict(stand.checks, probe, left_out)
        if self._startup.passed:
            return ProbeResult(Status.PASS)
        answer = verdict(stand.checks, probe, left_out)
        return answer if stand.up or answer.status is Status.FAIL else answer._replace(status=Status.PENDING)

    def _retry_after(self, answer: ProbeResult, red: set[str]) -> int | None:
        if SHUTDOWN in red:
            return self._retry_when_draining
        return _RETRY_WHEN_PENDING if answer.status is Status.PENDING else None

    def _changed(self, change: Change) -> None:
        if change.now in (Status.PASS, Status.WARN):
            self.stand()

    def _moved_on(self, _phase: Phase) -> None:
        self.stand()

    def _look_at_startup(self) -> None:
        if self._states.up and not self._startup.passed:
            self._startup.verdict(self._states.checks)
        if self._startup.passed:
            self._unsubscribe()


SnapshotOrDetails = TypeVar("SnapshotOrDetails", State, Detail)


def _joined(
    checks: Mapping[str, SnapshotOrDetails], house: Mapping[str, SnapshotOrDetails]
) -> Mapping[str, SnapshotOrDetails]:
    # `features` first and `shutdown` last, as kube-apiserver has it
    return MappingProxyType({FEATURES: house[FEATURES], **checks, **house})


def _about(stand: HealthSnapshot, asked: CheckFilter) -> Mapping[str, State | Detail]:
    """Return the checks that a question is about, those that it excludes among them."""
    every = stand.checks.checks
    known = {name: state for name, state in every.items() if asked.probe is None or asked.probe in state.probes}
    if asked.check is None:
        return known
    if asked.check not in known:
        raise UnknownCheckError(asked.check, tuple(known))
    return {asked.check: known[asked.check]}
