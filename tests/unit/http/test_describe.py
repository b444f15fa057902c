"""API document: OpenAPI 3.1 of what the routes do."""

import asyncio
import functools
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from marshmallow import EXCLUDE, INCLUDE, Schema, fields
from openapi_spec_validator import validate as validate_document

from petsage.fields import Duration, Size
from petsage.http import ProblemSchema, describe, operation
from tests.support.fuzzing import examples
from tests.support.orders_api import OrderHandlers, OrderSchema, app, listening


def described(*routes: web.AbstractRouteDef, **options: Any) -> dict[str, Any]:
    """The document of these routes; every test's document is a valid one."""
    document = describe(app(*routes).router.routes(), title="Pets", version="1.2", **options)
    validate_document(document)
    return document


def answering(*schemas: Schema) -> list[web.RouteDef]:
    """Routes `/0`, `/1`... that answer with these schemas."""

    def handler(schema: Schema) -> Any:
        @operation(summary="Answer", responses={200: schema})
        async def handle(request: web.Request) -> Any: ...

        return handle

    return [web.get(f"/{number}", handler(schema)) for number, schema in enumerate(schemas)]


def content(name: str, media_type: str = "application/json", **more: Any) -> dict[str, Any]:
    return {media_type: {"schema": {"$ref": f"#/components/schemas/{name}"}, **more}}


def problem_response(description: str) -> dict[str, Any]:
    return {"description": description, "content": content("Problem", "application/problem+json")}


async def undocumented(request: web.Request) -> web.Response:
    """Say something.

    At length.
    """
    return web.Response()


async def silent(request: web.Request) -> web.Response:
    return web.Response()


PROBLEMS = {
    "400": problem_response("Bad Request"),
    "413": problem_response("Content Too Large"),
    "415": problem_response("Unsupported Media Type"),
    "422": problem_response("Unprocessable Content"),
    "default": problem_response("Any other error"),
}
ORDER = {"id": 7, "item": "bone", "amount": 2}


def test_an_operation_is_described_completely() -> None:
    document = described(*OrderHandlers().routes())
    assert list(document) == ["openapi", "info", "tags", "paths", "components"]
    assert (document["openapi"], document["info"]) == ("3.1.0", {"title": "Pets", "version": "1.2"})
    assert document["tags"] == [{"name": "Orders"}]
    assert document["paths"]["/orders"]["post"] == {
        "tags": ["Orders"],
        "summary": "Place an order",
        "description": "Take an order and number it.",
        "operationId": "post_orders",
        "requestBody": {"required": True, "content": content("NewOrder", example={"item": "bone", "amount": 2})},
        "responses": {"201": {"description": "Created", "content": content("Order", example=ORDER)}, **PROBLEMS},
    }
    assert document["components"]["schemas"]["NewOrder"] == {
        "type": "object",
        "properties": {
            "item": {
                "type": "string",
                "minLength": 1,
                "maxLength": 40,
                "description": "What is ordered",
                "example": "bone",
            },
            "amount": {
                "type": "integer",
                "default": 1,
                "minimum": 1,
                "maximum": 99,
                "description": "How many",
                "example": 2,
            },
        },
        "required": ["item"],
        "additionalProperties": False,
    }


def test_inputs_are_listed_under_their_place() -> None:
    document = described(*OrderHandlers().routes())
    identity = {
        "in": "path",
        "name": "id",
        "description": "Number of the order",
        "schema": {"type": "integer", "minimum": 1, "pattern": r"^(?:\d{1,9})$"},
        "required": True,
    }
    key = {
        "in": "header",
        "name": "Idempotency-Key",
        "schema": {"type": "string", "minLength": 4, "maxLength": 4},
        "required": True,
    }
    limit = {"type": "integer", "default": 10, "minimum": 1, "maximum": 100}
    tags = {"type": "array", "items": {"type": "string"}}
    assert document["paths"]["/orders/{id}"]["put"]["parameters"] == [identity, key]
    assert document["paths"]["/orders"]["get"]["parameters"] == [
        {"in": "query", "name": "limit", "schema": limit, "required": False},
        {"in": "query", "name": "tags", "schema": tags, "required": False, "explode": True, "style": "form"},
    ]
    unprocessable = {name: PROBLEMS[name] for name in ("422", "default")}
    cancelled = {"204": {"description": "No Content"}, **unprocessable}
    assert document["paths"]["/orders/{id}"]["delete"]["responses"] == cancelled


