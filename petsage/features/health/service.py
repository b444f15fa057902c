"""Snapshots for the probes: the checks of the monitor together with the built-in ones."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from petsage.checks import BUILTIN_CHECKS, FEATURES, Change, CheckState, Monitor, Probe, Snapshot, Status
from petsage.core.builtin_checks import BuiltinChecks
from petsage.core.inventory import Inventory
from petsage.core.lifecycle import Lifecycle, Phase
from petsage.probes.query import ProbeQuery
from petsage.probes.renderer import COMPONENT, SYSTEM
from petsage.probes.report import report_probe, select_checks


class Health:
    """Reads the monitor, the built-in checks and the lifecycle, and runs nothing.

    The startup probe passes for good as soon as its checks pass while the application is up. `deadline`
    is how many seconds to wait for a fresh result, and `fresh_floor` how many seconds old its run may be.
    """

    def __init__(  # noqa: PLR0913 (each is one thing, the last two by keyword)
        self,
        monitor: Monitor,
        inventory: Inventory,
        lifecycle: Lifecycle,
        builtin_checks: BuiltinChecks,
        *,
        deadline: float,
        fresh_floor: float,
    ) -> None:
        self._monitor = monitor
        self._inventory = inventory
        self._lifecycle = lifecycle
        self._builtin_checks = builtin_checks
        self._deadline = deadline
        self._fresh_floor = fresh_floor
        self._snapshot = self._details = Snapshot({}, up=False)
        self._snapshot_made_of: tuple[object, ...] = (None, None, None)
        self._details_made_of: tuple[object, ...] = (None, None)
        self._unsubscribe = monitor.subscribe(self._on_change)
        lifecycle.subscribe(self._on_phase)

    def snapshot(self) -> Snapshot:
        """Return the state of all checks; the same object until a status or a reason changes."""
        checks, entries, phase = self._monitor.snapshot(), self._inventory.entries, self._lifecycle.phase
        made_of = self._snapshot_made_of
        if made_of[0] is not checks or made_of[1] is not entries or made_of[2] is not phase:
            self._snapshot_made_of = (checks, entries, phase)
            self._snapshot = self._make_snapshot(checks, up=phase is not Phase.STARTING)
        return self._snapshot

    def details(self) -> Snapshot:
        """Return the state of all checks with their last runs; the same object until the next result."""
        snapshot, checks = self.snapshot(), self._monitor.details()
        made_of = self._details_made_of
        if made_of[0] is not checks or made_of[1] is not snapshot:
            self._details_made_of = (checks, snapshot)
            self._details = snapshot._replace(checks=self._with_builtin_checks(checks))
        return self._details

    async def fresh(self, query: ProbeQuery, wanted: Callable[[], bool]) -> None:
        """Wait until the checks that a query is about have fresh results, at most until the deadline.

        No run begins for this query while `wanted` returns false. Raise UnknownCheckError.
        """
        names = [
            name
            for name in select_checks(self.snapshot(), query)
            if name not in BUILTIN_CHECKS and name not in query.exclude
        ]
        await self._monitor.fresh(names, self._deadline, floor=self._fresh_floor, wanted=wanted)

    def component_type(self, name: str) -> str:
        """Return the type of component that a check is about, in the words of the health+json draft."""
        if name in BUILTIN_CHECKS:
            return SYSTEM
        spec = self._monitor.spec(name)
        return (spec.component_type if spec else None) or COMPONENT

    def _make_snapshot(self, checks: Snapshot, *, up: bool) -> Snapshot:
        snapshot = Snapshot(
            self._with_builtin_checks(checks),
            up=up,
            startup_passed=self._snapshot.startup_passed,
            quarantined=self._builtin_checks.quarantined(),
        )
        if up and not snapshot.startup_passed and report_probe(snapshot, Probe.STARTUP).passed:
            snapshot = snapshot._replace(startup_passed=True)
        if snapshot.startup_passed:
            self._unsubscribe()
        return snapshot

    def _with_builtin_checks(self, snapshot: Snapshot) -> Mapping[str, CheckState]:
        # `features` first and `shutdown` last, as kube-apiserver has it
        builtin = {state.name: state for state in self._builtin_checks.states()}
        return MappingProxyType({FEATURES: builtin[FEATURES], **snapshot.checks, **builtin})

    def _on_change(self, change: Change) -> None:
        if change.now in (Status.PASS, Status.WARN):
            self.snapshot()

    def _on_phase(self, _phase: Phase) -> None:
        self.snapshot()
