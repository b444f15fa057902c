"""Inputs of an operation: parsed by webargs, validated by marshmallow."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiohttp import web
from marshmallow import Schema, ValidationError

from petsage.http.problems import ProblemError

PLACES = ("path", "query", "headers", "body")


class Inputs:
    """Inputs that an operation declares, by place (one of `PLACES`)."""

    __slots__ = ("_parse", "_schemas")

    def __init__(self, schemas: Mapping[str, Schema]) -> None:
        self._schemas = schemas
        self._parse: Callable[..., Awaitable[Any]] | None = None

    async def load(self, request: web.Request) -> dict[str, Any]:
        """Return the loaded inputs of a request, by place.

        Raise ProblemError: 400 or 415 for a body that cannot be read, 422 with all mistakes by place and member.
        """
        loaded: dict[str, Any] = {}
        errors: dict[str, Any] = {}
        parse = self._parse or self._prepare()
        for place, schema in self._schemas.items():
            try:
                loaded[place] = await parse(schema, request, location=place)
            except ValidationError as error:
                errors.update(error.messages_dict)
        if errors:
            raise ProblemError(422, f"the request is not valid in its {' and '.join(errors)}", errors=errors)
        return loaded

    def _prepare(self) -> Callable[..., Awaitable[Any]]:
        from petsage.http.parser import Parser  # noqa: PLC0415 (webargs is imported by the first request with inputs)

        self._parse = Parser().async_parse
        return self._parse
