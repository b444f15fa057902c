"""HTTP handlers."""

import json
import re

from aiohttp import web

from petsage import __version__
from petsage.features.api_docs.pages import render_page
from petsage.features.api_docs.schemas import ApiDocumentSchema
from petsage.features.api_docs.service import OWN_FILES, SWAGGER_FILES, Asset, Assets, make_asset
from petsage.http import ProblemError, ProblemSchema, describe, is_feature_handler, operation

DOCUMENT = "/openapi.json"
PAGE = "/docs"
_NAMES = "|".join(re.escape(name) for name in (*OWN_FILES, *SWAGGER_FILES))
_TAGS = ("API Documentation",)
_CACHE_HEADERS = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}  # no-cache: revalidated each time
_PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}


class ApiDocsHandlers:
    """Handlers of the API document and of the page that shows it; the document is made at the first request."""

    def __init__(self, assets: Assets) -> None:
        self._assets = assets
        self._document: Asset | None = None

    def routes(self) -> list[web.RouteDef]:
        """Return the routes: the page with and without a slash at its end, and no redirect between them."""
        return [
            web.get(DOCUMENT, self.document),
            web.get(PAGE, self.page),
            web.get(f"{PAGE}/", self.page),
            web.get(f"{PAGE}/{{name:{_NAMES}}}", self.asset),
        ]

    @operation(
        summary="The API Document",
        description="OpenAPI 3.1: every path that the features serve.",
        tags=_TAGS,
        responses={200: None, 304: None},
        media={"application/json": ApiDocumentSchema()},
    )
    async def document(self, request: web.Request) -> web.Response:
        """Return the OpenAPI 3.1 document as JSON."""
        if self._document is None:
            self._document = make_asset(_document(request.app), "application/json")
        return _response(request, self._document)

    @operation(
        summary="Read the API Document in a Browser",
        description="An HTML page: Swagger UI, or how to install it.",
        tags=_TAGS,
        responses={200: None, 304: None},
        media={"text/html": "<!doctype html>"},
    )
    async def page(self, request: web.Request) -> web.Response:
        """Return the page, with links relative to the requested path."""
        text = render_page(request.path, installed=self._assets.installed)
        response = _response(request, make_asset(text.encode(), "text/html"))
        response.headers.update(_PAGE_HEADERS)
        return response

    @operation(
        summary="A File of the Page",
        description="A script, a style sheet or an image of `/docs`.",
        tags=_TAGS,
        responses={200: None, 304: None, 404: ProblemSchema()},
    )
    async def asset(self, request: web.Request) -> web.Response:
        """Return one of the files of the page; the route matches no other names."""
        found = await self._assets.get(request.match_info["name"])
        if found is None:
            raise ProblemError(404, "Swagger UI 5 is not installed here: pip install 'petsage[docs]'")
        return _response(request, found)


def _response(request: web.Request, asset: Asset) -> web.Response:
    """Return the asset, or a 304 to a client that has it already (RFC 9110 section 13.1.2)."""
    if any(known.value in ("*", asset.tag) for known in request.if_none_match or ()):
        response = web.Response(status=304, headers=_CACHE_HEADERS)
    else:
        charset = None if asset.media_type.startswith("image/") else "utf-8"
        response = web.Response(body=asset.body, content_type=asset.media_type, charset=charset, headers=_CACHE_HEADERS)
    response.etag = asset.tag
    return response


def _document(app: web.Application) -> bytes:
    documented = (route for route in app.router.routes() if is_feature_handler(route.handler))
    document = describe(documented, title="PetSage", version=__version__)
    return json.dumps(document, ensure_ascii=False).encode()
