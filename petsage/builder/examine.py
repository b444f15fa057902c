"""Examine a feature as the server would meet it: import, set-up, mount beside the others, start, document, tests."""

import asyncio
from collections.abc import Callable, Iterator
from functools import wraps
from pathlib import Path
from typing import Any

from aiohttp.typedefs import Handler
from aiohttp.web import Request, StreamResponse, UrlDispatcher

from petsage.app import dry_run
from petsage.builder.document import examine_document
from petsage.builder.findings import Finding, Outcome, failure
from petsage.builder.own_tests import run_tests
from petsage.checks.interrupts import is_of_signal
from petsage.core.container import Core
from petsage.runtime.feature_checks import unused_overrides
from petsage.runtime.instance import FeatureInstance
from petsage.runtime.lifespan import FeatureDownError, FeatureLifespan
from petsage.runtime.loader import Feature
from petsage.runtime.routes import mount

Tell = Callable[[str], None]


def examine(feature: Feature, core: Core, path: Path | None, tell: Tell, *, bare: bool = False) -> Iterator[Finding]:
    """Yield what each step comes to, and no more once one has failed.

    `core` may hold the feature or not; the others that it holds are imported and set up, and never started. `path` is
    the feature's file, None for one that is not in a folder of ours. `tell` hears of a step before it begins.
    `bare` is how its tests are run (see `run_tests`).
    """
    steps = {
        "importing it": lambda: _imported(feature),
        "mounting it beside the other features": lambda: _beside_others(feature, core),
        "starting it": lambda: asyncio.run(_started(feature, core)),
        "reading its API document": lambda: _documented(feature, core),
        "running its tests": lambda: run_tests(path, bare=bare),
    }
    yield from _walk(steps, tell)


def examine_unmet(feature: Feature, path: Path, tell: Tell) -> Iterator[Finding]:
    """Yield what can be told of a feature that waits for a distribution: it is imported, and its tests run."""
    steps = {
        "importing it": lambda: _imported(feature),
        "running its tests": lambda: run_tests(path, bare=True),
    }
    yield from _walk(steps, tell)


def _walk(steps: dict[str, Callable[[], Finding]], tell: Tell) -> Iterator[Finding]:
    for name, step in steps.items():
        tell(name)
        finding = step()
        yield finding
        if finding.failed:
            return


def _imported(feature: Feature) -> Finding:
    if feature.error is not None:
        return failure("import", feature.error)
    return Finding(Outcome.OK, "it is imported")


def _beside_others(feature: Feature, core: Core) -> Finding:
    found: Any = core.features() or ()
    others = tuple(other for other in found if other is not feature)
    router = dry_run(Core(settings=core.settings(), features=others)).router
    step = "set-up"
    try:
        contribution = _tenant(feature, core).set_up()
        step = "mount"
        mount(router, contribution.routes, _as_it_is)
    except BaseException as error:
        if is_of_signal(error):
            raise
        return failure(step, error)
    idle = unused_overrides(feature.name, [spec.name for spec in contribution.checks], core.tunings())
    if idle:
        return Finding(Outcome.FAILED, f"configuration: {'; '.join(idle.values())}")
    return Finding(Outcome.OK, "it is set up, and mounted beside the others")


async def _started(feature: Feature, core: Core) -> Finding:
    tenant = _tenant(feature, core)
    living = FeatureLifespan(tenant.name, tenant.set_up)
    try:
        await living.start(core.settings().server.start_timeout)
    except FeatureDownError as down:
        return failure(down.step, down.cause)
    if (error := await living.stop()) is not None:
        return failure("stop", error)
    return Finding(Outcome.OK, "it starts, and stops")


def _documented(feature: Feature, core: Core) -> Finding:
    router = UrlDispatcher()
    mount(router, _tenant(feature, core).set_up().routes, _as_it_is)
    return examine_document(router)


def _tenant(feature: Feature, core: Core) -> FeatureInstance:
    return FeatureInstance(feature, Core(settings=core.settings(), features=(feature,), tunings=core.tunings()))


def _as_it_is(handler: Handler) -> Handler:
    @wraps(handler)
    async def handled(request: Request) -> StreamResponse:
        return await handler(request)

    return handled
