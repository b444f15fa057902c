"""Inputs and media types of a handler that are only documented."""

import pytest
from aiohttp import web
from marshmallow import Schema, fields
from openapi_spec_validator import validate
from pytest_aiohttp import AiohttpClient

from petsage.http import ProblemSchema, describe, operation, problem_middleware


class PetSchema(Schema):
    name = fields.String(required=True, metadata={"example": "Rex"})


class OddPetSchema(Schema):
    pet_name = fields.String(data_key="petName", required=True, metadata={"example": "Rex"})


class QuerySchema(Schema):
    limit = fields.Integer(metadata={"description": "How many"})


@operation(
    summary="Show a pet",
    responses={200: PetSchema(), 404: ProblemSchema()},
    reads={"query": QuerySchema()},
    media={"text/plain": "Rex", "application/odd+json": OddPetSchema()},
)
async def show(request: web.Request) -> web.Response:
    return web.Response(text=request.query.get("limit", "none"))


def an_app() -> web.Application:
    app = web.Application(middlewares=[problem_middleware])
    app.router.add_get("/pet", show)
    return app


async def test_inputs_that_the_handler_reads_are_neither_parsed_nor_refused(aiohttp_client: AiohttpClient) -> None:
    client = await aiohttp_client(an_app())
    response = await client.get("/pet?limit=many")
    assert (response.status, await response.text()) == (200, "many")


def test_they_are_documented_and_so_is_every_media_type_of_what_is_no_problem() -> None:
    document = describe(an_app().router.routes(), title="Pets", version="1")
    validate(document)
    described = document["paths"]["/pet"]["get"]
    query = {
        "in": "query",
        "name": "limit",
        "description": "How many",
        "schema": {"type": "integer"},
        "required": False,
    }
    assert described["parameters"] == [query]
    assert set(described["responses"]) == {"200", "404", "default"}
    assert described["responses"]["200"]["content"] == {
        "application/json": {"schema": {"$ref": "#/components/schemas/Pet"}, "example": {"name": "Rex"}},
        "text/plain": {"schema": {"type": "string"}, "example": "Rex"},
        "application/odd+json": {"schema": {"$ref": "#/components/schemas/OddPet"}, "example": {"petName": "Rex"}},
    }
    assert list(described["responses"]["404"]["content"]) == ["application/problem+json"]


def test_a_schema_class_is_refused_there_too() -> None:
    with pytest.raises(TypeError, match=r"query must be an instance: write QuerySchema\(\)"):
        operation(summary="x", responses={204: None}, reads={"query": QuerySchema})  # type: ignore[dict-item] # the mistake
