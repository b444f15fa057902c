"""One feature of one application: set up, started, mounted, and stopped or quarantined."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from functools import wraps

from aiohttp.typedefs import Handler
from aiohttp.web import Request, StreamResponse, UrlDispatcher

from petsage.checks import CheckSpecError, Monitor
from petsage.core.container import Core
from petsage.core.inventory import Entry, Inventory, Quarantine, State, Step
from petsage.feature import Contribution, FeatureFailed, validated
from petsage.logs import get_logger
from petsage.runtime.feature_checks import named_checks, unused_overrides
from petsage.runtime.lifespan import FeatureDownError, FeatureLifespan
from petsage.runtime.loader import Feature
from petsage.runtime.quarantine import log_quarantine, unavailable_problem
from petsage.runtime.routes import mount
from petsage.untrusted import is_raised_by_signal

logger = get_logger(__name__)
HandlerWrapper = Callable[[Handler], Handler]


class FeatureInstance:
    """A feature of an application, and its entry in the inventory."""

    def __init__(self, feature: Feature, core: Core) -> None:
        self.name = feature.name
        self.quarantine: Quarantine | None = None
        self._feature = feature
        self._core = core
        self._inventory: Inventory = core.inventory()
        self._lifespan: FeatureLifespan | None = None
        self._contribution = Contribution()
        self._watch: asyncio.Task[None] | None = None
        self._register()

    @property
    def usable(self) -> bool:
        """Whether the feature is enabled, and not in quarantine."""
        return self._feature.enabled and self.quarantine is None

    def set_up(self) -> Contribution:
        """Call the feature's `setup`, and name its checks `FEATURE.NAME`. Raise what `setup` raises.

        An override of a check that the feature does not have is logged, and ignored.
        """
        contribution = validated(self._call_setup())
        overrides = self._core.check_overrides()
        checks = named_checks(self.name, self._feature.origin, contribution.checks, overrides)
        for unused in unused_overrides(self.name, [spec.name for spec in checks], overrides).values():
            logger.warning("%s: ignored", unused)
        return replace(contribution, checks=checks)

    def dry_run(self, router: UrlDispatcher) -> None:
        """Set up the feature and mount its routes without starting it, or put it into quarantine."""
        step = Step.SETUP
        try:
            contribution = self.set_up()
            step = Step.MOUNT
            mount(router, contribution.routes, self._gated)
        except BaseException as error:
            if is_raised_by_signal(error):
                raise
            self._put_into_quarantine(FeatureDownError(step, error))
        else:
            self._inventory.set_mounted(self.name, self._feature.origin)

    async def start(self, timeout: float) -> None:  # noqa: ASYNC109 (a late feature goes into quarantine)
        """Set up the feature and enter its lifespans, within `timeout` seconds, or put it into quarantine."""
        self._lifespan = FeatureLifespan(self.name, self.set_up)
        try:
            self._contribution = await self._lifespan.start(timeout)
        except FeatureDownError as down:
            self._fail(down)

    def mount(self, router: UrlDispatcher, wrap: HandlerWrapper) -> bool:
        """Serve the routes of a started feature and run its checks; return False if it went into quarantine."""
        try:
            self._add_checks()
            mount(router, self._contribution.routes, lambda handler: wrap(self._gated(handler)))
        except BaseException as error:  # an object of the feature may raise anything
            if is_raised_by_signal(error):
                raise
            self._fail(FeatureDownError(Step.MOUNT, error))
            return False
        self._inventory.set_mounted(self.name, self._feature.origin)
        self._watch = asyncio.create_task(self._quarantine_on_failure(), name=f"watch {self.name}")
        return True

    async def stop(self) -> None:
        """Leave the feature's lifespans; log what goes wrong."""
        if self._lifespan is not None and (error := await self._lifespan.stop()) is not None:
            logger.error("feature %s did not stop cleanly", self.name, exc_info=error)

    async def cancel(self) -> None:
        """Cancel a feature that still runs; do not wait for it for longer than `CANCEL_GRACE_SECONDS`."""
        if self._lifespan is not None and self._lifespan.running:
            logger.error("feature %s did not stop in time and is cancelled", self.name)
            await self._lifespan.cancel()
        if self._watch is not None:
            self._watch.cancel()

    def remove_checks(self) -> None:
        """Remove the feature's checks from the monitor."""
        monitor: Monitor = self._core.monitor()
        monitor.remove_of(self.name)

    def _register(self) -> None:
        feature = self._feature
        required = self._core.settings().feature(self.name).required
        state = State.FOUND if feature.enabled else State.DISABLED
        self._inventory.add(Entry(self.name, feature.origin, feature.summary, required=required, state=state))
        if feature.error is not None:
            self._put_into_quarantine(FeatureDownError(Step.IMPORT, feature.error))

    def _call_setup(self) -> object:
        setup: Callable[..., object] = self._feature.setup or _nothing
        schema = self._feature.schema
        if schema is None:
            return setup(self._core)
        own = self._core.settings().feature(self.name).own
        return setup(self._core, schema.load({}) if own is None else own)

    def _add_checks(self) -> None:
        monitor: Monitor = self._core.monitor()
        try:
            for spec in self._contribution.checks:
                monitor.add(spec)
        except CheckSpecError as error:  # the feature has added one of this name itself, while it started
            raise FeatureFailed(str(error)) from error

    async def _quarantine_on_failure(self) -> None:
        if self._lifespan is not None and (down := await self._lifespan.failure()) is not None:
            self._fail(down)

    def _fail(self, down: FeatureDownError) -> None:
        self._put_into_quarantine(down)
        self.remove_checks()

    def _put_into_quarantine(self, down: FeatureDownError) -> None:
        self.quarantine = log_quarantine(self.name, self._feature.origin, down)
        self._inventory.set_quarantined(self.name, self._feature.origin, self.quarantine)

    def _gated(self, handler: Handler) -> Handler:
        """Wrap a handler: respond with a 503 once the feature is in quarantine."""

        @wraps(handler)
        async def gated(request: Request) -> StreamResponse:
            if self.quarantine is not None:
                raise unavailable_problem(self.name, self.quarantine)
            return await handler(request)

        return gated


def _nothing(*_: object) -> Contribution:
    return Contribution()
