"""A shop: pets are stored in PostgreSQL, visits are counted in Redis.

It neither waits nor retries: it is started when PetSage reports that both are ready.
"""

import os
from collections.abc import AsyncIterator

import asyncpg
from aiohttp import web
from redis.asyncio import Redis

DATABASE = web.AppKey("database", asyncpg.Pool)
CACHE = web.AppKey("cache", Redis)


async def connected(app: web.Application) -> AsyncIterator[None]:
    """Keep the connections, and create the table."""
    database = asyncpg.create_pool(
        host="database", user="shop", database="shop", password=os.environ["DATABASE_PASSWORD"]
    )
    async with database, Redis(host="cache") as cache:
        await database.execute("CREATE TABLE IF NOT EXISTS pets (name text PRIMARY KEY)")
        app[DATABASE], app[CACHE] = database, cache
        yield


async def show(request: web.Request) -> web.Response:
    """List the pets, and count the visit."""
    visits = await request.app[CACHE].incr("visits")
    pets = await request.app[DATABASE].fetch("SELECT name FROM pets ORDER BY name")
    return web.json_response({"pets": [pet["name"] for pet in pets], "visits": visits})


async def take_in(request: web.Request) -> web.Response:
    """Take a pet in."""
    name = request.match_info["name"]
    await request.app[DATABASE].execute("INSERT INTO pets VALUES ($1) ON CONFLICT DO NOTHING", name)
    return web.json_response({"name": name}, status=201)


def create_app() -> web.Application:
    """Return the shop, not yet connected."""
    app = web.Application()
    app.cleanup_ctx.append(connected)
    app.add_routes([web.get("/", show), web.put("/pets/{name}", take_in)])
    return app


if __name__ == "__main__":
    web.run_app(create_app(), port=8000)
