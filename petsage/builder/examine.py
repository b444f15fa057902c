"""Examine a feature as the server would load it: import, set-up, mount, start, API document, tests."""

import asyncio
from collections.abc import Callable, Iterator
from functools import wraps
from pathlib import Path

from aiohttp.typedefs import Handler
from aiohttp.web import Request, StreamResponse, UrlDispatcher

from petsage.app import dry_run
from petsage.bootstrap import Loaded
from petsage.builder.api_document import examine_document
from petsage.builder.feature_tests import run_tests
from petsage.builder.findings import Finding, Outcome, failure
from petsage.core.container import Core
from petsage.runtime.feature_checks import unused_overrides
from petsage.runtime.instance import FeatureInstance
from petsage.runtime.lifespan import FeatureDownError, FeatureLifespan
from petsage.runtime.loader import Feature
from petsage.runtime.routes import mount
from petsage.untrusted import is_raised_by_signal

OnStep = Callable[[str], None]
"""Called with the name of a step before it begins."""


def examine(
    feature: Feature, loaded: Loaded, path: Path | None, on_step: OnStep, *, bare: bool = False
) -> Iterator[Finding]:
    """Yield the finding of each step, up to the first that has failed.

    `loaded` may include the feature; the others that it includes are set up, but not started. `path` is the feature's
    file, or None for one that is not in a folder of `feature_paths`. `bare` is passed to `run_tests`.
    """
    steps = {
        "importing it": lambda: _examine_import(feature),
        "mounting it beside the other features": lambda: _examine_mount(feature, loaded),
        "starting it": lambda: asyncio.run(_examine_start(feature, loaded.core)),
        "reading its API document": lambda: _examine_document(feature, loaded.core),
        "running its tests": lambda: run_tests(path, bare=bare),
    }
    yield from _run(steps, on_step)


def examine_without_distributions(feature: Feature, path: Path, on_step: OnStep) -> Iterator[Finding]:
    """Yield the findings for a feature with a missing distribution: it is only imported and tested."""
    steps = {
        "importing it": lambda: _examine_import(feature),
        "running its tests": lambda: run_tests(path, bare=True),
    }
    yield from _run(steps, on_step)


def _run(steps: dict[str, Callable[[], Finding]], on_step: OnStep) -> Iterator[Finding]:
    for name, step in steps.items():
        on_step(name)
        finding = step()
        yield finding
        if finding.failed:
            return


def _examine_import(feature: Feature) -> Finding:
    if feature.error is not None:
        return failure("import", feature.error)
    return Finding(Outcome.OK, "it is imported")


def _examine_mount(feature: Feature, loaded: Loaded) -> Finding:
    core = loaded.core
    others = tuple(other for other in loaded.features if other is not feature)
    router = dry_run(Loaded(Core(settings=core.settings()), others)).router
    step = "set-up"
    try:
        contribution = _instance(feature, core).set_up()
        step = "mount"
        mount(router, contribution.routes, _in_own_function)
    except BaseException as error:
        if is_raised_by_signal(error):
            raise
        return failure(step, error)
    unused = unused_overrides(feature.name, [spec.name for spec in contribution.checks], core.check_overrides())
    if unused:
        return Finding(Outcome.FAILED, f"configuration: {'; '.join(unused.values())}")
    return Finding(Outcome.OK, "it is set up, and mounted beside the others")


async def _examine_start(feature: Feature, core: Core) -> Finding:
    instance = _instance(feature, core)
    lifespan = FeatureLifespan(instance.name, instance.set_up)
    try:
        await lifespan.start(core.settings().server.start_timeout)
    except FeatureDownError as error:
        return failure(error.step, error.cause)
    if (failed := await lifespan.stop()) is not None:
        return failure("stop", failed)
    return Finding(Outcome.OK, "it starts, and stops")


def _examine_document(feature: Feature, core: Core) -> Finding:
    router = UrlDispatcher()
    mount(router, _instance(feature, core).set_up().routes, _in_own_function)
    return examine_document(router)


def _instance(feature: Feature, core: Core) -> FeatureInstance:
    return FeatureInstance(feature, Core(settings=core.settings(), check_overrides=core.check_overrides()))


def _in_own_function(handler: Handler) -> Handler:
    """Return a new function that calls a handler: `mount` marks it, and leaves the feature's own as it is."""

    @wraps(handler)
    async def handled(request: Request) -> StreamResponse:
        return await handler(request)

    return handled
