"""PetSage in an aiohttp application that somebody already has."""

import pytest
from aiohttp import web
from aiohttp.typedefs import Handler
from pytest_aiohttp import AiohttpClient

from petsage.app import attach, create_app
from petsage.configure import configure
from tests.conftest import Home
from tests.test_house import GREETINGS


async def shop(_request: web.Request) -> web.Response:
    return web.Response(text="the shop")


@web.middleware
async def signed(request: web.Request, handler: Handler) -> web.StreamResponse:
    response = await handler(request)
    response.headers["X-Shop"] = "yes"
    return response


def their_app() -> web.Application:
    app = web.Application(middlewares=[signed])
    app.add_routes([web.get("/shop", shop)])
    return app


async def test_features_are_served_beside_the_routes_that_were_there(home: Home, aiohttp_client: AiohttpClient) -> None:
    home.drop("greetings.py", GREETINGS)
    app = their_app()
    attach(app, home.core())
    client = await aiohttp_client(app)
    assert await (await client.get("/shop")).text() == "the shop"
    assert await (await client.get("/greetings/Ada")).text() == "hello Ada"
    answer = await client.get("/smoke-test")
    assert (answer.status, answer.headers["X-Shop"]) == (200, "yes")


async def test_answers_that_are_not_ours_stay_as_they_were(home: Home, aiohttp_client: AiohttpClient) -> None:
    alone = await aiohttp_client(their_app())
    app = their_app()
    attach(app, home.core())
    client = await aiohttp_client(app)
    for method, path in (("GET", "/nope"), ("POST", "/shop"), ("GET", "/shop")):
        before, after = await alone.request(method, path), await client.request(method, path)
        assert (after.status, await after.text()) == (before.status, await before.text())
        for headers in (before, after):
            assert "X-Request-ID" not in headers.headers


async def test_errors_on_our_paths_are_problems(home: Home, aiohttp_client: AiohttpClient) -> None:
    home.drop("broken.py", GREETINGS.replace("return web.Response", "raise ValueError"))
    app = web.Application()
    attach(app, home.core())
    client = await aiohttp_client(app)
    answer = await client.get("/greetings/Ada", headers={"X-Request-ID": "abc"})
    assert (answer.status, answer.content_type) == (500, "application/problem+json")
    assert answer.headers["X-Request-ID"] == "abc"


async def test_a_feature_whose_path_the_application_has_taken_goes_into_quarantine(
    home: Home, aiohttp_client: AiohttpClient
) -> None:
    home.drop("greetings.py", GREETINGS)
    app = their_app()
    app.add_routes([web.get("/greetings/{who}", shop)])
    attach(app, home.core())
    client = await aiohttp_client(app)
    assert await (await client.get("/greetings/Ada")).text() == "the shop"
    answer = await client.get("/smoke-test")
    assert [failure["reason"] for failure in (await answer.json(content_type=None))["failures"]] == [
        "GET /greetings/{} is taken"
    ]


async def test_the_document_tells_nothing_of_routes_of_others(home: Home, aiohttp_client: AiohttpClient) -> None:
    home.drop("greetings.py", GREETINGS)
    app = their_app()
    attach(app, home.core())
    client = await aiohttp_client(app)
    document = await (await client.get("/openapi.json")).json()
    assert "/shop" not in document["paths"]
    assert "/greetings/{name}" in document["paths"]


async def test_attaching_twice_or_to_an_application_that_runs_is_refused(aiohttp_client: AiohttpClient) -> None:
    app = web.Application()
    attach(app, configure())
    with pytest.raises(RuntimeError, match="attached to this application already"):
        attach(app, configure())
    with pytest.raises(RuntimeError, match="attached to this application already"):
        attach(create_app(configure()), configure())
    running = their_app()
    await aiohttp_client(running)
    with pytest.raises(RuntimeError, match="before the application starts"):
        attach(running, configure())
