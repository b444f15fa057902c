"""Decides what the probes say: the monitor's checks and the house's own, seen as one."""

from collections.abc import Mapping
from math import ceil
from types import MappingProxyType
from typing import NamedTuple, TypeVar

from petsage.checks import Change, Detail, Details, Monitor, Probe, Snapshot, Startup, State, Status, Verdict, verdict
from petsage.features.health.house import FEATURES, SHUTDOWN, House
from petsage.features.health.view import Asked, UnknownCheck, View, red_ones, worst
from petsage.lifecycle import Lifecycle, Phase

_RETRY_WHEN_PENDING = 1
"""Seconds; the first run of a check comes within one."""


class Stand(NamedTuple):
    """How everything stands; another one when something has changed, so that its identity tells what is still true."""

    checks: Snapshot | Details
    up: bool


class Health:
    """Reads the monitor and the house; runs nothing.

    The startup probe latches as soon as its checks have passed in a house that is up, whether it is asked then or not.
    """

    def __init__(self, monitor: Monitor, house: House, lifecycle: Lifecycle, *, deadline: float, drain: float) -> None:
        self._monitor = monitor
        self._house = house
        self._lifecycle = lifecycle
        self._deadline = deadline
        self._retry_when_draining = max(1, ceil(drain))
        self._startup = Startup()
        self._states: tuple[object, object, Stand] | None = None
        self._details: tuple[object, object, Stand] | None = None
        self._unsubscribe = monitor.subscribe(self._changed)
        lifecycle.subscribe(self._moved_on)

    def stand(self) -> Stand:
        """Return how everything stands; the same object until a status or a reason changes."""
        checks, house, kept = self._monitor.snapshot(), self._house.states(), self._states
        up = self._lifecycle.phase is not Phase.STARTING
        if kept is not None and kept[0] is checks and kept[1] is house and kept[2].up is up:
            return kept[2]
        stand = Stand(Snapshot(_joined(checks.checks, {state.name: state for state in house})), up)
        self._states = (checks, house, stand)
        self._look_at_startup(stand)
        return stand

    def detailed(self) -> Stand:
        """Return how everything stands, with the last runs; the same object until the next result."""
        checks, house, kept = self._monitor.details(), self._house.states(), self._details
        up = self.stand().up
        if kept is not None and kept[0] is checks and kept[1] is house and kept[2].up is up:
            return kept[2]
        stand = Stand(Details(_joined(checks.checks, {state.name: Detail(*state) for state in house})), up)
        self._details = (checks, house, stand)
        return stand

    async def fresh(self, asked: Asked) -> None:
        """Run the checks that are asked about, and wait for their results, at most until the deadline."""
        names = [
            name
            for name in _about(self.stand(), asked)
            if name not in (FEATURES, SHUTDOWN) and name not in asked.exclude
        ]
        await self._monitor.fresh(names, deadline=self._deadline)

    def view(self, stand: Stand, asked: Asked) -> View:
        """Return the answer to a question, with `stand` being the present one. Raise `UnknownCheck`."""
        checks = _about(stand, asked)
        left_out = frozenset(asked.exclude) | (stand.checks.checks.keys() - checks.keys() if asked.check else set())
        chosen = [asked.probe] if asked.probe else [*Probe]
        probes = {probe: self._verdict(stand, probe, left_out) for probe in chosen}
        answer = worst([*probes.values()])
        red = {name for probe, says in probes.items() for name in red_ones(probe, says, checks)}
        return View(
            verdict=answer,
            checks=checks,
            red=frozenset(red),
            excluded=frozenset(asked.exclude) & checks.keys(),
            unknown=tuple(name for name in asked.exclude if name not in checks),
            probes=probes,
            retry_after=self._retry_after(answer, red),
        )

    def _verdict(self, stand: Stand, probe: Probe, left_out: frozenset[str]) -> Verdict:
        if probe is not Probe.STARTUP:
            return verdict(stand.checks, probe, left_out)
        if self._startup.passed:
            return Verdict(Status.PASS)
        answer = verdict(stand.checks, probe, left_out)
        return answer if stand.up or answer.status is Status.FAIL else answer._replace(status=Status.PENDING)

    def _retry_after(self, answer: Verdict, red: set[str]) -> int | None:
        if SHUTDOWN in red:
            return self._retry_when_draining
        return _RETRY_WHEN_PENDING if answer.status is Status.PENDING else None

    def _changed(self, change: Change) -> None:
        if change.now in (Status.PASS, Status.WARN):
            self.stand()

    def _moved_on(self, _phase: Phase) -> None:
        self.stand()

    def _look_at_startup(self, stand: Stand) -> None:
        if stand.up and not self._startup.passed:
            self._startup.verdict(stand.checks)
        if self._startup.passed:
            self._unsubscribe()


Standing = TypeVar("Standing", State, Detail)


def _joined(checks: Mapping[str, Standing], house: Mapping[str, Standing]) -> Mapping[str, Standing]:
    # `features` first and `shutdown` last, as kube-apiserver has it
    return MappingProxyType({FEATURES: house[FEATURES], **checks, **house})


def _about(stand: Stand, asked: Asked) -> Mapping[str, State | Detail]:
    """Return the checks that a question is about, those that it excludes among them."""
    every = stand.checks.checks
    known = {name: state for name, state in every.items() if asked.probe is None or asked.probe in state.probes}
    if asked.check is None:
        return known
    if asked.check not in known:
        raise UnknownCheck(asked.check, tuple(known))
    return {asked.check: known[asked.check]}
