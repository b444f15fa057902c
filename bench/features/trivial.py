"""A number of checks that pass after a number of seconds, and a route that returns how often they were run."""

import asyncio
from collections import Counter
from typing import Any

from aiohttp import web
from marshmallow import Schema, fields

from petsage.core.container import Core
from petsage.feature import CheckSpec, Contribution


class SettingsSchema(Schema):
    """`features.trivial`."""

    checks = fields.Integer(load_default=1)
    seconds = fields.Float(load_default=0.0)
    interval = fields.Float(load_default=10.0)


settings_schema = SettingsSchema()


def setup(_core: Core, settings: dict[str, Any]) -> Contribution:
    """Contribute the checks `trivial.0`, `trivial.1` and so on, and `GET /executions`."""
    executed: Counter[str] = Counter()

    async def holds() -> None:
        executed["run"] += 1
        if settings["seconds"]:
            await asyncio.sleep(settings["seconds"])

    async def executions(_request: web.Request) -> web.Response:
        """Return how often the checks were run."""
        return web.json_response(executed.total())

    checks = [CheckSpec(str(number), holds, interval=settings["interval"]) for number in range(settings["checks"])]
    return Contribution(routes=[web.get("/executions", executions)], checks=checks)
