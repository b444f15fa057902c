"""What comes in: parsed by webargs, validated by marshmallow; 400 for bad syntax, 422 for what a schema refuses."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiohttp import web
from marshmallow import Schema, ValidationError

from petsage.http.problems import ProblemError

PLACES = ("path", "query", "headers", "body")


class Inputs:
    """The inputs that an operation declares, by place; the places are those of `PLACES`."""

    __slots__ = ("_parse", "_schemas")

    def __init__(self, schemas: Mapping[str, Schema]) -> None:
        self._schemas = schemas
        self._parse: Callable[..., Awaitable[Any]] | None = None

    async def load(self, request: web.Request) -> dict[str, Any]:
        """Return what the schemas make of the request, by place.

        Raises ProblemError: 400 or 415 for a body that cannot be read, 422 with all that is wrong, by place and
        member.
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
            raise ProblemError(422, f"what the request says in its {' and '.join(errors)} is refused", errors=errors)
        return loaded

    def _prepare(self) -> Callable[..., Awaitable[Any]]:
        from petsage.http.parser import Parser  # noqa: PLC0415 (webargs is paid for by the first request with inputs)

        self._parse = Parser().async_parse
        return self._parse
