"""aiohttp as one would write it: a route, `web.json_response`, uvloop, no access log."""

import sys

import uvloop
from aiohttp import web

DOCUMENT = {"status": "ok", "feature": "smoke_test", "message": "PetSage builder is functional!"}


async def smoke_test(_request: web.Request) -> web.Response:
    return web.json_response(DOCUMENT)


app = web.Application()
app.router.add_get("/smoke-test", smoke_test)
port = int(sys.argv[-1])
web.run_app(app, host="127.0.0.1", port=port, access_log=None, print=None, loop=uvloop.new_event_loop())
