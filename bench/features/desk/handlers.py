"""HTTP in, HTTP out."""

from aiohttp import web

from petsage.http import operation

from .schemas import DeskSchema
from .service import DeskService, Passed

PATH = "/desk"
DESCRIPTION = "Keep a desk."


class DeskHandlers:
    """Asks the service and answers."""

    def __init__(self, service: DeskService) -> None:
        self._service = service

    def routes(self) -> list[web.RouteDef]:
        """Return what is served."""
        return [web.get(PATH, self.show)]

    @operation(
        summary="Say whether desk is functional",
        description=DESCRIPTION,
        tags=["Desk"],
        responses={200: DeskSchema()},
    )
    async def show(self, _request: web.Request) -> Passed:
        """Answer with the verdict."""
        return self._service.verdict()
