"""API document (OpenAPI 3.1) of routes and their operations."""

from collections.abc import Iterable
from typing import Any

from aiohttp import web


def describe(
    routes: Iterable[web.AbstractRoute],
    *,
    title: str,
    version: str,
    description: str = "",
    prefix: str = "",
) -> dict[str, Any]:
    """Return the document as plain JSON values, the same for the same routes.

    `prefix` is the path under which the routes are reached, if it is not part of their own; it becomes the document's
    server. A route without `@operation` is documented from its method, path and docstring.
    """
    from petsage.http.openapi.document import write  # noqa: PLC0415 (apispec is imported by the first reader of the document)

    return write(routes, {"title": title, "version": version, "description": description}, prefix)
