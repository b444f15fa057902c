"""Application factory: serve the features of a Core in a new or an existing aiohttp application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import wraps

from aiohttp import web
from aiohttp.typedefs import Handler

from petsage.bootstrap import Loaded
from petsage.core.container import Core
from petsage.core.lifecycle import Lifecycle, Phase
from petsage.http import echo_request_id, limit_body, problem_middleware
from petsage.http._aiohttp import log_missing_names
from petsage.runtime.instance import FeatureInstance, HandlerWrapper
from petsage.runtime.supervisor import supervise

_SWITCHING_PROTOCOLS = 101  # WebSocket handshake: its header `Connection: upgrade` must be kept
CORE: web.AppKey[Core] = web.AppKey("petsage.core", Core)


def create_app(loaded: Loaded) -> web.Application:
    """Return an application that starts the features in its own startup; nothing runs before."""
    core = loaded.core
    app = web.Application(middlewares=[problem_middleware], client_max_size=core.settings().server.max_body)
    app.on_response_prepare.append(_PrepareResponse(core.lifecycle()))
    _install(app, loaded, wrap=_unwrapped)
    return app


class _PrepareResponse:
    """Receiver of `on_response_prepare`: adds the request id to streams, and closes connections while draining."""

    def __init__(self, lifecycle: Lifecycle) -> None:
        self.idle = not lifecycle.draining  # read by `CachedResponse.suits` for each request
        lifecycle.subscribe(self._phase_changed)

    def _phase_changed(self, phase: Phase) -> None:
        self.idle = phase < Phase.DRAINING

    async def __call__(self, request: web.Request, response: web.StreamResponse) -> None:
        if not self.idle and response.status != _SWITCHING_PROTOCOLS:
            response.headers["Connection"] = "close"
            response.force_close()
        if not isinstance(response, web.Response):  # a stream has sent its headers before `problem_middleware` gets it
            await echo_request_id(request, response)


def attach(app: web.Application, loaded: Loaded) -> None:
    """Serve the features in an existing application.

    Its own routes, middlewares and lifecycle are not changed; a feature whose path is taken goes into quarantine. Raise
    `RuntimeError` if the application has started, or has a Core already.
    """
    if app.frozen:
        raise RuntimeError("call attach() before the application starts: its router is frozen")
    if CORE in app:
        raise RuntimeError("PetSage is attached to this application already")
    _install(app, loaded, wrap=_with_problems(loaded.core.settings().server.max_body))


def dry_run(loaded: Loaded) -> web.Application:
    """Return an application with all features imported, set up and mounted, but not started."""
    app = web.Application()
    for instance in _instances(loaded):
        if instance.usable:
            instance.dry_run(app.router)
    return app


def _install(app: web.Application, loaded: Loaded, wrap: HandlerWrapper) -> None:
    core = app[CORE] = loaded.core
    lifecycle: Lifecycle = core.lifecycle()

    @asynccontextmanager
    async def features(_app: web.Application) -> AsyncIterator[None]:
        if lifecycle.phase > Phase.STARTING:
            raise RuntimeError("a Core can be started once: make a new one, and a new application, to start again")
        if app.router.frozen:
            raise RuntimeError(
                "attach() to the application itself: a sub-application's routes cannot be added to when it starts"
            )
        log_missing_names()
        async with supervise(core, _instances(loaded), app.router, wrap):
            lifecycle.advance(Phase.UP)
            yield
        lifecycle.advance(Phase.STOPPED)

    async def drain(_app: web.Application) -> None:
        lifecycle.advance(Phase.DRAINING)

    app.cleanup_ctx.append(features)
    app.on_shutdown.append(drain)


def _instances(loaded: Loaded) -> list[FeatureInstance]:
    return [FeatureInstance(feature, loaded.core) for feature in loaded.features]


def _unwrapped(handler: Handler) -> Handler:
    return handler


def _with_problems(max_body: int) -> HandlerWrapper:
    """Return a decorator that applies `problem_middleware` to one handler.

    Bodies are limited to the lower of `max_body` and the application's own `client_max_size`.
    """

    def wrap(handler: Handler) -> Handler:
        @wraps(handler)
        async def wrapped(request: web.Request) -> web.StreamResponse:
            limit_body(request, max_body)
            return await problem_middleware(request, handler)

        return wrapped

    return wrap
