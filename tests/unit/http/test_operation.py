"""`@operation`: what a handler may return, and invalid declarations."""

import functools
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import web
from marshmallow import Schema, fields, validate
from pytest_aiohttp.plugin import AiohttpClient

from petsage.http import Problem, ProblemSchema, Reply, operation, operation_of
from tests.support.orders_api import (
    JSON_HEADERS,
    PROBLEM_HEADERS,
    Order,
    OrderHandlers,
    OrderSchema,
    app,
    problem,
    seen,
)


@dataclass(frozen=True)
class Light:
    colour: str


@dataclass(frozen=True)
class Shelf:
    colours: list[str]


@dataclass(frozen=True, kw_only=True)
class Outage(Problem):
    lights: tuple[str, ...] = ()


class LightSchema(Schema):
    colour = fields.String(required=True, validate=validate.OneOf(["red", "grün"]))


class ShelfSchema(Schema):
    colours = fields.List(fields.String(), required=True)


class NumberSchema(Schema):
    number = fields.Raw(required=True)


class OutageSchema(ProblemSchema):
    lights = fields.List(fields.String(), required=True)


class CountingSchema(LightSchema):
    """Counts how often it dumps."""

    dumped = 0

    def dump(self, obj: Any, *, many: bool | None = None) -> Any:
        self.dumped += 1
        return super().dump(obj, many=many)


def answering(result: Any, *, reuse: bool = False, **responses: Any) -> web.RouteDef:
    """A route whose operation returns the same object each time."""
    by_status = {int(status[1:]): schema for status, schema in responses.items()}

    @operation(summary="Answer", responses=by_status, reuse=reuse)
    async def handler(request: web.Request) -> Any:
        return result

    return web.get("/", handler)


async def test_a_plain_function_is_a_handler_too_and_members_have_the_order_of_the_schema(
    aiohttp_client: AiohttpClient,
) -> None:
    client = await aiohttp_client(app(answering(Order(amount=2, item="Käse", id=1), _200=OrderSchema())))
    response = await client.get("/")
    assert await seen(response) == (200, JSON_HEADERS, {"id": 1, "item": "Käse", "amount": 2})
    assert await response.read() == '{"id": 1, "item": "Käse", "amount": 2}'.encode()
    assert response.headers["Content-Length"] == "39"


async def test_head_has_the_headers_of_get_and_no_body(aiohttp_client: AiohttpClient) -> None:
    client = await aiohttp_client(app(answering(Light("red"), _200=LightSchema())))
    response = await client.head("/")
    assert await seen(response) == (200, JSON_HEADERS, "")
    assert response.headers["Content-Length"] == "17"


async def test_no_body_is_declared_with_none(aiohttp_client: AiohttpClient) -> None:
    client = await aiohttp_client(app(*OrderHandlers().routes()))
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    assert await seen(await client.delete("/orders/7")) == (204, headers, "")


async def test_a_reply_chooses_another_declared_status_and_its_own_headers(aiohttp_client: AiohttpClient) -> None:
    outage = Outage(status=503, detail="two lights are out", instance="/", lights=("left", "right"))
    reply = Reply(outage, status=503, headers={"Retry-After": "5", "cache-control": "no-cache"})
    client = await aiohttp_client(app(answering(reply, _200=LightSchema(), _503=OutageSchema())))
    headers = {**PROBLEM_HEADERS, "Retry-After": "5", "Cache-Control": "no-cache"}
    expected = problem(503, "Service Unavailable", "two lights are out", "/", lights=["left", "right"])
    response = await client.get("/")
    assert await seen(response) == (503, headers, expected)
    assert list((await response.json(content_type=None)).keys()) == list(expected)


async def test_an_aiohttp_response_passes_untouched(aiohttp_client: AiohttpClient) -> None:
    own = web.Response(text="pong", status=418, headers={"X-Own": "1"})
    client = await aiohttp_client(app(answering(own, _200=LightSchema())))
    headers = {"Content-Type": "text/plain; charset=utf-8", "X-Own": "1"}
    assert await seen(await client.get("/")) == (418, headers, "pong")


async def test_a_list_schema_takes_a_sequence_of_dataclasses(aiohttp_client: AiohttpClient) -> None:
    client = await aiohttp_client(app(answering([Light("red"), Light("grün")], _200=LightSchema(many=True))))
    assert await seen(await client.get("/")) == (200, JSON_HEADERS, [{"colour": "red"}, {"colour": "grün"}])


