"""Inputs: body, query, path and headers."""

import gzip
import json
from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from pytest_aiohttp.plugin import AiohttpClient, AiohttpServer

from tests.support.orders_api import JSON_HEADERS, PROBLEM_HEADERS, OrderHandlers, app, problem, seen, send_raw

JSON = {"Content-Type": "application/json"}
Client = TestClient[Any, Any]


@pytest.fixture
async def client(aiohttp_client: AiohttpClient) -> Client:
    return await aiohttp_client(app(*OrderHandlers().routes(), client_max_size=1000))


async def test_a_body_reaches_the_handler_as_what_its_schema_makes_of_it(client: Client) -> None:
    response = await client.post("/orders", json={"item": "bone", "amount": 2})
    assert await seen(response) == (201, JSON_HEADERS, {"id": 7, "item": "bone", "amount": 2})


async def test_a_number_without_a_fraction_is_an_integer_however_it_is_written(client: Client) -> None:
    response = await client.post("/orders", data=b'{"item": "bone", "amount": 20e-1}', headers=JSON)
    assert await seen(response) == (201, JSON_HEADERS, {"id": 7, "item": "bone", "amount": 2})


async def test_any_json_media_type_is_taken(client: Client) -> None:
    headers = {"Content-Type": "application/vnd.orders+json; charset=utf-8"}
    response = await client.post("/orders", data=b'{"item": "bone"}', headers=headers)
    assert await seen(response) == (201, JSON_HEADERS, {"id": 7, "item": "bone", "amount": 1})


async def test_a_compressed_body_is_read(client: Client) -> None:
    body = gzip.compress(b'{"item": "bone"}')
    response = await client.post("/orders", data=body, headers={**JSON, "Content-Encoding": "gzip"})
    assert await seen(response) == (201, JSON_HEADERS, {"id": 7, "item": "bone", "amount": 1})


async def test_query_lists_and_defaults_are_loaded_and_unknown_names_passed_over(client: Client) -> None:
    response = await client.get("/orders?tags=a&tags=b&utm_source=x")
    expected = {"orders": [{"id": 7, "item": "bone", "amount": 2}], "paging": {"limit": 10, "tags": ["a", "b"]}}
    assert await seen(response) == (200, JSON_HEADERS, expected)


async def test_path_headers_and_body_come_together(client: Client) -> None:
    response = await client.put("/orders/3", json={"item": "ball"}, headers={"idempotency-key": "abcd"})
    assert await seen(response) == (200, {**JSON_HEADERS, "Etag": '"abcd"'}, {"id": 3, "item": "ball", "amount": 1})


async def test_all_mistakes_are_reported_at_once_by_place_and_member(client: Client) -> None:
    response = await client.put("/orders/0", json={"itm": "ball", "amount": 100}, headers={"Idempotency-Key": "abc"})
    errors = {
        "path": {"id": ["Must be greater than or equal to 1."]},
        "headers": {"Idempotency-Key": ["Length must be 4."]},
        "body": {
            "item": ["Missing data for required field."],
            "amount": ["Must be greater than or equal to 1 and less than or equal to 99."],
            "itm": ["Unknown field."],
        },
    }
    detail = "the request is not valid in its path and headers and body"
    expected = problem(422, "Unprocessable Content", detail, "/orders/0", errors=errors)
    assert await seen(response) == (422, PROBLEM_HEADERS, expected)


