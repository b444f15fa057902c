"""The check `features` as a result of a trial."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from time import monotonic
from typing import cast

from aiohttp import web
from dependency_injector import providers

from petsage.app import create_app
from petsage.checks import CheckSpec, Detail, Probe, Severity
from petsage.core.builtin_checks import FEATURES, features_result
from petsage.core.container import Core
from petsage.core.inventory import Inventory, State
from petsage.smoke.absent import absent, idle, of_features_that_are_down
from petsage.smoke.report import Report, reported
from petsage.smoke.selection import ChosenMonitor, Selection, UnknownSelectionError

__all__ = ["FEATURES", "features_detail"]


def features_detail(inventory: Inventory) -> Detail:
    """Return how `features` stands, judged as the server does."""
    status, reason, ref = features_result(inventory)
    return Detail(FEATURES, status, (Probe.READY,), Severity.CRITICAL, datetime.now(UTC), ref, reason)


_PAUSE = 0.5
"""Seconds between one attempt and the next."""

_RUN_WITHIN = 86400.0
"""Seconds: a run ends by its own timeout long before."""


class SmokeRun:
    """Tries the checks of a Core, again and again for `retry_for` seconds until all hold.

    A feature in quarantine comes back only with a new house, so each attempt that finds one takes a new Core from
    `make_core`, which may raise nothing. `strict` takes warnings for failures. A name that no check has is refused, or
    with `known_names`, for who has seen them before, a failure: the check has gone since.
    """

    def __init__(
        self, make_core: Callable[[], Core], selection: Selection, *, strict: bool = False, known_names: bool = False
    ) -> None:
        self._make_core = make_core
        self._selection = selection
        self._strict = strict
        self._known_names = known_names

    async def run(self, retry_for: float = 0.0, began: Callable[[ChosenMonitor], None] = lambda _: None) -> Report:
        """Return how it ended; `began` gets the monitor of each attempt. Raise `UnknownSelectionError`."""
        start, at = monotonic(), datetime.now(UTC)
        while True:
            async with self._house() as house:
                began(house.monitor)
                checks = await self._attempts(house, start + retry_for)
            report = reported(checks, at, monotonic() - start)
            if report.passed(strict=self._strict) or monotonic() + _PAUSE > start + retry_for:
                return report
            await asyncio.sleep(_PAUSE)

    async def _attempts(self, house: "_House", end: float) -> dict[str, Detail]:
        """Run all that does not hold until all does, time is up, or something is missing that only a new house has."""
        holding: set[str] = set()
        while True:
            there = house.monitor.snapshot().checks
            await house.monitor.fresh([name for name in there if name not in holding], deadline=_RUN_WITHIN)
            checks = self._checks(house)
            holding = self._holding(checks)
            red = checks.keys() - holding
            if not red or red - house.monitor.snapshot().checks.keys() or monotonic() + _PAUSE > end:
                return checks
            await asyncio.sleep(_PAUSE)

    def _holding(self, checks: Mapping[str, Detail]) -> set[str]:
        results = reported(checks, datetime.now(UTC), 0.0).results
        return {result.name for result in results if result.holds(strict=self._strict)}

    def _checks(self, house: "_House") -> dict[str, Detail]:
        """Return the results; what was asked for and is not there is one of them."""
        own = {FEATURES: features_detail(house.inventory)} if FEATURES in self._selection else {}
        checks = {**own, **house.monitor.details().checks}
        gone = of_features_that_are_down(house.monitor.chosen, house.inventory)
        missing = absent([*self._selection.asked(), *gone], [*checks, *house.idle], house.inventory)
        idle_ones = {name: detail for name, detail in house.idle.items() if name in self._selection}
        return {**checks, **missing, **idle_ones}

    @asynccontextmanager
    async def _house(self) -> AsyncIterator["_House"]:
        core = self._make_core()
        monitor = ChosenMonitor(cast(Sequence[CheckSpec], core.specs()), self._selection)
        core.checks.override(providers.Object(monitor))
        runner = web.AppRunner(create_app(core), handle_signals=False, access_log=None)
        try:
            await runner.setup()
            house = _House(monitor, core)
            if not self._known_names:
                house.refuse_unknown(self._selection)
            yield house
        finally:
            await runner.cleanup()


class _House:
    """The features while they are up, and their monitor; `idle` are the tunings of checks that none of them brings."""

    def __init__(self, monitor: ChosenMonitor, core: Core) -> None:
        self.monitor = monitor
        self.inventory: Inventory = core.inventory()
        self.idle = idle(core.tunings(), [*monitor.known, *monitor.disabled], self.inventory)

    def refuse_unknown(self, selection: Selection) -> None:
        """Raise `UnknownSelectionError` for names that no check has, and none of a feature that is down could have."""
        known = [FEATURES, *self.monitor.known]
        down = [entry.name for wanted in (True, False) for entry in self.inventory.missing(required=wanted)]
        if unknown := selection.unknown([*known, *self.idle], down):
            disabled = [entry.name for entry in self.inventory if entry.state is State.DISABLED]
            raise UnknownSelectionError(unknown, known, [*self.monitor.disabled, *disabled])
