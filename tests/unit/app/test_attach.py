"""PetSage in an existing aiohttp application."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.typedefs import Handler
from pytest_aiohttp import AiohttpClient

from petsage.app import attach, create_app
from petsage.bootstrap import load
from tests.support.features import GREETINGS
from tests.support.project import Project


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


async def test_features_are_served_beside_the_routes_that_were_there(
    project: Project, aiohttp_client: AiohttpClient
) -> None:
    project.add_feature("greetings.py", GREETINGS)
    app = their_app()
    attach(app, project.load())
    client = await aiohttp_client(app)
    assert await (await client.get("/shop")).text() == "the shop"
    assert await (await client.get("/greetings/Ada")).text() == "hello Ada"
    answer = await client.get("/smoke-test")
    assert (answer.status, answer.headers["X-Shop"]) == (200, "yes")


async def test_responses_of_other_routes_are_not_changed(project: Project, aiohttp_client: AiohttpClient) -> None:
    alone = await aiohttp_client(their_app())
    app = their_app()
    attach(app, project.load())
    client = await aiohttp_client(app)
    for method, path in (("GET", "/nope"), ("POST", "/shop"), ("GET", "/shop")):
        before, after = await alone.request(method, path), await client.request(method, path)
        assert (after.status, await after.text()) == (before.status, await before.text())
        for headers in (before, after):
            assert "X-Request-ID" not in headers.headers


async def test_errors_on_our_paths_are_problems(project: Project, aiohttp_client: AiohttpClient) -> None:
    project.add_feature("broken.py", GREETINGS.replace("return web.Response", "raise ValueError"))
    app = web.Application()
    attach(app, project.load())
    client = await aiohttp_client(app)
    answer = await client.get("/greetings/Ada", headers={"X-Request-ID": "abc"})
    assert (answer.status, answer.content_type) == (500, "application/problem+json")
    assert answer.headers["X-Request-ID"] == "abc"


async def test_a_feature_whose_path_the_application_has_taken_goes_into_quarantine(
    project: Project, aiohttp_client: AiohttpClient
) -> None:
    project.add_feature("greetings.py", GREETINGS)
    app = their_app()
    app.add_routes([web.get("/greetings/{who}", shop)])
    attach(app, project.load())
    client = await aiohttp_client(app)
    assert await (await client.get("/greetings/Ada")).text() == "the shop"
    answer = await client.get("/smoke-test")
    assert [failure["reason"] for failure in (await answer.json(content_type=None))["failures"]] == [
        "GET /greetings/{} is taken"
    ]


async def test_the_document_leaves_out_routes_of_others(project: Project, aiohttp_client: AiohttpClient) -> None:
    project.add_feature("greetings.py", GREETINGS)
    app = their_app()
    attach(app, project.load())
    client = await aiohttp_client(app)
    document = await (await client.get("/openapi.json")).json()
    assert "/shop" not in document["paths"]
    assert "/greetings/{name}" in document["paths"]


async def test_attaching_twice_or_to_an_application_that_runs_is_refused(aiohttp_client: AiohttpClient) -> None:
    app = web.Application()
    attach(app, load())
    with pytest.raises(RuntimeError, match="attached to this application already"):
        attach(app, load())
    with pytest.raises(RuntimeError, match="attached to this application already"):
        attach(create_app(load()), load())
    running = their_app()
    await aiohttp_client(running)
    with pytest.raises(RuntimeError, match="before the application starts"):
        attach(running, load())


async def test_attaching_to_a_sub_application_fails_at_its_start() -> None:
    app, sub = web.Application(), web.Application()
    attach(sub, load())
    app.add_subapp("/sub", sub)
    runner = web.AppRunner(app)
    with pytest.raises(RuntimeError, match=r"attach\(\) to the application itself"):
        await runner.setup()
    await runner.cleanup()


HELD = """
    from contextlib import asynccontextmanager
    from pathlib import Path
    from petsage.feature import Contribution
    @asynccontextmanager
    async def life():
        Path(__file__).with_name("_open").touch()
        try:
            yield
        finally:
            Path(__file__).with_name("_open").unlink()
    def setup(core): return Contribution(lifespans=[life()])
"""


@pytest.mark.parametrize("before", [True, False], ids=["before ours", "after ours"])
def test_a_context_of_theirs_that_fails_leaves_nothing_of_ours_open(project: Project, before: bool) -> None:  # noqa: FBT001 (a parameter of the test)
    project.add_feature("held.py", HELD)
    app, seen = web.Application(), []

    async def theirs(_app: web.Application) -> AsyncIterator[None]:
        seen.append((project.features / "_open").exists())
        raise OSError("theirs")
        yield

    if before:
        app.cleanup_ctx.append(theirs)
    attach(app, project.load())
    if not before:
        app.cleanup_ctx.append(theirs)
    with pytest.raises(OSError, match="theirs"):
        web.run_app(app, port=0, print=None, loop=asyncio.new_event_loop())
    assert seen == [not before]
    assert not (project.features / "_open").exists()


async def test_a_path_of_their_sub_application_is_taken_and_its_route_names_are_not(
    project: Project, aiohttp_client: AiohttpClient
) -> None:
    project.add_feature("greetings.py", GREETINGS)
    project.add_feature("named.py", GREETINGS.replace("greet)", 'greet, name="shop")').replace("/greetings", "/named"))
    app, sub = their_app(), web.Application()
    sub.add_routes([web.get("/{who}", shop, name="shop")])
    app.add_subapp("/greetings", sub)
    attach(app, project.load())
    client = await aiohttp_client(app)
    answer = await client.get("/smoke-test")
    assert [failure["reason"] for failure in (await answer.json(content_type=None))["failures"]] == [
        "GET /greetings/{} is taken"
    ]
    assert await (await client.get("/named/Ada")).text() == "hello Ada"
