"""Protocol handler of one connection: aiohttp's, with PetSage's own responses to invalid requests."""

import asyncio
from time import monotonic
from typing import Any, Protocol, cast

from aiohttp import EMPTY_PAYLOAD, StreamReader, web
from aiohttp.http_exceptions import HttpProcessingError

from petsage.http import problem
from petsage.http._aiohttp import KNOWS_STATE, is_busy, queued_requests, release_frames
from petsage.server.lingering import LingeringHandler
from petsage.server.refusal_response import RefusalResponse, encoded
from petsage.server.refusals import Refusal, RequestLine, refusal_of_error
from petsage.server.sockets import has_unread

MAX_HEAD = 64 * 1024
"""Bytes of a head that does not arrive in one piece; aiohttp alone would keep a mebibyte for each client."""

_PARSE, _LOG = web.RequestHandler.data_received, web.RequestHandler.log_access


class ConnectionListener(Protocol):
    """Receiver of a connection's events."""

    def opened(self, connection: Any) -> None:
        """Add a connection that waits for its first request."""

    def closed(self, connection: Any) -> None:
        """Remove a closed connection."""

    def refused(self, connection: Any, refusal: Refusal) -> None:
        """Count a request that was refused before it was handled."""


class Connection(LingeringHandler):
    """One connection.

    `request` is the one being handled: the server sets it, and the end of its response resets it. `since` is when the
    connection began to wait for its next request, by `time.monotonic` (uvloop's own clock has a resolution of 1 ms).
    """

    __slots__ = (
        "_body_wait",
        "_discarded_body",
        "_has_answered",
        "_head_since",
        "_line",
        "_registry",
        "_sent",
        "_stalled_since",
        "_unsent",
        "request",
        "since",
    )

    def __init__(
        self, registry: ConnectionListener, server: web.Server, loop: asyncio.AbstractEventLoop, **options: Any
    ) -> None:
        super().__init__(server, loop, **options)
        self._registry = registry
        self.request: web.BaseRequest | None = None
        self._discarded_body: StreamReader | None = None
        self._line: RequestLine | None = RequestLine()  # None once it is complete
        self._has_answered = False
        self.since = 0.0
        self._head_since: float | None = None
        self._body_wait: tuple[float, int] | None = None  # since when a body is waited for, bytes received by then
        self._stalled_since: float | None = None  # since when a response waits for the client to read
        self._sent = self._unsent = 0  # bytes sent since then, and bytes that were unsent at the last check

    # called by the event loop

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to wait for the first request."""
        self._link = cast(asyncio.Transport, transport)  # uvloop's transports are not a subclass
        self.since = monotonic()
        self._registry.opened(self)
        super().connection_made(transport)

    def connection_lost(self, exc: BaseException | None) -> None:
        """End everything that waits for the client."""
        self._registry.closed(self)
        self._link = self.request = None
        if self._closed is not None and not self._closed.done():
            self._closed.set_result(None)
        if self._discarded_body is not None:
            self._discarded_body.feed_eof()
        release_frames(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Have aiohttp parse the input, unless the request line is refused or input is discarded."""
        self._received += len(data)
        if self._inspecting or self.request is not None:
            self._receive(data)
        else:
            _PARSE(self, data)
            if self._received > MAX_HEAD:
                self._bound_head()

    # called by aiohttp

    def log_access(self, request: web.BaseRequest, response: web.StreamResponse, time: float | None) -> None:
        """Write the access log, except for refusals, and begin to wait for the next request."""
        self.request = self._body_wait = self._head_since = None
        self._has_answered = True
        self.since, self._received = monotonic(), 0
        if self._inspecting or request.content is not EMPTY_PAYLOAD:
            self._leave_body(request, response)
        if type(response) is not RefusalResponse:
            _LOG(self, request, response, time)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Return a problem for a request that aiohttp cannot parse, and for an error below all middlewares."""
        if isinstance(exc, HttpProcessingError) and not request.writer.output_size:
            exc.__traceback__ = exc.__context__ = None  # a reference cycle that holds what was parsed
            return self.refuse(request, refusal_of_error(exc))
        super().handle_error(request, status, exc, message)
        response = problem(request, status, "something went wrong here; the log has it")
        response.force_close()
        return response

    def log_exception(self, *args: Any, **kw: Any) -> None:
        """Log an error of the server; an unreadable body is counted as a refusal."""
        if isinstance(kw.get("exc_info"), web.RequestPayloadError):
            self._registry.refused(self, Refusal(400, "the body is malformed"))
        else:
            super().log_exception(*args, **kw)

    # called by the server

    def refuse(self, request: web.BaseRequest, refusal: Refusal) -> web.Response:
        """Return the last response of this connection."""
        self._registry.refused(self, refusal)
        return RefusalResponse(refusal, self.linger, body=request.method != "HEAD")

    def evict(self) -> None:
        """Close the connection in favor of a new one."""
        if self._link is None:
            return
        if self.request is None and not self._link.get_write_buffer_size():
            self._link.close()
        else:
            self._link.abort()

    @property
    def idle(self) -> bool:
        """Whether the connection can be closed without losing a response."""
        if self._linger_end is not None or self._discarded_body is not None:
            return True
        return self.request is None and not is_busy(self)

    @property
    def unanswered(self) -> int:
        """How many requests have been read and wait for their turn."""
        return queued_requests(self)

    @property
    def has_been_answered(self) -> bool:
        """Whether the connection has had a response."""
        return self._has_answered

    @property
    def has_unread(self) -> bool:
        """Whether input waits in the socket."""
        link = self._link
        return link is not None and not link.is_closing() and self._linger_end is None and has_unread(link)

    def _receive(self, data: bytes) -> None:
        if self._discarding:
            self._bound_discarded()
            return
        if self._line is not None and (refusal := self._check_line(self._line, data)) is not None:
            self._refuse(refusal)
            return
        _PARSE(self, data)
        if self.request is None:
            self._bound_head()
        elif queued_requests(self) and not self.request.content.is_eof():
            self._fail_body(self.request, web.RequestPayloadError("the rest of the body is malformed"))

    def _check_line(self, line: RequestLine, data: bytes) -> Refusal | None:
        refusal = line.feed(data)
        if line.complete:
            self._line, self._inspecting = None, False
        return refusal

    def _bound_head(self) -> None:
        """Refuse an incomplete head that is too long."""
        if KNOWS_STATE and self._received > MAX_HEAD and self.request is None and not is_busy(self):
            self._refuse(Refusal(431, f"the head of the request is longer than {MAX_HEAD} bytes"))

    def _leave_body(self, request: web.BaseRequest, response: web.StreamResponse) -> None:
        """Discard the rest of an incomplete body when its connection is to be closed."""
        if self._link is None:
            return
        if not request.content.is_eof() and not response.keep_alive:
            self._discarded_body = request.content
            self._discard_input()
        elif self._discarding:
            self.close()

    def _refuse(self, refusal: Refusal) -> None:
        """Send a refusal at once; no response may be under way."""
        if self._link is not None and not self._link.is_closing():
            self._registry.refused(self, refusal)
            self._link.write(encoded(refusal))
            self._start_lingering(self._link)

    def _fail_body(self, request: web.BaseRequest, error: Exception) -> None:
        """Make reading the rest of the body raise an error, and discard further input."""
        self._discard_input()
        request.content.set_exception(error)
        request.content.feed_eof()
