"""Start, serve and stop all features of an application."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from aiohttp.web import UrlDispatcher

from petsage.checks import Monitor
from petsage.core.container import Core
from petsage.runtime.instance import FeatureInstance, HandlerWrapper
from petsage.runtime.lifespan import CANCEL_GRACE_SECONDS


@asynccontextmanager
async def supervise(
    core: Core, instances: Iterable[FeatureInstance], router: UrlDispatcher, wrap: HandlerWrapper
) -> AsyncIterator[None]:
    """Run all usable features until the context ends.

    They are started concurrently, mounted in discovery order, and stopped in reverse order. A feature that fails at any
    step goes into quarantine, without an effect on the others.
    """
    usable = [instance for instance in instances if instance.usable]
    monitor: Monitor = core.monitor()
    settings = core.settings().server
    try:
        await asyncio.gather(*(instance.start(settings.start_timeout) for instance in usable))
        for instance in usable:
            if instance.usable and not instance.mount(router, wrap):
                await _stop([instance], CANCEL_GRACE_SECONDS)
                instance.remove_checks()  # those that the feature added while it stopped
        async with monitor:
            yield
    finally:
        await _stop(usable, settings.shutdown)


async def _stop(instances: list[FeatureInstance], timeout: float) -> None:  # noqa: ASYNC109 (shared by all of them)
    """Stop instances in reverse order; cancel those that have not stopped after `timeout` seconds in all."""
    try:
        async with asyncio.timeout(timeout):
            for instance in reversed(instances):
                await instance.stop()
    except TimeoutError:
        pass
    finally:
        await asyncio.gather(*(instance.cancel() for instance in instances))
