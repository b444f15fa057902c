"""A route that keeps the event loop busy."""

import json

from aiohttp import web

from petsage.core.container import Core
from petsage.feature import Contribution

PETS = [{"id": number, "name": f"pet {number}", "weight": number / 7} for number in range(500)]


async def busy(_request: web.Request) -> web.Response:
    """Write and read a document of 500 pets."""
    return web.json_response(len(json.loads(json.dumps(PETS))))


def setup(_core: Core) -> Contribution:
    """Contribute `GET /busy`."""
    return Contribution(routes=[web.get("/busy", busy)])