def test_a_route_without_an_operation_is_described_by_its_docstring() -> None:
    document = described(web.get(r"/files/{name:[^/)[]+\.(txt|[])]md)}/{part}", undocumented), web.post("/", silent))
    answered = {"responses": {"default": {"description": "What the handler answers"}}}
    named = {"type": "string", "pattern": r"^(?:[^/)[]+\.(txt|[])]md))$"}
    assert document["paths"] == {
        "/files/{name}/{part}": {
            "get": {
                "summary": "Say something.",
                "description": "At length.",
                "operationId": "get_files_name_part",
                "parameters": [
                    {"in": "path", "name": "name", "schema": named, "required": True},
                    {"in": "path", "name": "part", "schema": {"type": "string"}, "required": True},
                ],
                **answered,
            },
        },
        "/": {"post": {"operationId": "post", **answered}},
    }


def test_duplicates_are_described_once(tmp_path: Path) -> None:
    handlers = OrderHandlers()
    wrapped = functools.wraps(handlers.browse)(functools.partial(handlers.browse))
    document = described(
        web.get("/a", handlers.browse),
        web.get("/a/", wrapped),
        web.get("/b/", handlers.browse),
        web.get("/c", handlers.browse),
        web.get("/c/", silent),
        web.head("/d", silent),
        web.static("/static", tmp_path),
    )
    told = {path: list(methods) for path, methods in document["paths"].items()}
    assert told == {"/a": ["get"], "/b/": ["get"], "/c": ["get"], "/c/": ["get"], "/d": ["head"]}


def test_any_method_means_the_usual_ones_that_no_other_route_answers() -> None:
    document = described(web.get("/a", undocumented), web.route("*", "/a", silent))
    told = {method: one.get("summary") for method, one in document["paths"]["/a"].items()}
    assert told == {"get": "Say something.", "post": None, "put": None, "patch": None, "delete": None}


def test_paths_that_differ_only_in_names_are_one_path() -> None:
    document = described(web.get("/a/{x}/{y}", silent), web.put(r"/a/{one}/{two:\d+}", silent))
    assert list(document["paths"]) == ["/a/{x}/{y}"]
    assert document["paths"]["/a/{x}/{y}"]["put"]["parameters"] == [
        {"in": "path", "name": "x", "schema": {"type": "string"}, "required": True},
        {"in": "path", "name": "y", "schema": {"type": "string", "pattern": r"^(?:\d+)$"}, "required": True},
    ]


def test_operation_ids_are_unique() -> None:
    document = described(web.get("/a-b", silent), web.get("/a_b", silent), web.get("/a/b", silent))
    assert [one["get"]["operationId"] for one in document["paths"].values()] == ["get_a_b", "get_a_b_2", "get_a_b_3"]


def test_schemas_of_one_name_do_not_hide_each_other() -> None:
    mine, theirs = OrderSchema(), Schema.from_dict({"own": fields.Boolean(required=True)}, name="OrderSchema")()
    document = described(*answering(mine, theirs, OrderSchema(only=["id"]), OrderSchema(many=True)))
    shown = [next(iter(one["get"]["responses"]["200"]["content"].values())) for one in document["paths"].values()]
    reference = "#/components/schemas/Order"
    assert shown == [
        {"schema": {"$ref": reference}, "example": ORDER},
        {"schema": {"$ref": f"{reference}2"}},
        {"schema": {"$ref": f"{reference}3"}, "example": {"id": 7}},
        {"schema": {"type": "array", "items": {"$ref": reference}}, "example": [ORDER]},
    ]
    schemas = document["components"]["schemas"]
    assert [list(schemas[name]["properties"]) for name in ("Order", "Order2", "Order3")] == [
        ["id", "item", "amount"],
        ["own"],
        ["id"],
    ]


class NodeSchema(Schema):
    name = fields.String(required=True, metadata={"example": "root"})
    children = fields.List(fields.Nested(lambda: NodeSchema(only=["name", "children"])))
    parent = fields.Nested(lambda: NodeSchema(exclude=["parent"]), allow_none=True)


