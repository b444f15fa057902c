"""The API document, OpenAPI 3.1, made of routes and their operations."""

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

    `prefix` is where the routes are reached when their own paths do not say it; it stands as the document's server. A
    route without `@operation` is documented from its method, path and docstring.
    """
    from petsage.http.openapi.document import write  # noqa: PLC0415 (apispec takes its time, and only a reader of the document pays)

    return write(routes, {"title": title, "version": version, "description": description}, prefix)
