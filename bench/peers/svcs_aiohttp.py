"""svcs in aiohttp, as its documentation has it: a number of services, each with a ping of a given duration."""

import asyncio
import sys
from collections import Counter

import svcs
import uvloop
from aiohttp import web

checks, seconds, port = int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
executed: Counter[str] = Counter()


async def ping(_service: object) -> None:
    executed["ping"] += 1
    if seconds:
        await asyncio.sleep(seconds)


async def readyz(request: web.Request) -> web.Response:
    ok: list[str] = []
    failing: list[dict[str, str]] = []
    for service in svcs.aiohttp.get_pings(request):
        try:
            await service.aping()
            ok.append(service.name)
        except Exception as error:  # noqa: BLE001 (as its documentation has it)
            failing.append({service.name: repr(error)})
    return web.json_response({"ok": ok, "failing": failing}, status=200 if not failing else 500)


async def executions(_request: web.Request) -> web.Response:
    return web.json_response(executed.total())


app = svcs.aiohttp.init_app(web.Application())
for number in range(checks):
    service = type(f"Service{number}", (), {})
    svcs.aiohttp.register_factory(app, service, service, ping=ping)
app.router.add_get("/readyz", readyz)
app.router.add_get("/executions", executions)
web.run_app(app, host="127.0.0.1", port=port, access_log=None, print=None, loop=uvloop.new_event_loop())
