"""Mount the routes of a feature: all of them or, if one clashes, none."""

import inspect
import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from aiohttp import hdrs
from aiohttp.typedefs import Handler
from aiohttp.web import AbstractRouteDef, RouteDef, UrlDispatcher, View

from petsage.feature import FeatureFailed
from petsage.http import mark_served
from petsage.untrusted import description, is_raised_by_signal

_VARIABLE = re.compile(r"\{[^{}]*\}")


class Endpoint(NamedTuple):
    """Method and path of a route; the names of variables are left out."""

    method: str
    path: str

    def clashes(self, other: "Endpoint") -> bool:
        """Return whether both match the same requests."""
        same = self.method == other.method or hdrs.METH_ANY in (self.method, other.method)
        return same and self.path == other.path


def mount(router: UrlDispatcher, routes: Iterable[AbstractRouteDef], wrap: Callable[[Handler], Handler]) -> None:
    """Add `routes` to a router, each handler wrapped. Raise `FeatureFailed`, with none added, if one cannot be added.

    aiohttp accepts a second route of the same method and path, and serves the first, so endpoints are compared here. It
    also keeps the routes before a failing one, so all are added to a scratch router first, and transferred from it.
    """
    wrapped = [_wrapped(route, wrap) for route in routes]
    scratch = UrlDispatcher()
    for route in wrapped:
        _register(route, scratch)
    _refuse_clashes(scratch, router)
    for resource in scratch.resources():
        router.register_resource(resource)


def _register(route: AbstractRouteDef, router: UrlDispatcher) -> None:
    try:
        route.register(router)
    except BaseException as error:  # a route may be an object of the feature
        if is_raised_by_signal(error):
            raise
        raise FeatureFailed(f"its route {_title(route)} cannot be mounted: {description(error)}") from error


def _title(route: AbstractRouteDef) -> str:
    return f"{route.method} {route.path}" if isinstance(route, RouteDef) else description(route)


def _wrapped(route: AbstractRouteDef, wrap: Callable[[Handler], Handler]) -> AbstractRouteDef:
    """Wrap the handler of a route; other kinds of routes, such as static files, have none."""
    if not isinstance(route, RouteDef):
        return route
    handler = route.handler
    if not (inspect.iscoroutinefunction(handler) or (inspect.isclass(handler) and issubclass(handler, View))):
        raise FeatureFailed(f"the handler of {_title(route)} must be an `async def`")
    return RouteDef(route.method, route.path, mark_served(wrap(handler)), route.kwargs)


def _refuse_clashes(scratch: UrlDispatcher, router: UrlDispatcher) -> None:
    new, mounted = _endpoints(scratch), _endpoints(router)
    taken = {endpoint for index, endpoint in enumerate(new) if any(map(endpoint.clashes, (*mounted, *new[:index])))}
    taken -= {Endpoint(hdrs.METH_HEAD, path) for method, path in taken if method == hdrs.METH_GET}  # added with GET
    clashes = [f"{endpoint.method} {endpoint.path} is taken" for endpoint in dict.fromkeys(new) if endpoint in taken]
    names = [name for name in scratch.named_resources() if name in router.named_resources()]
    clashes += [f"the route name '{name}' is taken" for name in names]
    if clashes:
        raise FeatureFailed("; ".join(clashes))


def _endpoints(router: UrlDispatcher) -> list[Endpoint]:
    return [
        Endpoint(route.method, _VARIABLE.sub("{}", route.resource.canonical))
        for route in router.routes()
        if route.resource is not None
    ]
