"""Writer of the API document; imported on demand, since apispec is slow to import."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from aiohttp import web
from apispec import APISpec
from marshmallow import Schema

from petsage.http.openapi.routes import DocumentedRoute, documented_routes
from petsage.http.openapi.schemas import Plugin, example_of
from petsage.http.operation import Operation
from petsage.http.problems import ProblemSchema, title_of
from petsage.http.responses import is_success, media_type

_ORDER = ("openapi", "info", "servers", "tags", "paths", "components")
_PLACES = {"query": "query", "headers": "header"}
_ERRORS_WITH_BODY = (400, 413, 415, 422)
_ERRORS_WITHOUT_BODY = (422,)


def write(routes: Iterable[web.AbstractRoute], info: Mapping[str, str], prefix: str) -> dict[str, Any]:
    """Return the document as plain JSON values."""
    plugin = Plugin()
    options = {"servers": [{"url": prefix}]} if prefix else {}
    about = {name: text for name, text in info.items() if text}
    spec = APISpec(about.pop("title"), about.pop("version"), "3.1.0", plugins=[plugin], info=about, **options)
    writer = Writer(plugin)
    for one in documented_routes(routes):
        spec.path(one.path, operations={one.method.lower(): writer.operation(one)})
    for tag in writer.tags:
        spec.tag({"name": tag})
    document = spec.to_dict()
    ordered = {name: document[name] for name in _ORDER if document.get(name)}
    plain: dict[str, Any] = json.loads(json.dumps({**ordered, "paths": document["paths"]}, default=str))
    return plain


class Writer:
    """Writer of operation objects with unique ids."""

    def __init__(self, plugin: Plugin) -> None:
        assert plugin.converter is not None  # noqa: S101 (apispec sets it when the plugin is initialized)
        self._converter = plugin.converter
        self._ids: set[str] = set()
        self.tags: dict[str, None] = {}

    def operation(self, one: DocumentedRoute) -> dict[str, Any]:
        """Return the operation object of a route."""
        declared = one.operation
        self.tags.update(dict.fromkeys(declared.tags if declared else ()))
        body = declared.inputs.get("body") if declared else None
        members = {
            "tags": list(declared.tags) if declared else [],
            **_texts(one),
            "operationId": self._id(one),
            "parameters": [*self._path_parameters(one), *self._parameters(declared)],
            "requestBody": {"required": True, "content": self._content(body, incoming=True)} if body else None,
            "responses": self._responses(declared),
        }
        return {name: value for name, value in members.items() if value}

    def _id(self, one: DocumentedRoute) -> str:
        wanted = "_".join([one.method.lower(), *re.findall(r"[A-Za-z0-9]+", one.path)])
        name, count = wanted, 1
        while name in self._ids:
            count += 1
            name = f"{wanted}_{count}"
        self._ids.add(name)
        return name

    def _path_parameters(self, one: DocumentedRoute) -> list[dict[str, Any]]:
        places = {**one.operation.reads, **one.operation.inputs} if one.operation else {}
        schema = places.get("path")
        declared = {p["name"]: p for p in self._converter.schema2parameters(schema, location="path")} if schema else {}
        return [_path_parameter(name, pattern, declared.get(name)) for name, pattern in one.variables.items()]

    def _parameters(self, declared: Operation | None) -> list[dict[str, Any]]:
        found = []
        for place, location in _PLACES.items():
            schemas = (declared.inputs.get(place), declared.reads.get(place)) if declared else ()
            for schema in filter(None, schemas):
                found += [_styled(p) for p in self._converter.schema2parameters(schema, location=location)]
        return found

    def _responses(self, declared: Operation | None) -> dict[str, Any]:
        if declared is None:
            return {"default": {"description": "What the handler answers"}}
        problem = ProblemSchema()
        expected: dict[int, Schema | None] = dict.fromkeys(_error_statuses(declared), problem)
        expected.update(declared.responses)
        responses = {str(status): self._response(title_of(status), expected[status]) for status in sorted(expected)}
        for status, schema in declared.responses.items():
            bodiless = schema is None and not is_success(status)
            if declared.media and not bodiless and not isinstance(schema, ProblemSchema):
                responses[str(status)].setdefault("content", {}).update(self._media(declared))
        return {**responses, "default": self._response("Any other error", problem)}

    def _response(self, description: str, schema: Schema | None) -> dict[str, Any]:
        content = self._content(schema, incoming=False) if schema is not None else None
        return {"description": description, **({"content": content} if content else {})}

    def _media(self, declared: Operation) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, shown in declared.media.items():
            if isinstance(shown, Schema):
                found[name] = next(iter(self._content(shown, incoming=False).values()))
            else:
                found[name] = {"schema": {"type": "string"}, "example": shown}
        return found

    def _content(self, schema: Schema, *, incoming: bool) -> dict[str, Any]:
        example = example_of(schema, incoming=incoming)
        shown = {} if example is None else {"example": example}
        reference = self._converter.resolve_nested_schema(schema)  # type: ignore[no-untyped-call] # apispec is half typed
        return {media_type(schema): {"schema": reference, **shown}}


def _texts(one: DocumentedRoute) -> dict[str, str]:
    if one.operation is not None:
        return {"summary": one.operation.summary, "description": one.operation.description}
    summary, _, description = one.docstring.partition("\n")
    return {"summary": summary, "description": description.strip()}


def _error_statuses(declared: Operation) -> Iterable[int]:
    if "body" in declared.inputs:
        return _ERRORS_WITH_BODY
    return _ERRORS_WITHOUT_BODY if declared.inputs else ()


def _path_parameter(name: str, pattern: str | None, declared: dict[str, Any] | None) -> dict[str, Any]:
    parameter = declared or {"in": "path", "name": name, "schema": {"type": "string"}}
    if pattern is not None:
        parameter["schema"].setdefault("pattern", f"^(?:{pattern})$")
    return _styled({**parameter, "required": True})


def _styled(parameter: dict[str, Any]) -> dict[str, Any]:
    # apispec writes the style of query lists everywhere, but paths and headers have only their default
    allowed = parameter if parameter["in"] == "query" else parameter.keys() - {"style", "explode"}
    return {name: value for name, value in parameter.items() if name in allowed}
