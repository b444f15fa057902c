"""Validation of an `@operation` when it is declared, not at its first request."""

import inspect
from collections.abc import Callable, Collection, Mapping
from http import HTTPStatus
from typing import Any

from marshmallow import Schema

from petsage.http.inputs import PLACES
from petsage.http.responses import is_success

_LEADING = (1, 2)
_STATUSES = frozenset(HTTPStatus)


def check_schemas(inputs: Mapping[str, object], responses: Mapping[int, object]) -> None:
    """Raise TypeError or ValueError for a schema or a status that cannot work."""
    for place, schema in inputs.items():
        _check_instance(place, schema)
    for status, schema in responses.items():
        _check_response(status, schema)
    if not any(is_success(status) or _is_redirect(status) for status in responses):
        raise ValueError("responses declares no success: add a 2xx status with its schema, or with None for no body")


def check_function(function: Callable[..., Any], inputs: Collection[str]) -> None:
    """Raise TypeError unless a function is async and takes the request, the declared inputs and nothing else."""
    name = getattr(function, "__qualname__", repr(function))
    if not inspect.iscoroutinefunction(function):
        raise TypeError(f"{name} must be an async function: write async def")
    parameters = inspect.signature(function).parameters
    for place in inputs:
        if place not in parameters:
            raise TypeError(f"{name} declares {place}= and takes no parameter {place}")
    others = [one.name for one in parameters.values() if one.name not in inputs and one.default is one.empty]
    for place in PLACES:
        if place in others:
            raise TypeError(f"{name} takes {place}, which is not declared: add {place}= with its schema")
    if len(others) not in _LEADING:
        raise TypeError(f"{name} takes ({', '.join(others)}), but is called with (request) or (self, request)")


def _check_response(status: object, schema: object) -> None:
    if status not in _STATUSES:
        raise ValueError(f"responses names {status!r}, which is not an HTTP status")
    if schema is not None:
        _check_instance(f"responses[{status}]", schema)
    elif int(str(status)) >= HTTPStatus.BAD_REQUEST:
        raise ValueError(f"responses[{status}] has no schema, but an error has a body: give ProblemSchema()")


def _check_instance(where: str, schema: object) -> None:
    if isinstance(schema, type) and issubclass(schema, Schema):
        raise TypeError(f"{where} must be an instance: write {schema.__name__}()")
    if not isinstance(schema, Schema):
        raise TypeError(f"{where} must be a marshmallow schema, not {type(schema).__name__}")


def _is_redirect(status: int) -> bool:
    return 300 <= status < 400  # noqa: PLR2004 (RFC 9110 section 15.4)
