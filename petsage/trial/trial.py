"""The trial: the features are brought up as the server does it, every check is run, and all is taken down again."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from time import monotonic
from typing import cast

from aiohttp import web
from dependency_injector import providers

from petsage.app import create_app
from petsage.checks import CheckSpec, Detail
from petsage.container import Core
from petsage.inventory import Inventory
from petsage.trial.chosen import ChosenMonitor, Selection
from petsage.trial.features import FEATURES, features_detail
from petsage.trial.report import Report, reported

_PAUSE = 0.5
"""Seconds between one attempt and the next."""

_RUN_WITHIN = 86400.0
"""Seconds: a run ends by its own timeout long before."""


class Trial:
    """Tries the checks of a Core, again and again for `retry_for` seconds until all hold.

    A feature in quarantine comes back only with a new house, so each attempt that finds one takes a new Core from
    `make_core`, which may raise nothing. `strict` takes warnings for failures.
    """

    def __init__(self, make_core: Callable[[], Core], selection: Selection, *, strict: bool = False) -> None:
        self._make_core = make_core
        self._selection = selection
        self._strict = strict

    async def run(self, retry_for: float = 0.0, began: Callable[[ChosenMonitor], None] = lambda _: None) -> Report:
        """Return how it ended; `began` gets the monitor of each attempt. Raise `UnknownCheck`."""
        start, at = monotonic(), datetime.now(UTC)
        while True:
            async with self._house() as (monitor, inventory):
                began(monitor)
                checks = await self._attempts(monitor, inventory, start + retry_for)
            report = reported(checks, at, monotonic() - start)
            if report.passed(strict=self._strict) or monotonic() + _PAUSE > start + retry_for:
                return report
            await asyncio.sleep(_PAUSE)

    async def _attempts(self, monitor: ChosenMonitor, inventory: Inventory, end: float) -> dict[str, Detail]:
        """Run all that does not hold until all does, or time is up, or a feature is missing."""
        names = [*monitor.chosen]
        while True:
            await monitor.fresh(names, deadline=_RUN_WITHIN)
            checks = self._checks(monitor, inventory)
            holding = self._holding(checks)
            names = [name for name in monitor.chosen if name not in holding]
            if not names or FEATURES in checks.keys() - holding or monotonic() + _PAUSE > end:
                return checks
            await asyncio.sleep(_PAUSE)

    def _holding(self, checks: Mapping[str, Detail]) -> set[str]:
        results = reported(checks, datetime.now(UTC), 0.0).results
        return {result.name for result in results if result.holds(strict=self._strict)}

    def _checks(self, monitor: ChosenMonitor, inventory: Inventory) -> dict[str, Detail]:
        house = {FEATURES: features_detail(inventory)} if FEATURES in self._selection else {}
        return {**house, **monitor.details().checks}

    @asynccontextmanager
    async def _house(self) -> AsyncIterator[tuple[ChosenMonitor, Inventory]]:
        core = self._make_core()
        monitor = ChosenMonitor(cast(Sequence[CheckSpec], core.specs()), self._selection)
        core.checks.override(providers.Object(monitor))
        inventory: Inventory = core.inventory()
        runner = web.AppRunner(create_app(core), handle_signals=False, access_log=None)
        try:
            await runner.setup()
            missing = [entry.name for wanted in (True, False) for entry in inventory.missing(required=wanted)]
            self._selection.refuse_unknown([FEATURES, *monitor.known], missing)
            yield monitor, inventory
        finally:
            await runner.cleanup()
