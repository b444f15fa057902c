"""Routes of an API document: those of the application that are documented, each with one method."""

import inspect
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from aiohttp import web

from petsage.http.operation import Operation, innermost, operation_of

METHODS = ("GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE")  # the methods of OpenAPI 3.1
_ANY = ("GET", "POST", "PUT", "PATCH", "DELETE")
_VARIABLE = re.compile(r"\{(\w+)\}")
_DEFAULT_PATTERN = "[^{}/]+"  # aiohttp's, for a variable without one


@dataclass(frozen=True, kw_only=True)
class DocumentedRoute:
    """Method on a path; `variables` maps the names in the path to their patterns, None for any one segment."""

    method: str
    path: str
    variables: dict[str, str | None]
    handler: object
    operation: Operation | None

    @property
    def docstring(self) -> str:
        """Docstring of the handler."""
        return inspect.getdoc(innermost(self.handler)) or ""


def documented_routes(routes: Iterable[web.AbstractRoute]) -> list[DocumentedRoute]:
    """Return the routes to document, in the order of the routes.

    Left out are static files, HEAD beside GET, a path with a trailing slash that has the same handler without it, and
    what an earlier route answers. The method `*` means GET, POST, PUT, PATCH and DELETE. Paths that differ only in the
    names of their variables are one path, with the first names.
    """
    found: dict[tuple[str, str], DocumentedRoute] = {}
    paths: dict[str, str] = {}
    for one in _expanded(routes):
        shape = _VARIABLE.sub("{}", one.path)
        path = paths.setdefault(shape, one.path)
        found.setdefault((shape, one.method), _renamed(one, path))
    return [one for (shape, method), one in found.items() if not _is_duplicate(found, shape, method)]


def _expanded(routes: Iterable[web.AbstractRoute]) -> Iterator[DocumentedRoute]:
    for route in routes:
        resource = route.resource
        if isinstance(resource, web.PlainResource | web.DynamicResource):
            for method in _ANY if route.method == "*" else (route.method,):
                if method in METHODS:
                    yield _documented_route(method, resource, route.handler)


def _documented_route(method: str, resource: web.Resource, handler: object) -> DocumentedRoute:
    pattern = resource.get_info().get("pattern")
    source = pattern.pattern if pattern is not None else ""
    path = resource.canonical or "/"
    return DocumentedRoute(
        method=method,
        path=path,
        variables={name: _group(source, name) for name in _VARIABLE.findall(path)},
        handler=handler,
        operation=operation_of(handler),
    )


def _group(pattern: str, name: str) -> str | None:
    """Return the named group of a regular expression, or None for aiohttp's default."""
    start = pattern.index(f"(?P<{name}>") + len(f"(?P<{name}>")
    inside = pattern[start : start + _end(pattern[start:])]
    return None if inside == _DEFAULT_PATTERN else inside


def _end(pattern: str) -> int:
    depth, bracketed = 0, False
    for token in re.finditer(r"\\.|\[\^?\]?|[\]()]", pattern, re.DOTALL):
        text = token.group()
        if bracketed or text == "]":
            bracketed = bracketed and text not in ("]", "[]", "[^]")
        elif text.startswith("["):
            bracketed = True
        elif text == ")" and depth == 0:
            return token.start()
        elif text in "()":
            depth += 1 if text == "(" else -1
    return len(pattern)


def _renamed(one: DocumentedRoute, path: str) -> DocumentedRoute:
    variables = dict(zip(_VARIABLE.findall(path), one.variables.values(), strict=True))
    return replace(one, path=path, variables=variables)


def _is_duplicate(found: dict[tuple[str, str], DocumentedRoute], shape: str, method: str) -> bool:
    if method == "HEAD" and (shape, "GET") in found:
        return True
    other = found.get((shape.rstrip("/"), method)) if shape != "/" and shape.endswith("/") else None
    return other is not None and innermost(other.handler) == innermost(found[shape, method].handler)
