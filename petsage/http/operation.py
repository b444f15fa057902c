"""`@operation`: what a handler takes and returns, for parsing, validation and documentation."""

import functools
import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, NamedTuple

from aiohttp import web
from aiohttp.typedefs import Handler
from marshmallow import Schema

from petsage.http.inputs import Inputs
from petsage.http.operation_validation import check_function, check_schemas
from petsage.http.responses import Replies

Function = Callable[..., Awaitable[Any]]
Handle = Callable[..., Awaitable[web.StreamResponse]]
_MARK = "petsage_operation"


class Operation(NamedTuple):
    """Inputs and responses of a handler.

    `inputs` are by place, `responses` by status, with None for a response without a document. `reads` are inputs that
    the handler reads by itself; `media` maps further media types of all responses but problems to their schema, or to
    an example of a text.
    """

    name: str
    summary: str
    description: str
    tags: tuple[str, ...]
    inputs: Mapping[str, Schema]
    responses: Mapping[int, Schema | None]
    quiet: bool
    reads: Mapping[str, Schema]
    media: Mapping[str, Schema | str]


def operation(  # noqa: PLR0913 (all are keywords)
    *,
    summary: str,
    responses: Mapping[int, Schema | None],
    description: str = "",
    tags: Sequence[str] = (),
    body: Schema | None = None,
    query: Schema | None = None,
    path: Schema | None = None,
    headers: Schema | None = None,
    quiet: bool = False,
    reuse: bool = False,
    reads: Mapping[str, Schema] | None = None,
    media: Mapping[str, Schema | str] | None = None,
) -> Callable[[Function], Handle]:
    """Return a decorator that makes a handler of an async function `(request, ...)` or method `(self, request, ...)`.

    The function returns a dataclass or NamedTuple, which is sent with the single success status, a `Reply` for another
    declared status or for headers, or any response of aiohttp, which is sent unchanged.

    `body`, `query`, `path`, `headers`: schemas of inputs, which are passed as keyword arguments of these names.
    `responses`: schemas of documents by status, None for a response without one.
    `description`: text of the API document; the docstring by default.
    `quiet`: keep successes out of the access log in its mode `failures`.
    `reads`: schemas of inputs, by place, that the handler reads by itself; only documented.
    `media`: further media types that the handler returns in responses of its own, with their schema or an example of
    their text; only documented.
    `reuse`: send the same bytes again while the handler returns the same object. The response must depend on nothing
    but this object: never use it with a schema whose `Function`, `Method`, hook or context reads anything else. Objects
    that can change (not frozen, or with an unhashable member) are dumped each time all the same.

    Raise TypeError or ValueError for a declaration that cannot work.
    """
    places = {"path": path, "query": query, "headers": headers, "body": body}
    inputs = {place: schema for place, schema in places.items() if schema is not None}
    check_schemas({**inputs, **(reads or {})}, responses)

    def decorate(function: Function) -> Handle:
        check_function(function, inputs)
        record = Operation(
            name=function.__qualname__,
            summary=summary,
            description=description or inspect.getdoc(function) or "",
            tags=tuple(tags),
            inputs=inputs,
            responses=dict(responses),
            quiet=quiet,
            reads=dict(reads or {}),
            media=dict(media or {}),
        )
        handle = _handle(function, record, Replies(record.name, record.responses, reuse=reuse).respond)
        setattr(handle, _MARK, record)
        return handle

    return decorate


def operation_of(handler: object) -> Operation | None:
    """Return the operation of a handler, through bound methods, `functools.wraps` and `functools.partial`."""
    found = getattr(handler, _MARK, None)  # methods and wrappers have the attributes of their function
    if type(found) is Operation:  # nearly all; called for each request
        return found
    inner: object = handler
    while not isinstance(found, Operation) and (inner := _inside(inner)) is not None:
        found = getattr(inner, _MARK, None)
    return found if isinstance(found, Operation) else None


def innermost(handler: object) -> object:
    """Return the original function, without wrappers, partials and bound objects."""
    while (inner := _inside(handler)) is not None:
        handler = inner
    return handler


def _inside(handler: object) -> object:
    if isinstance(handler, functools.partial):
        return handler.func
    return getattr(handler, "__wrapped__", None) or getattr(handler, "__func__", None)


def _handle(function: Function, record: Operation, respond: Callable[[object], web.StreamResponse]) -> Handle:
    @functools.wraps(function)
    async def handle(*args: Any) -> web.StreamResponse:
        return respond(await function(*args))

    if not record.inputs:
        return handle
    inputs = Inputs(record.inputs)

    @functools.wraps(function)
    async def handle_inputs(*args: Any) -> web.StreamResponse:
        return respond(await function(*args, **await inputs.load(args[-1])))

    return handle_inputs


_SERVED_MARK = "petsage_served"


def mark_served(handler: Handler) -> Handler:
    """Mark a function as the handler of a feature's route, and return it."""
    setattr(handler, _SERVED_MARK, True)
    return handler


def is_feature_handler(handler: object) -> bool:
    """Return whether the handler of a route belongs to a feature."""
    return getattr(handler, _SERVED_MARK, False) is True
