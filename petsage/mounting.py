"""Mount a feature's routes: all of them or, when one clashes, none."""

import inspect
import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from aiohttp import hdrs
from aiohttp.typedefs import Handler
from aiohttp.web import AbstractRouteDef, RouteDef, UrlDispatcher, View

from petsage.feature import FeatureFailed
from petsage.http import mark_served

_VARIABLE = re.compile(r"\{[^{}]*\}")


class Place(NamedTuple):
    """Where a route stands: its method, its path with variables erased, and its name."""

    method: str
    path: str
    name: str | None


def mount(router: UrlDispatcher, routes: Iterable[AbstractRouteDef], wrap: Callable[[Handler], Handler]) -> None:
    """Add `routes`, each handler wrapped; raise `FeatureFailed`, with nothing mounted, when one cannot be.

    aiohttp accepts a second route of the same method and path silently and serves the first, so places are compared
    here; and it keeps the routes before a failing one, so all are tried on a scratch router.
    """
    wrapped = [_wrapped(route, wrap) for route in routes]
    scratch = UrlDispatcher()
    for route in wrapped:
        _register(route, scratch)
    _refuse_clashes(list(_places(scratch)), list(_places(router)))
    for route in wrapped:
        route.register(router)


def _register(route: AbstractRouteDef, router: UrlDispatcher) -> None:
    try:
        route.register(router)
    except (ValueError, RuntimeError, AssertionError, TypeError) as error:
        raise FeatureFailed(f"its route {_title(route)} cannot be mounted: {error}") from error


def _title(route: AbstractRouteDef) -> str:
    return f"{route.method} {route.path}" if isinstance(route, RouteDef) else str(route)


def _wrapped(route: AbstractRouteDef, wrap: Callable[[Handler], Handler]) -> AbstractRouteDef:
    """Wrap a route's handler; routes of other kinds, such as static files, have none."""
    if not isinstance(route, RouteDef):
        return route
    handler = route.handler
    if not (inspect.iscoroutinefunction(handler) or (inspect.isclass(handler) and issubclass(handler, View))):
        raise FeatureFailed(f"the handler of {_title(route)} must be an `async def`")
    return RouteDef(route.method, route.path, mark_served(wrap(handler)), route.kwargs)


def _refuse_clashes(new: list[Place], mounted: list[Place]) -> None:
    clashes = {
        clash: None
        for index, place in enumerate(new)
        for other in (*mounted, *new[:index])
        if (clash := _clash(place, other)) is not None
    }
    if clashes:
        raise FeatureFailed("; ".join(clashes))


def _clash(place: Place, other: Place) -> str | None:
    if place.path == other.path and (place.method == other.method or hdrs.METH_ANY in (place.method, other.method)):
        return f"{place.method} {place.path} is taken"
    if place.name is not None and place.name == other.name and place.path != other.path:
        return f"the route name '{place.name}' is taken"
    return None


def _places(router: UrlDispatcher) -> Iterator[Place]:
    """Yield every route's place, without the HEAD that aiohttp adds to each GET."""
    places = [
        Place(route.method, _VARIABLE.sub("{}", route.resource.canonical), route.name)
        for route in router.routes()
        if route.resource is not None
    ]
    gets = {place.path for place in places if place.method == hdrs.METH_GET}
    return (place for place in places if not (place.method == hdrs.METH_HEAD and place.path in gets))
