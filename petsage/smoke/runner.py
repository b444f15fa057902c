"""Smoke test: the checks of an application, run until all hold or time is up."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from time import monotonic

from aiohttp import web
from dependency_injector import providers

from petsage.app import create_app
from petsage.bootstrap import Loaded
from petsage.checks import FEATURES, NO_DEADLINE, CheckState, Monitor
from petsage.core.builtin_checks import features_state
from petsage.core.container import Core
from petsage.core.inventory import Inventory, State
from petsage.smoke.missing_checks import absent_checks, of_features_not_served, unmatched_overrides
from petsage.smoke.report import Report, make_report
from petsage.smoke.selection import SelectedChecks, Selection, UnknownSelectionError

_PAUSE_SECONDS = 0.5
"""Time between one attempt and the next."""

OnStart = Callable[[Monitor, Sequence[str]], None]
"""Called with the monitor of an attempt, and the names of the checks that it runs."""


class SmokeRun:
    """Runs the checks of a configuration, repeatedly for `retry_for` seconds until all hold.

    A feature in quarantine is started again only in a new application, so each attempt calls `load`, which must
    not raise. With `strict` a warning is a failure. A selected name that no check has is an
    error, or with `known_names`, for a caller that has listed the names before, a failure: the check was removed.
    """

    def __init__(
        self, load: Callable[[], Loaded], selection: Selection, *, strict: bool = False, known_names: bool = False
    ) -> None:
        self._load = load
        self._selection = selection
        self._strict = strict
        self._known_names = known_names

    async def run(self, retry_for: float = 0.0, on_start: OnStart = lambda *_: None) -> Report:
        """Return the report of the last attempt. Raise UnknownSelectionError."""
        start, at = monotonic(), datetime.now(UTC)
        while True:
            async with self._application() as application:
                on_start(application.monitor, application.selected.run)
                checks = await self._run_checks(application, start + retry_for)
            report = make_report(checks, at, monotonic() - start)
            if report.passed(strict=self._strict) or monotonic() + _PAUSE_SECONDS > start + retry_for:
                return report
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _run_checks(self, application: "_Application", end: float) -> dict[str, CheckState]:
        """Run the checks that do not hold, until all do, time is up, or a new application is needed."""
        monitor = application.monitor
        holding: set[str] = set()
        while True:
            names = [name for name in monitor.snapshot().checks if name not in holding]
            await monitor.fresh(names, deadline=NO_DEADLINE)
            checks = self._states(application)
            holding = self._holding(checks)
            failing = checks.keys() - holding
            needs_new_application = failing - monitor.snapshot().checks.keys()
            if not failing or needs_new_application or monotonic() + _PAUSE_SECONDS > end:
                return checks
            await asyncio.sleep(_PAUSE_SECONDS)

    def _holding(self, checks: Mapping[str, CheckState]) -> set[str]:
        results = make_report(checks, datetime.now(UTC), 0.0).results
        return {result.name for result in results if result.holds(strict=self._strict)}

    def _states(self, application: "_Application") -> dict[str, CheckState]:
        """Return the states of the selected checks, with a failure for each that does not exist."""
        inventory, idle = application.inventory, application.idle
        own = {FEATURES: features_state(inventory)} if FEATURES in self._selection else {}
        checks = {**own, **application.monitor.details().checks}
        removed = of_features_not_served(application.selected.run, inventory)
        absent = absent_checks([*self._selection.named(), *removed], [*checks, *idle], inventory)
        return {**checks, **absent, **{name: state for name, state in idle.items() if name in self._selection}}

    @asynccontextmanager
    async def _application(self) -> AsyncIterator["_Application"]:
        loaded = self._load()
        core = loaded.core
        selected = SelectedChecks(self._selection)
        monitor = Monitor(core.declared_checks(), only=selected)
        core.monitor.override(providers.Object(monitor))
        runner = web.AppRunner(create_app(loaded), handle_signals=False, access_log=None)
        try:
            await runner.setup()
            application = _Application(monitor, selected, core)
            if not self._known_names:
                application.refuse_unknown(self._selection)
            yield application
        finally:
            await runner.cleanup()


class _Application:
    """The application while its features are up; `idle` are the overrides of checks that no feature has."""

    def __init__(self, monitor: Monitor, selected: SelectedChecks, core: Core) -> None:
        self.monitor = monitor
        self.selected = selected
        self.inventory: Inventory = core.inventory()
        self.idle = unmatched_overrides(core.check_overrides(), [*selected.enabled, *selected.disabled], self.inventory)

    def refuse_unknown(self, selection: Selection) -> None:
        """Raise UnknownSelectionError for names that no check has; a feature that is not served may have any."""
        known = [FEATURES, *self.selected.enabled]
        down = [entry.name for required in (True, False) for entry in self.inventory.missing(required=required)]
        if unknown := selection.unknown([*known, *self.idle], down):
            disabled = [entry.name for entry in self.inventory if entry.state is State.DISABLED]
            raise UnknownSelectionError(unknown, known, [*self.selected.disabled, *disabled])