async def test_a_wrong_query_is_422(client: Client) -> None:
    response = await client.get("/orders?limit=many&tags=a")
    detail = "the request is not valid in its query"
    errors = {"query": {"limit": ["Not a valid integer."]}}
    expected = problem(422, "Unprocessable Content", detail, "/orders", errors=errors)
    assert await seen(response) == (422, PROBLEM_HEADERS, expected)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "A body is required."),
        (b"null", "Invalid input type."),
        (b"[]", "Invalid input type."),
        (b'"bone"', "Invalid input type."),
        (b"1", "Invalid input type."),
    ],
)
async def test_a_body_that_is_no_object_is_422(client: Client, body: bytes, why: str) -> None:
    response = await client.post("/orders", data=body, headers=JSON)
    detail = "the request is not valid in its body"
    expected = problem(422, "Unprocessable Content", detail, "/orders", errors={"body": {"_schema": [why]}})
    assert await seen(response) == (422, PROBLEM_HEADERS, expected)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"{,", "Expecting property name enclosed in double quotes at line 1, column 2"),
        (b'{"item": "bone"\n "amount": 1}', "Expecting ',' delimiter at line 2, column 2"),
        (b'{"item": "bone"} secret', "Extra data at line 1, column 18"),
        (b" ", "Expecting value at line 1, column 2"),
        (b'{"item": "\xff"}', "the bytes at offset 10 are not utf-8"),
        (b'\xef\xbb\xbf{"item": "bone"}', "Expecting value at line 1, column 1"),
        (b'{"amount": NaN}', "NaN is not a JSON number"),
        (b'{"amount": -Infinity}', "-Infinity is not a JSON number"),
        (b'{"amount": 1e999}', "a number is too large"),
        (b'{"amount": ' + b"9" * 5000 + b"}", "a number has too many digits"),
        (b"[" * 100_000, "it is nested too deeply"),
    ],
    ids=lambda value: value[:16] if isinstance(value, bytes) else "",
)
async def test_what_is_not_json_is_400_and_says_where(aiohttp_client: AiohttpClient, body: bytes, why: str) -> None:
    client = await aiohttp_client(app(*OrderHandlers().routes()))
    response = await client.post("/orders", data=body, headers=JSON)
    errors = {"body": {"_schema": [f"Not JSON: {why}."]}}
    expected = problem(400, "Bad Request", f"the body is not JSON: {why}", "/orders", errors=errors)
    assert await seen(response) == (400, PROBLEM_HEADERS, expected)


async def test_a_lone_surrogate_comes_back_as_it_came(client: Client) -> None:
    response = await client.post("/orders", data=rb'{"item": "\ud800"}', headers=JSON)
    assert (response.status, await response.read()) == (201, rb'{"id": 7, "item": "\ud800", "amount": 1}')


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "application/octet-stream"])
async def test_a_body_of_another_media_type_is_415_and_says_what_is_taken(client: Client, media_type: str) -> None:
    response = await client.post("/orders", data=b'{"item": "bone"}', headers={"Content-Type": media_type})
    expected = problem(415, "Unsupported Media Type", "the body must be application/json", "/orders")
    headers = {**PROBLEM_HEADERS, "Accept": "application/json", "Connection": "close"}
    assert await seen(response) == (415, headers, expected)


async def test_a_body_over_the_limit_is_413_and_names_it(client: Client) -> None:
    response = await client.post("/orders", json={"item": "x" * 1000})
    expected = problem(413, "Content Too Large", "the body is larger than 1000 bytes", "/orders")
    assert await seen(response) == (413, {**PROBLEM_HEADERS, "Connection": "close"}, expected)


async def test_a_compressed_bomb_is_413_too(client: Client) -> None:
    bomb = gzip.compress(b" " * 1_000_000)
    response = await client.post("/orders", data=bomb, headers={**JSON, "Content-Encoding": "gzip"})
    expected = problem(413, "Content Too Large", "the body is larger than 1000 bytes", "/orders")
    assert await seen(response) == (413, {**PROBLEM_HEADERS, "Connection": "close"}, expected)


async def test_a_body_that_is_not_encoded_as_it_says_is_400_and_the_connection_ends(
    aiohttp_server: AiohttpServer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    server = await aiohttp_server(app(*OrderHandlers().routes()))
    head = b"POST /orders HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\n"
    smuggled = b"GET /orders HTTP/1.1\r\nHost: x\r\n\r\n"
    received = await send_raw(server.host, server.port or 0, head + b"Content-Length: 9\r\n\r\nno gzip!!" + smuggled)
    answered, _, body = received.partition(b"\r\n\r\n")
    detail = "the body does not match its Content-Encoding or Transfer-Encoding"
    assert answered.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert answered.split(b"\r\n").count(b"Connection: close") == 1
    assert json.loads(body) == problem(400, "Bad Request", detail, "/orders")
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == []
