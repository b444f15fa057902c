"""Handlers of the feature."""

from aiohttp import web

from petsage.http import operation

from .schemas import DeskSchema
from .service import DeskService, Passed

PATH = "/desk"
DESCRIPTION = "Keep a desk."


class DeskHandlers:
    """Answers with what the service says."""

    def __init__(self, service: DeskService) -> None:
        self._service = service

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [web.get(PATH, self.show)]

    @operation(
        summary="Report whether desk is functional",
        description=DESCRIPTION,
        tags=["Desk"],
        responses={200: DeskSchema()},
    )
    async def show(self, _request: web.Request) -> Passed:
        """Answer with the result."""
        return self._service.result()
