"""A small API with all kinds of inputs, and helpers to request it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientResponse, web
from marshmallow import Schema, fields, post_load, validate

from petsage.http import ProblemSchema, Reply, operation, problem_middleware

PROBLEM_HEADERS = {
    "Content-Type": "application/problem+json",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}
JSON_HEADERS = {**PROBLEM_HEADERS, "Content-Type": "application/json; charset=utf-8"}
_IGNORED_HEADERS = ("Date", "Server", "Content-Length")


@dataclass(frozen=True)
class NewOrder:
    item: str
    amount: int


@dataclass(frozen=True)
class Order:
    id: int
    item: str
    amount: int


@dataclass(frozen=True)
class Paging:
    limit: int
    tags: tuple[str, ...]


@dataclass(frozen=True)
class Page:
    orders: tuple[Order, ...]
    paging: Paging


class NewOrderSchema(Schema):
    item = fields.String(
        required=True,
        validate=validate.Length(min=1, max=40),
        metadata={"description": "What is ordered", "example": "bone"},
    )
    amount = fields.Integer(
        strict=True,
        load_default=1,
        validate=validate.Range(min=1, max=99),
        metadata={"description": "How many", "example": 2},
    )

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> NewOrder:
        return NewOrder(**data)


class OrderSchema(Schema):
    id = fields.Integer(required=True, metadata={"description": "Number of the order", "example": 7})
    item = fields.String(required=True, metadata={"description": "What is ordered", "example": "bone"})
    amount = fields.Integer(required=True, metadata={"description": "How many", "example": 2})


class PagingSchema(Schema):
    limit = fields.Integer(load_default=10, validate=validate.Range(min=1, max=100))
    tags = fields.List(fields.String(), load_default=list)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Paging:
        return Paging(data["limit"], tuple(data["tags"]))


class PageSchema(Schema):
    orders = fields.List(fields.Nested(OrderSchema), required=True)
    paging = fields.Nested(PagingSchema, required=True)


class OrderPathSchema(Schema):
    id = fields.Integer(required=True, validate=validate.Range(min=1), metadata={"description": "Number of the order"})


class KeySchema(Schema):
    key = fields.String(required=True, data_key="Idempotency-Key", validate=validate.Length(equal=4))


class OrderHandlers:
    """Handlers as a container builds them: bound methods."""

    @operation(summary="Place an order", tags=["Orders"], body=NewOrderSchema(), responses={201: OrderSchema()})
    async def place(self, request: web.Request, body: NewOrder) -> Order:
        """Take an order and number it."""
        return Order(7, body.item, body.amount)

    @operation(summary="List orders", tags=["Orders"], query=PagingSchema(), responses={200: PageSchema()})
    async def browse(self, request: web.Request, query: Paging) -> Page:
        return Page((Order(7, "bone", 2),), query)

    @operation(
        summary="Show an order",
        tags=["Orders"],
        path=OrderPathSchema(),
        responses={200: OrderSchema(), 404: ProblemSchema()},
    )
    async def show(self, request: web.Request, path: dict[str, int]) -> Order:
        if path["id"] == 7:
            return Order(7, "bone", 2)
        raise web.HTTPNotFound(text=f"there is no order {path['id']}")

    @operation(
        summary="Change an order",
        path=OrderPathSchema(),
        headers=KeySchema(),
        body=NewOrderSchema(),
        responses={200: OrderSchema()},
    )
    async def change(
        self, request: web.Request, path: dict[str, int], headers: dict[str, str], body: NewOrder
    ) -> Reply:
        return Reply(Order(path["id"], body.item, body.amount), headers={"ETag": f'"{headers["key"]}"'})

    @operation(summary="Cancel an order", path=OrderPathSchema(), responses={204: None})
    async def cancel(self, request: web.Request, path: dict[str, int]) -> None:
        return None

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/orders", self.place),
            web.get("/orders", self.browse),
            web.get(r"/orders/{id:\d{1,9}}", self.show),
            web.put(r"/orders/{id:\d{1,9}}", self.change),
            web.delete(r"/orders/{id:\d{1,9}}", self.cancel),
        ]


def app(*routes: web.AbstractRouteDef, **options: Any) -> web.Application:
    """Return an application whose only middleware is the one under test."""
    application = web.Application(middlewares=[problem_middleware], **options)
    application.add_routes(routes)
    return application


@asynccontextmanager
async def listening(application: web.Application) -> AsyncIterator[int]:
    """Serve as a server does (aiohttp's test server cancels handlers whose client left) and yield the port."""
    runner = web.AppRunner(application)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def seen(response: ClientResponse) -> tuple[int, dict[str, str], Any]:
    """Return status, headers except date, server and length, and the body, parsed if it is JSON."""
    headers = {name: value for name, value in response.headers.items() if name not in _IGNORED_HEADERS}
    text = await response.text()
    return response.status, headers, json.loads(text) if "json" in response.content_type and text else text


def problem(status: int, title: str, detail: str, instance: str, **members: Any) -> dict[str, Any]:
    """Return the expected problem document."""
    document = {"type": "about:blank", "title": title, "status": status, "detail": detail, "instance": instance}
    return {**document, **members}


async def send_raw(host: str, port: int, request: bytes) -> bytes:
    """Send raw bytes, and return everything until the server closes the connection."""
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(request)
    received = await asyncio.wait_for(reader.read(), 60)
    writer.close()
    return received
