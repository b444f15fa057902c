"""Private names of aiohttp, and the messages of its parser: no other module of the server uses one.

Each is looked up once, at import. Where this version of aiohttp lacks one, its user has a fallback that is slower
or plainer, and `log_missing_names` says so.
"""

from typing import Any, Protocol

from aiohttp import __version__, web, web_response
from aiohttp.abc import AbstractStreamWriter
from multidict import CIMultiDict

from petsage.logs import get_logger

logger = get_logger("petsage.http")

SERVER_NAME = "PetSage"

TOO_MANY_FIELDS = "Too many headers"
TLS_RECEIVED = "Received HTTPS"
OTHER_VERSION = "Invalid HTTP version"
"""Messages of parser errors that have no class of their own; where they are reworded, the refusal is a plain 400."""


def _missing(place: str, owner: object, *names: str) -> tuple[str, ...]:
    return tuple(f"{place}.{name}" for name in names if not hasattr(owner, name))


_NO_STATE = _missing("RequestHandler", web.RequestHandler, "_messages", "_task_handler", "_waiter")
_NO_LAZY_RESPONSE = (
    *_missing("HTTPException", web.HTTPException, "__http_exception__"),
    *_missing("Response", web.Response(), "_body", "_body_length", "_eof_sent", "_keep_alive", "_reason", "_status"),
)
_NO_SERVER_NAME = _missing("web_response", web_response, "SERVER_SOFTWARE")

_EFFECTS = {
    "busy connections are recognized later": _NO_STATE,
    "cached responses are slower": _NO_LAZY_RESPONSE,
    "the Server header is aiohttp's": _NO_SERVER_NAME,
}

KNOWS_STATE = not _NO_STATE
"""Whether a connection's requests can be seen; without it, only those that PetSage handles are known."""

HAS_LAZY_RESPONSE = not _NO_LAZY_RESPONSE
"""Whether `LazyResponse` can be used; without it, a `web.Response` is made for each request."""

_logged = False


def log_missing_names() -> None:
    """Log one line, once per process, if this version of aiohttp lacks any of the private names."""
    global _logged  # noqa: PLW0603 (once a process, as the lookup is)
    effects = [f"{effect} (without {', '.join(names)})" for effect, names in _EFFECTS.items() if names]
    if effects and not _logged:
        _logged = True
        logger.warning("aiohttp %s lacks private names: %s; update petsage", __version__, "; ".join(effects))


def is_busy(connection: web.RequestHandler) -> bool:
    """Return True while a request is being handled, or has been read and waits for its turn.

    A request that has just left the queue is handled only in the next iteration of the event loop. Until then it shows
    only in that the handler's task does not wait for another request.
    """
    if not KNOWS_STATE:
        return False
    state: Any = connection
    return bool(state._messages) or (state._task_handler is not None and state._waiter is None)  # noqa: SLF001


def queued_requests(connection: web.RequestHandler) -> int:
    """Return how many requests, or parser errors in place of them, have been read and wait for their turn."""
    state: Any = connection
    return len(state._messages) if KNOWS_STATE else 0  # noqa: SLF001


def release_frames(connection: web.RequestHandler) -> None:
    """Drop the tracebacks of queued parser errors.

    Each refers to the frame that raised it, with all that was parsed, and the frame refers to the error: a cycle of a
    quarter of a mebibyte that is kept until a full garbage collection.
    """
    state: Any = connection
    for message, _ in state._messages if KNOWS_STATE else ():  # noqa: SLF001
        error = getattr(message, "exc", None)
        if isinstance(error, BaseException):
            error.__traceback__ = error.__context__ = None


def set_server_name(name: str) -> None:
    """Set the `Server` header of every response of this process, also of those that pass no middleware."""
    if not _NO_SERVER_NAME:
        vars(web_response)["SERVER_SOFTWARE"] = name


def server_name() -> str:
    """Return the `Server` header of this process' responses."""
    return str(vars(web_response).get("SERVER_SOFTWARE", SERVER_NAME))


class SharedResponse(Protocol):
    """The part of a response that many requests share."""

    status: int
    reason: str
    headers: CIMultiDict[str]
    body: bytes | None

    def encoded(self) -> bytes:
        """Return status line, headers and body as sent over HTTP/1.1."""

    def suits(self, request: web.BaseRequest) -> bool:
        """Return whether the encoded bytes answer this request."""


class _Shared:
    """Descriptor that reads an attribute of the shared response; assigning it sets the response's own."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, response: "LazyResponse", _: object) -> Any:
        return getattr(response._shared, self._name)  # noqa: SLF001


class LazyResponse(web.Response):
    """One request's view of a shared response; `web.Response` is initialized only when more than that is read.

    Every change becomes an entry of the instance's `__dict__`. A response with any entry but the first two, with
    another status, or for a request that the shared bytes do not suit, is sent as any other response.
    """

    __http_exception__ = False  # aiohttp reads it of each response
    _reason = _Shared("reason")
    _body = _Shared("body")

    def __init__(self, shared: SharedResponse) -> None:
        self._shared = shared  # `super().__init__` is left to `__getattr__`
        self._status = shared.status

    def __getattr__(self, name: str) -> Any:
        """Initialize the base class, keeping what was changed before, and return the attribute."""
        changed = dict(vars(self))
        super().__init__(status=self._shared.status, headers=self._shared.headers, body=self._shared.body)
        vars(self).update(changed)
        try:
            return vars(self)[name]
        except KeyError:
            raise AttributeError(f"{type(self).__name__} has no attribute '{name}'") from None

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """Send the response; nothing is left for `write_eof` when the shared bytes were sent."""
        shared = self._shared
        changed = len(vars(self)) > len(("_shared", "_status")) or self._status != shared.status
        if changed or not shared.body or not shared.suits(request):
            return await super().prepare(request)
        writer = request.writer
        await writer.write_eof(shared.encoded())
        self._keep_alive = self._eof_sent = True
        self._body_length = writer.output_size
        return writer
