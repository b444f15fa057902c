"""aiohttp with a route that keeps the event loop busy, and a liveness probe beside it."""

import json
import sys

import uvloop
from aiohttp import web

PETS = [{"id": number, "name": f"pet {number}", "weight": number / 7} for number in range(500)]


async def busy(_request: web.Request) -> web.Response:
    return web.json_response(len(json.loads(json.dumps(PETS))))


async def livez(_request: web.Request) -> web.Response:
    return web.json_response({"status": "pass"})


app = web.Application()
app.router.add_get("/busy", busy)
app.router.add_get("/livez", livez)
port = int(sys.argv[-1])
web.run_app(app, host="127.0.0.1", port=port, access_log=None, print=None, loop=uvloop.new_event_loop())
