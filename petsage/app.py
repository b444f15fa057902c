"""The only place where all rooms meet: an aiohttp application out of a Core."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from functools import wraps
from typing import cast

from aiohttp import web
from aiohttp.typedefs import Handler

from petsage.core.container import Core
from petsage.core.inventory import Step
from petsage.core.lifecycle import Lifecycle, Phase
from petsage.http import bound, echo_request_id, problem_middleware
from petsage.runtime.instance import FeatureInstance
from petsage.runtime.lifespan import FeatureDownError
from petsage.runtime.loader import Feature, discover
from petsage.runtime.routes import mount
from petsage.runtime.supervisor import Wrap, gate, supervise

_SWITCHING_PROTOCOLS = 101  # of a WebSocket; its `Connection` header says `upgrade`
CORE: web.AppKey[Core] = web.AppKey("petsage.core", Core)


def create_app(core: Core) -> web.Application:
    """Return an application that brings the features up when it starts; nothing runs yet."""
    app = web.Application(middlewares=[problem_middleware], client_max_size=core.settings().server.max_body)
    app.on_response_prepare.append(_Finish(core.lifecycle()))
    _move_in(app, core, wrap=_as_it_is)
    return app


class _Finish:
    """Receiver of `on_response_prepare`: in drain each answer closes its connection; streams get the request's id."""

    def __init__(self, lifecycle: Lifecycle) -> None:
        self.idle = not lifecycle.draining  # whether it has nothing to do with what is kept; read for each request
        lifecycle.subscribe(self._moved_on)

    def _moved_on(self, phase: Phase) -> None:
        self.idle = phase < Phase.DRAINING

    async def __call__(self, request: web.Request, response: web.StreamResponse) -> None:
        if not self.idle and response.status != _SWITCHING_PROTOCOLS:
            response.headers["Connection"] = "close"
            response.force_close()
        if not isinstance(response, web.Response):  # the headers of a stream leave before `problem_middleware` sees it
            await echo_request_id(request, response)


def attach(app: web.Application, core: Core) -> None:
    """Have an application that exists already serve the features beside what it serves.

    Its own routes, middlewares and lifecycle stay as they are; a feature whose path it has taken goes into quarantine.
    Raise `RuntimeError` when the application has started already, or has a Core.
    """
    if app.frozen:
        raise RuntimeError("attach() comes before the application starts: its router is frozen")
    if CORE in app:
        raise RuntimeError("PetSage is attached to this application already")
    _move_in(app, core, wrap=_with_problems(core.settings().server.max_body))


def dry_run(core: Core) -> web.Application:
    """Import, set up and mount the features without starting anything, for those who only want to look."""
    app = web.Application()
    for tenant in _tenants(core):
        if tenant.due:
            _rehearse(tenant, app)
    return app


def _rehearse(tenant: FeatureInstance, app: web.Application) -> None:
    step = Step.SETUP
    try:
        contribution = tenant.set_up()
        step = Step.MOUNT
        mount(app.router, contribution.routes, lambda handler: gate(handler, tenant))
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 (a feature may raise anything; it is reported)
        tenant.put_into_quarantine(FeatureDownError(step, error))
    else:
        tenant.mounted()


def _move_in(app: web.Application, core: Core, wrap: Wrap) -> None:
    app[CORE] = core
    lifecycle: Lifecycle = core.lifecycle()

    @asynccontextmanager
    async def house(_app: web.Application) -> AsyncIterator[None]:
        if lifecycle.phase > Phase.STARTING:
            raise RuntimeError("a Core lives once: make another one, and an application of it, to start again")
        async with supervise(core, _tenants(core), app.router, wrap):
            lifecycle.advance(Phase.UP)
            yield
        lifecycle.advance(Phase.STOPPED)

    async def drain(_app: web.Application) -> None:
        lifecycle.advance(Phase.DRAINING)

    app.cleanup_ctx.append(house)
    app.on_shutdown.append(drain)


def _tenants(core: Core) -> list[FeatureInstance]:
    features = core.features()
    found = discover(core.settings()) if features is None else features
    return [FeatureInstance(feature, core) for feature in cast(Iterable[Feature], found)]


def _as_it_is(handler: Handler) -> Handler:
    return handler


def _with_problems(max_body: int) -> Wrap:
    """Return what makes a handler answer problems, as the middleware does for a whole application.

    Its bodies are bounded by the lower of `max_body` and what the application's own `client_max_size` says.
    """

    def wrap(handler: Handler) -> Handler:
        @wraps(handler)
        async def answered(request: web.Request) -> web.StreamResponse:
            bound(request, max_body)
            return await problem_middleware(request, handler)

        return answered

    return wrap
