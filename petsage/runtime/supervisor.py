"""Bring the features up, serve those that are, and take all of them down again."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from functools import wraps

from aiohttp.typedefs import Handler
from aiohttp.web import Request, StreamResponse, UrlDispatcher

from petsage.checks import CheckSpec, CheckSpecError, Monitor
from petsage.core.container import Core
from petsage.core.inventory import Step
from petsage.feature import Contribution, FeatureFailed
from petsage.http import ProblemError
from petsage.logs import get_logger
from petsage.runtime.instance import FeatureInstance
from petsage.runtime.lifespan import CANCEL_GRACE_SECONDS, FeatureDownError, FeatureLifespan
from petsage.runtime.routes import mount

logger = get_logger(__name__)
Wrap = Callable[[Handler], Handler]


@asynccontextmanager
async def supervise(
    core: Core, tenants: Iterable[FeatureInstance], router: UrlDispatcher, wrap: Wrap
) -> AsyncIterator[None]:
    """Hold all features that can be brought up, concurrently; their routes are mounted in discovery order."""
    monitor: Monitor = core.checks()
    stays = [RunningFeature(tenant, monitor) for tenant in tenants if tenant.due]
    settings = core.settings().server
    try:
        contributions = await asyncio.gather(*(stay.start(settings.start_timeout) for stay in stays))
        for stay, contribution in zip(stays, contributions, strict=True):
            if contribution is not None:
                await stay.mount(router, contribution, wrap)
        async with monitor:
            yield
    finally:
        await _leave(stays, settings.shutdown)


class RunningFeature:
    """A tenant while the house is open: from its start to its stop. Its checks are run while it is served."""

    def __init__(self, tenant: FeatureInstance, monitor: Monitor) -> None:
        self._tenant = tenant
        self._monitor = monitor
        self._living = FeatureLifespan(tenant.name, tenant.set_up)
        self._watch: asyncio.Task[None] | None = None

    async def start(self, timeout: float) -> Contribution | None:  # noqa: ASYNC109 (a late feature goes into quarantine)
        """Return what the feature contributes, or None when it went into quarantine."""
        try:
            return await self._living.start(timeout)
        except FeatureDownError as down:
            self._go(down)
            return None

    async def mount(self, router: UrlDispatcher, contribution: Contribution, wrap: Wrap) -> None:
        """Serve the feature's routes and run its checks; when one of them clashes the feature goes down again."""
        try:
            self._add(contribution.checks)
            mount(router, contribution.routes, lambda handler: wrap(gate(handler, self._tenant)))
        except FeatureFailed as error:
            self._go(FeatureDownError(Step.MOUNT, error))
            await _leave([self], CANCEL_GRACE_SECONDS)
            self._monitor.remove_of(self._tenant.name)  # what it added while it left
            return
        self._tenant.mounted()
        self._watch = asyncio.create_task(self._watched(), name=f"watch {self._tenant.name}")

    async def stop(self) -> None:
        """Take the feature down; what goes wrong there is logged."""
        if (error := await self._living.stop()) is not None:
            logger.error("feature %s did not stop cleanly", self._tenant.name, exc_info=error)

    async def abandon(self) -> None:
        """Cancel a feature that is not down by now, and leave it behind when that does not help."""
        if self._living.alive:
            logger.error("feature %s did not stop in time and is cut off", self._tenant.name)
            await self._living.cancel()
        if self._watch is not None:
            self._watch.cancel()

    def _add(self, checks: Iterable[CheckSpec]) -> None:
        try:
            for spec in checks:
                self._monitor.add(spec)
        except CheckSpecError as error:  # it has added one of this name itself, while it started
            raise FeatureFailed(str(error)) from error

    async def _watched(self) -> None:
        if (down := await self._living.died()) is not None:
            self._go(down)

    def _go(self, down: FeatureDownError) -> None:
        """Put the feature into quarantine, and take its checks along: whoever asks for one is told that it is gone."""
        self._tenant.put_into_quarantine(down)
        self._monitor.remove_of(self._tenant.name)


def gate(handler: Handler, tenant: FeatureInstance) -> Handler:
    """Let requests through to the handler while its feature runs."""

    @wraps(handler)
    async def gated(request: Request) -> StreamResponse:
        if tenant.quarantine is not None:
            raise _stopped(tenant)
        return await handler(request)

    return gated


def _stopped(tenant: FeatureInstance) -> ProblemError:
    ref = tenant.quarantine.ref if tenant.quarantine else None
    detail = f"the feature '{tenant.name}' has stopped; the log has the reason under this ref"
    return ProblemError(503, detail, ref=ref)


async def _leave(stays: list[RunningFeature], timeout: float) -> None:  # noqa: ASYNC109 (shared by all of them)
    """Stop in reverse order; all together get `timeout` seconds, then the rest is cut off."""
    try:
        async with asyncio.timeout(timeout):
            for stay in reversed(stays):
                await stay.stop()
    except TimeoutError:
        pass
    finally:
        await asyncio.gather(*(stay.abandon() for stay in stays))