async def test_members_that_are_only_ever_sent_are_validated_too(aiohttp_client: AiohttpClient) -> None:
    schema = OrderSchema(dump_only=["id"], load_only=["amount"])
    client = await aiohttp_client(app(answering(Order(1, "bone", 2), _200=schema)))
    assert await seen(await client.get("/")) == (200, JSON_HEADERS, {"id": 1, "item": "bone"})


class ShipmentSchema(Schema):
    orders = fields.List(fields.Nested(OrderSchema(dump_only=["id"])), required=True)
    by_name = fields.Dict(fields.String(), fields.Nested(OrderSchema(dump_only=["id"])))


@dataclass(frozen=True)
class Shipment:
    orders: tuple[Order, ...]
    by_name: dict[str, Order]


async def test_so_are_those_of_documents_inside(aiohttp_client: AiohttpClient) -> None:
    shipment = Shipment((Order(1, "bone", 2),), {"first": Order(1, "bone", 2)})
    client = await aiohttp_client(app(answering(shipment, _200=ShipmentSchema())))
    order = {"id": 1, "item": "bone", "amount": 2}
    assert await seen(await client.get("/")) == (200, JSON_HEADERS, {"orders": [order], "by_name": {"first": order}})


@pytest.mark.parametrize(("reuse", "dumped"), [(False, 3), (True, 1)])
async def test_the_same_unchangeable_document_is_dumped_once_if_its_author_says_so(
    aiohttp_client: AiohttpClient, *, reuse: bool, dumped: int
) -> None:
    schema = CountingSchema()
    client = await aiohttp_client(app(answering(Light("red"), reuse=reuse, _200=schema)))
    answers = [await seen(await client.get("/")) for _ in range(3)]
    assert answers == [(200, JSON_HEADERS, {"colour": "red"})] * 3
    assert schema.dumped == dumped


async def test_a_change_is_answered_at_once(aiohttp_client: AiohttpClient) -> None:
    lights = iter([Light("red"), Light("grün"), Light("red")])

    @operation(summary="Look", responses={200: LightSchema()})
    async def look(request: web.Request) -> Light:
        return next(lights)

    client = await aiohttp_client(app(web.get("/", look)))
    assert [(await seen(await client.get("/")))[2]["colour"] for _ in range(3)] == ["red", "grün", "red"]


@pytest.mark.parametrize("reuse", [False, True])
async def test_a_frozen_document_that_holds_a_list_is_never_stale(
    aiohttp_client: AiohttpClient, *, reuse: bool
) -> None:
    shelf = Shelf(["red"])
    client = await aiohttp_client(app(answering(shelf, reuse=reuse, _200=ShelfSchema())))
    before = await seen(await client.get("/"))
    shelf.colours.append("blue")
    after = await seen(await client.get("/"))
    assert [before, after] == [
        (200, JSON_HEADERS, {"colours": ["red"]}),
        (200, JSON_HEADERS, {"colours": ["red", "blue"]}),
    ]


@pytest.mark.parametrize("reuse", [False, True])
async def test_headers_that_one_answer_gets_do_not_reach_the_next(
    aiohttp_client: AiohttpClient, *, reuse: bool
) -> None:
    @operation(summary="Look", responses={200: LightSchema()}, reuse=reuse)
    async def look(request: web.Request) -> Light:
        return red

    red = Light("red")
    client = await aiohttp_client(app(web.get("/", look)))
    first = await seen(await client.get("/", headers={"X-Request-ID": "one"}))
    second = await seen(await client.get("/"))
    assert first == (200, {**JSON_HEADERS, "X-Request-ID": "one"}, {"colour": "red"})
    assert second == (200, JSON_HEADERS, {"colour": "red"})


