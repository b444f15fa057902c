"""X-Request-ID: echoed when it is valid, generated only when something is logged."""

import logging
import re
from collections.abc import Iterator

import pytest
from aiohttp import web
from pytest_aiohttp.plugin import AiohttpClient

from petsage.http import RequestIdFilter, echo_request_id
from tests.support.orders_api import app, seen

_LOG = logging.getLogger("tests.request_id")


async def silent(request: web.Request) -> web.Response:
    return web.Response()


async def logging_handler(request: web.Request) -> web.Response:
    _LOG.warning("once")
    _LOG.warning("twice")
    return web.Response()


async def stream(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    await response.write(b"streamed")
    return response


async def boom(request: web.Request) -> web.Response:
    raise RuntimeError


@pytest.fixture
def with_ids(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    with caplog.filtering(RequestIdFilter()):
        yield caplog


def ids(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [vars(record)["request_id"] for record in caplog.records if record.levelno >= logging.WARNING]


@pytest.mark.parametrize("given", ["a", "4bf92f35-77b3:4da6", "user@host/1.2+3=_", "x" * 128])
async def test_a_valid_id_is_echoed_and_logged_in_every_line(
    aiohttp_client: AiohttpClient,
    with_ids: pytest.LogCaptureFixture,
    given: str,
) -> None:
    client = await aiohttp_client(app(web.get("/", logging_handler)))
    response = await client.get("/", headers={"X-Request-ID": given})
    assert await seen(response) == (200, {"X-Request-ID": given}, "")
    assert ids(with_ids) == [given, given]


@pytest.mark.parametrize("given", ["", "x" * 129, "two words", 'quo"te', "<script>", "a,b"])
async def test_any_other_id_is_replaced_when_something_is_logged(
    aiohttp_client: AiohttpClient,
    with_ids: pytest.LogCaptureFixture,
    given: str,
) -> None:
    client = await aiohttp_client(app(web.get("/", logging_handler)))
    response = await client.get("/", headers={"X-Request-ID": given})
    made = response.headers["X-Request-ID"]
    assert re.fullmatch(r"[0-9a-f]{16}", made)
    assert ids(with_ids) == [made, made]


async def test_none_is_made_up_when_nothing_is_logged(aiohttp_client: AiohttpClient) -> None:
    client = await aiohttp_client(app(web.get("/", silent)))
    response = await client.get("/", headers={"X-Request-ID": "two words"})
    assert "X-Request-ID" not in response.headers


async def test_an_error_carries_the_id_under_which_it_was_logged(
    aiohttp_client: AiohttpClient,
    with_ids: pytest.LogCaptureFixture,
) -> None:
    client = await aiohttp_client(app(web.get("/", boom)))
    response = await client.get("/")
    assert (response.status, [response.headers["X-Request-ID"]]) == (500, ids(with_ids))


async def test_two_requests_on_one_connection_have_two_ids(
    aiohttp_client: AiohttpClient,
    with_ids: pytest.LogCaptureFixture,
) -> None:
    client = await aiohttp_client(app(web.get("/", logging_handler)))
    made = [(await client.get("/")).headers["X-Request-ID"] for _ in range(2)]
    assert ids(with_ids) == [made[0], made[0], made[1], made[1]]
    assert made[0] != made[1]


async def test_a_stream_has_it_too_where_the_signal_is_installed(aiohttp_client: AiohttpClient) -> None:
    application = app(web.get("/", stream), web.get("/silent", silent))
    application.on_response_prepare.append(echo_request_id)
    client = await aiohttp_client(application)
    response = await client.get("/", headers={"X-Request-ID": "abc"})
    assert (response.headers["X-Request-ID"], await response.read()) == ("abc", b"streamed")
    assert "X-Request-ID" not in (await client.get("/silent")).headers


def test_outside_a_request_it_is_empty(with_ids: pytest.LogCaptureFixture) -> None:
    _LOG.warning("nobody asked")
    assert ids(with_ids) == [""]
