"""A reverse proxy that strips a path prefix, as an ingress does: `/api/docs` is forwarded as `/docs`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import ClientSession, web

PREFIX = "/api"
_NOT_FORWARDED = {"transfer-encoding", "connection", "date", "server"}


@asynccontextmanager
async def behind_prefix(upstream: str) -> AsyncIterator[str]:
    """Forward requests below `/api` to the server at `upstream`; yield the URL of the proxy with the prefix."""
    async with ClientSession(auto_decompress=False) as session:

        async def forward(request: web.Request) -> web.Response:
            url = upstream + request.raw_path.removeprefix(PREFIX)
            async with session.request(request.method, url, allow_redirects=False) as answer:
                headers = {name: text for name, text in answer.headers.items() if name.lower() not in _NOT_FORWARDED}
                return web.Response(status=answer.status, body=await answer.read(), headers=headers)

        app = web.Application()
        app.router.add_route("*", PREFIX + "/{path:.*}", forward)
        runner = web.AppRunner(app, shutdown_timeout=1)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            yield f"http://127.0.0.1:{runner.addresses[0][1]}{PREFIX}"
        finally:
            await runner.cleanup()
