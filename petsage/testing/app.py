"""Applications with a single feature, for its tests."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from functools import wraps

from aiohttp import web
from aiohttp.typedefs import Handler

from petsage.feature import Contribution, validated
from petsage.http import problem_middleware
from petsage.runtime.routes import mount


def feature_app(contribution: Contribution) -> web.Application:
    """Return an application that serves only this contribution, and enters its lifespans when it starts.

    There is no quarantine: an exception of a lifespan or a route reaches the test.
    """
    app = web.Application(middlewares=[problem_middleware])
    contribution = validated(contribution)
    mount(app.router, contribution.routes, _wrap_handler)

    async def lifespans(_app: web.Application) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for lifespan in contribution.lifespans:
                await stack.enter_async_context(lifespan)
            yield

    app.cleanup_ctx.append(lifespans)
    return app


def _wrap_handler(handler: Handler) -> Handler:
    @wraps(handler)
    async def handled(request: web.Request) -> web.StreamResponse:
        return await handler(request)

    return handled
