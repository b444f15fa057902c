"""HTTP in, HTTP out."""

import json
import re

from aiohttp import web

from petsage import __version__
from petsage.features.api_docs.pages import page
from petsage.features.api_docs.schemas import ApiDocumentSchema
from petsage.features.api_docs.service import OURS, THEIRS, Asset, Assets, asset
from petsage.http import ProblemError, ProblemSchema, describe, operation, served

DOCUMENT = "/openapi.json"
PAGE = "/docs"
_NAMES = "|".join(re.escape(name) for name in (*OURS, *THEIRS))
_TAGS = ("API Documentation",)
_ALWAYS = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}  # no-cache: keep it, but ask each time
_OF_PAGES = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}


class ApiDocsHandlers:
    """Serves the API document and the page that shows it, each made on first demand."""

    def __init__(self, assets: Assets) -> None:
        self._assets = assets
        self._document: Asset | None = None

    def routes(self) -> list[web.RouteDef]:
        """Where the documentation stands: the page with and without a slash at its end, never a redirect."""
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
        """Answer with OpenAPI 3.1 as JSON."""
        if self._document is None:
            self._document = asset(_document(request.app), "application/json")
        return _response(request, self._document)

    @operation(
        summary="Read the API Document in a Browser",
        description="An HTML page: Swagger UI, or how to install it.",
        tags=_TAGS,
        responses={200: None, 304: None},
        media={"text/html": "<!doctype html>"},
    )
    async def page(self, request: web.Request) -> web.Response:
        """Answer with the page, its links fitting the path that was asked for."""
        text = page(request.path, installed=self._assets.installed)
        response = _response(request, asset(text.encode(), "text/html"))
        response.headers.update(_OF_PAGES)
        return response

    @operation(
        summary="A File of the Page",
        description="A script, a style sheet or an image of `/docs`.",
        tags=_TAGS,
        responses={200: None, 304: None, 404: ProblemSchema()},
    )
    async def asset(self, request: web.Request) -> web.Response:
        """Answer with one of the files that the route lets through."""
        found = await self._assets.get(request.match_info["name"])
        if found is None:
            raise ProblemError(404, "Swagger UI 5 is not installed here: pip install 'petsage[docs]'")
        return _response(request, found)


def _response(request: web.Request, asset: Asset) -> web.Response:
    """Answer with the asset, or with 304 to a client that has it already (RFC 9110 section 13.1.2)."""
    if any(known.value in ("*", asset.tag) for known in request.if_none_match or ()):
        response = web.Response(status=304, headers=_ALWAYS)
    else:
        charset = None if asset.media_type.startswith("image/") else "utf-8"
        response = web.Response(body=asset.body, content_type=asset.media_type, charset=charset, headers=_ALWAYS)
    response.etag = asset.tag
    return response


def _document(app: web.Application) -> bytes:
    ours = (route for route in app.router.routes() if served(route.handler))
    document = describe(ours, title="PetSage", version=__version__)
    return json.dumps(document, ensure_ascii=False).encode()
