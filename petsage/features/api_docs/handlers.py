"""HTTP in, HTTP out."""

import json

from aiohttp import web

from petsage import __version__
from petsage.http import describe, operation

DOCUMENT = "/openapi.json"


class ApiDocsHandlers:
    """Serves the API document, made on first demand."""

    def __init__(self) -> None:
        self._document: bytes | None = None

    def routes(self) -> list[web.RouteDef]:
        """Where the documentation stands."""
        return [web.get(DOCUMENT, self.document)]

    @operation(
        summary="The API Document",
        description="OpenAPI 3.1: every path that the features serve.",
        tags=["API Documentation"],
        responses={200: None},
    )
    async def document(self, request: web.Request) -> web.Response:
        """Answer with OpenAPI 3.1 as JSON."""
        if self._document is None:
            self._document = _document(request.app)
        return web.Response(body=self._document, content_type="application/json", charset="utf-8")


def _document(app: web.Application) -> bytes:
    document = describe(app.router.routes(), title="PetSage", version=__version__)
    return json.dumps(document, ensure_ascii=False).encode()