@pytest.mark.parametrize(
    ("result", "responses", "why"),
    [
        (
            Light("blue"),
            {"_200": LightSchema()},
            "LightSchema rejects the document: {'colour': ['Must be one of: red, grün.']}",
        ),
        ({"colour": "red"}, {"_200": LightSchema()}, "LightSchema documents a dataclass or NamedTuple, but got dict"),
        (Light, {"_200": LightSchema()}, "LightSchema documents a dataclass or NamedTuple, but got type"),
        (None, {"_200": LightSchema()}, "LightSchema documents a dataclass or NamedTuple, but got NoneType"),
        (
            Light("red"),
            {"_200": LightSchema(many=True)},
            "LightSchema documents a list or tuple of dataclasses or NamedTuples, but got Light",
        ),
        (Light("red"), {"_204": None}, "204 is declared without a body, but got Light"),
        (Reply(Light("red"), 202), {"_200": LightSchema()}, "status 202 is not declared, only 200"),
        (
            Light("red"),
            {"_200": LightSchema(), "_201": LightSchema()},
            "no single success among 200, 201: return a Reply that names its status",
        ),
        (Light("red"), {"_302": None}, "no single success among 302: return a Reply that names its status"),
    ],
)
async def test_an_answer_that_was_not_promised_is_500_and_the_log_says_why(
    aiohttp_client: AiohttpClient,
    caplog: pytest.LogCaptureFixture,
    result: Any,
    responses: dict[str, Any],
    why: str,
) -> None:
    client = await aiohttp_client(app(answering(result, **responses)))
    status, headers, document = await seen(await client.get("/"))
    ref = document["ref"]
    detail = f"something went wrong here; the log has it under {ref}"
    assert (status, headers) == (500, PROBLEM_HEADERS)
    assert document == problem(500, "Internal Server Error", detail, "/", ref=ref)
    [record] = [one for one in caplog.records if one.levelno >= logging.ERROR]
    assert record.message == f"GET / failed (ref {ref})"
    assert str(record.exc_info and record.exc_info[1]) == f"answering.<locals>.handler: {why}"


@dataclass(frozen=True)
class Number:
    number: Any


@pytest.mark.parametrize("number", [float("nan"), float("inf"), object()])
async def test_what_json_cannot_hold_is_never_sent(aiohttp_client: AiohttpClient, number: object) -> None:
    client = await aiohttp_client(app(answering(Number(number), _200=NumberSchema())))
    assert (await client.get("/")).status == 500


async def placed(request: web.Request, body: object) -> object:
    return body


def not_async(request: web.Request) -> None: ...


async def no_request() -> None: ...


@pytest.mark.parametrize(
    ("declared", "function", "error"),
    [
        (
            {"responses": {}},
            placed,
            "responses declares no success: add a 2xx status with its schema, or with None for no body",
        ),
        (
            {"responses": {404: ProblemSchema()}},
            placed,
            "responses declares no success: add a 2xx status with its schema, or with None for no body",
        ),
        ({"responses": {200: None, 299: None}}, placed, "responses names 299, which is not an HTTP status"),
        (
            {"responses": {200: None, 503: None}},
            placed,
            "responses[503] has no schema, but an error has a body: give ProblemSchema()",
        ),
        ({"responses": {200: LightSchema}}, placed, "responses[200] must be an instance: write LightSchema()"),
        ({"responses": {200: {}}}, placed, "responses[200] must be a marshmallow schema, not dict"),
        ({"body": LightSchema, "responses": {200: None}}, placed, "body must be an instance: write LightSchema()"),
        (
            {"query": LightSchema(), "responses": {200: None}},
            placed,
            "placed declares query= and takes no parameter query",
        ),
        (
            {"responses": {200: None}},
            placed,
            "placed takes body, which is not declared: add body= with its schema",
        ),
        (
            {"responses": {200: None}},
            no_request,
            "no_request takes (), but is called with (request) or (self, request)",
        ),
        ({"responses": {200: None}}, not_async, "not_async must be an async function: write async def"),
    ],
)
def test_a_declaration_that_cannot_work_is_refused_at_decoration(
    declared: dict[str, Any],
    function: Callable[..., Any],
    error: str,
) -> None:
    with pytest.raises((TypeError, ValueError)) as caught:
        operation(summary="Mistaken", **declared)(function)
    assert str(caught.value) == error


async def test_the_operation_is_found_through_whatever_is_wrapped_around_it() -> None:
    handlers = OrderHandlers()

    class Wrapper:
        def __init__(self, inner: object) -> None:
            self.__wrapped__ = inner

    wrapped = [handlers.place, functools.partial(handlers.place), Wrapper(functools.partial(handlers.place))]
    assert {found.summary if (found := operation_of(one)) else None for one in wrapped} == {"Place an order"}
    assert operation_of(test_the_operation_is_found_through_whatever_is_wrapped_around_it) is None


def test_an_operation_says_what_it_takes_and_answers() -> None:
    found = operation_of(OrderHandlers.place)
    assert found is not None
    assert (found.name, found.summary, found.description) == (
        "OrderHandlers.place",
        "Place an order",
        "Take an order and number it.",
    )
    assert (found.tags, found.quiet, list(found.inputs), list(found.responses)) == (("Orders",), False, ["body"], [201])
