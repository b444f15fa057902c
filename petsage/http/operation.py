"""`@operation`: the one source for parsing, validating and documenting what a handler takes and answers."""

import functools
import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, NamedTuple

from aiohttp import web
from aiohttp.typedefs import Handler
from marshmallow import Schema

from petsage.http.declarations import check_function, check_schemas
from petsage.http.inputs import Inputs
from petsage.http.responses import Replies

Function = Callable[..., Awaitable[Any]]
Handle = Callable[..., Awaitable[web.StreamResponse]]
_MARK = "petsage_operation"


class Operation(NamedTuple):
    """What a handler takes and answers; `inputs` are by place, `responses` by status, None being no body of ours.

    `reads` are inputs that the handler reads by itself; `media` maps the further media types of all answers that are
    no problems to their schema, or to an example of a text.
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


def operation(  # noqa: PLR0913 (each names one thing, all by keyword)
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
    """Make a handler of an async function `(request, ...)` or method `(self, request, ...)`.

    Inputs are loaded by their schemas and passed as keyword arguments named `path`, `query`, `headers` and `body`.
    What is returned: a dataclass or NamedTuple, which leaves under the one success status; a `Reply` for all else that
    is declared; or any response of aiohttp, which passes untouched. Without `description` the docstring is it. `quiet`
    keeps successful answers out of the access log in its mode `failures`. `reads` and `media` are documented and
    nothing else: inputs, by place, that the handler reads from the request by itself, and further media types that it
    answers in by a response of its own, with their schema or an example of their text.

    Each answer is dumped anew. With `reuse=True` its author promises that an answer depends on the object returned and
    on nothing else, neither on who asks nor on when: the bytes made of an object are then sent again to whomever the
    very same object is returned for. Never promise it of a schema with a `Function`, a `Method`, a hook or a context
    that looks at anything but the object. Objects that can change (not frozen, or with an unhashable member) are dumped
    anew all the same.

    Raises TypeError or ValueError for a declaration that cannot work.
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
    """Return the operation behind a handler: through bound methods, `functools.wraps` and `functools.partial`."""
    found = getattr(handler, _MARK, None)  # methods and wrappers hand on what their function is marked with
    if type(found) is Operation:  # of nearly all; the access log asks for each request
        return found
    inner: object = handler
    while not isinstance(found, Operation) and (inner := _inside(inner)) is not None:
        found = getattr(inner, _MARK, None)
    return found if isinstance(found, Operation) else None


def innermost(handler: object) -> object:
    """Return the function that somebody wrote: without wrappers, partials and the object it is bound to."""
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


def served(handler: object) -> bool:
    """Say whether a route's handler is a feature's."""
    return getattr(handler, _SERVED_MARK, False) is True
