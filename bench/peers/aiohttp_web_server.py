"""aiohttp without a router, a middleware or an application: the minimal cost of PetSage's own stack."""

import asyncio
import json
import sys

import uvloop
from aiohttp import web

DOCUMENT = {"status": "ok", "feature": "smoke_test", "message": "PetSage builder is functional!"}
BODY = json.dumps(DOCUMENT).encode()


async def smoke_test(_request: web.BaseRequest) -> web.Response:
    return web.Response(body=BODY, content_type="application/json", charset="utf-8")


async def main(port: int) -> None:
    server = web.Server(smoke_test, access_log=None)
    listener = await asyncio.get_running_loop().create_server(server, "127.0.0.1", port)
    await listener.serve_forever()


with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
    runner.run(main(int(sys.argv[-1])))