def test_nested_schemas_are_referred_to() -> None:
    node = described(*answering(NodeSchema()))["components"]["schemas"]["Node"]["properties"]
    assert node["children"] == {"type": "array", "items": {"$ref": "#/components/schemas/Node2"}}
    assert node["parent"] == {"anyOf": [{"$ref": "#/components/schemas/Node3"}, {"type": "null"}]}


@pytest.mark.parametrize(
    ("schema", "closed"),
    [(NodeSchema(), False), (NodeSchema(unknown=INCLUDE), True), (NodeSchema(unknown=EXCLUDE), None)],
    ids=str,
)
def test_an_object_is_closed_when_its_schema_is(schema: Schema, *, closed: bool | None) -> None:
    told = described(*answering(schema))["components"]["schemas"]["Node"]
    assert told.get("additionalProperties") is closed


class Outage(ProblemSchema):
    class Meta(ProblemSchema.Meta):
        description = "Something is out"

    lights = fields.List(fields.String(), required=True, metadata={"example": ["left"]})


def test_a_problem_of_ones_own_has_the_media_type_of_problems() -> None:
    @operation(summary="Look", responses={204: None, 503: Outage()})
    async def look(request: web.Request) -> None: ...

    document = described(web.get("/", look))
    assert document["paths"]["/"]["get"]["responses"]["503"] == {
        "description": "Service Unavailable",
        "content": content("Outage", "application/problem+json"),
    }
    outage = document["components"]["schemas"]["Outage"]
    assert outage["required"] == ["detail", "lights", "status", "title", "type"]
    assert (outage["description"], outage["additionalProperties"]) == ("Something is out", True)


def test_durations_and_sizes_are_texts() -> None:
    schema = Schema.from_dict({"timeout": Duration(load_default=10.0), "limit": Size()}, name="KnobsSchema")()
    knobs = described(*answering(schema))["components"]["schemas"]["Knobs"]["properties"]
    assert knobs == {"timeout": {"type": "string", "default": "10s"}, "limit": {"type": "string"}}


def test_an_example_is_made_of_the_members_and_only_when_all_required_ones_have_one() -> None:
    class PartSchema(Schema):
        whole = fields.Nested(OrderSchema, required=True)
        several = fields.List(fields.Nested(OrderSchema), required=True)
        optional = fields.String()
        renamed = fields.String(data_key="re-named", metadata={"example": "x"})

    class GapSchema(PartSchema):
        gap = fields.String(required=True)

    document = described(*answering(PartSchema(), GapSchema()))
    part, gap = [one["get"]["responses"]["200"]["content"]["application/json"] for one in document["paths"].values()]
    assert part["example"] == {"whole": ORDER, "several": [ORDER], "re-named": "x"}
    assert "example" not in gap


def test_a_prefix_is_the_documents_server_and_a_description_its_words() -> None:
    document = described(web.get("/", silent), prefix="/pets", description="All about pets.")
    assert document["servers"] == [{"url": "/pets"}]
    assert document["info"] == {"title": "Pets", "version": "1.2", "description": "All about pets."}


def test_the_same_routes_give_the_same_bytes() -> None:
    first, second = (json.dumps(described(*OrderHandlers().routes())) for _ in range(2))
    assert first == second


def test_nothing_at_all_is_a_document_too() -> None:
    assert described() == {"openapi": "3.1.0", "info": {"title": "Pets", "version": "1.2"}, "paths": {}}


@pytest.mark.slow
async def test_schemathesis_finds_nothing(tmp_path: Path) -> None:
    orders = OrderHandlers()
    api = app(web.get("/orders", orders.browse), web.put(r"/orders/{id:[0-9]{1,9}}", orders.change))
    document = tmp_path / "openapi.json"
    document.write_text(json.dumps(describe(api.router.routes(), title="Orders", version="1")))
    options = [
        f"--max-examples={examples(16)}",
        "--phases=examples,coverage,fuzzing",
        "--no-color",
        "--generation-deterministic",
    ]
    async with listening(api) as port:
        command = ["run", str(document), "--url", f"http://127.0.0.1:{port}", *options]
        run = await asyncio.create_subprocess_exec(
            sys.executable,
            *["-m", "schemathesis.cli", *command],
            cwd=tmp_path,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await asyncio.wait_for(run.communicate(), 280)
    assert run.returncode == 0, output.decode()
