"""A reverse proxy that strips a path prefix, as an ingress does: `/api/docs` is asked for as `/docs`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import ClientSession, web

PREFIX = "/api"
_NOT_HANDED_ON = {"transfer-encoding", "connection", "date", "server"}


@asynccontextmanager
async def behind_prefix(upstream: str) -> AsyncIterator[str]:
    """Serve under `/api` what stands at the URL `upstream`; yield the proxy's URL, prefix included."""
    async with ClientSession(auto_decompress=False) as session:

        async def forward(request: web.Request) -> web.Response:
            url = upstream + request.raw_path.removeprefix(PREFIX)
            async with session.request(request.method, url, allow_redirects=False) as answer:
                headers = {name: text for name, text in answer.headers.items() if name.lower() not in _NOT_HANDED_ON}
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
