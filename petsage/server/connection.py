"""One client's connection: aiohttp's protocol, with answers of its own for what is no request."""

import asyncio
import fcntl
import struct
import termios
from time import monotonic
from typing import Any, Protocol, cast

from aiohttp import EMPTY_PAYLOAD, StreamReader, web
from aiohttp.http_exceptions import HttpProcessingError

from petsage.http import problem
from petsage.http._aiohttp import HAS_STATE, forget_frames, in_the_works, queued
from petsage.server.refusals import Refusal, RefusalResponse, message, of_error, of_line

LINGER_SECONDS = 2.0
"""How long what still comes is read and thrown away after a last answer, so that no reset overtakes the answer."""

MAX_LINGER_BYTES = 1024 * 1024
"""How much of that there may be."""

MAX_HEAD = 64 * 1024
"""Bytes of a head, as far as it does not come in one piece; aiohttp alone would keep a mebibyte of each client's."""

_MAX_LINE = 8190
_PARSE, _LOG = web.RequestHandler.data_received, web.RequestHandler.log_access


class Registry(Protocol):
    """What a connection reports, and to whom."""

    def entered(self, connection: Any) -> None:
        """Note a connection that is open and waits for its first request."""

    def left(self, connection: Any) -> None:
        """Note that it is closed."""

    def refused(self, connection: Any, refusal: Refusal) -> None:
        """Note that its request was refused before anybody handled it."""


class Connection(web.RequestHandler):
    """One connection.

    `request` is the one that is handled, which the server sets and the end of its answer resets; `since` is when the
    connection began to wait for its next one, by `time.monotonic` (uvloop's own clock counts milliseconds).
    """

    __slots__ = (
        "_answered",
        "_body",
        "_deaf",
        "_gone",
        "_head_since",
        "_line",
        "_linger_end",
        "_received",
        "_registry",
        "_sent",
        "_stalled",
        "_unread",
        "_unsent",
        "_watched",
        "_wire",
        "request",
        "since",
    )

    def __init__(self, registry: Registry, server: web.Server, loop: asyncio.AbstractEventLoop, **options: Any) -> None:
        super().__init__(server, loop=loop, lingering_time=LINGER_SECONDS, **options)
        self._registry = registry
        self._wire: asyncio.Transport | None = None
        self.request: web.BaseRequest | None = None
        self._gone: asyncio.Future[None] | None = None
        self._unread: StreamReader | None = None  # a body that aiohttp reads away after the answer
        self._line: bytes | None = b""  # the request line so far, of the first request
        self._deaf = False  # whatever comes is thrown away
        self._watched = True  # what comes is looked at before aiohttp does
        self._linger_end: float | None = None
        self._answered = False
        self.since = 0.0
        self._head_since: float | None = None
        self._received = 0  # bytes since it began to wait
        self._body: tuple[float, int] | None = None  # since when a body is waited for, and the bytes received by then
        self._stalled: float | None = None  # since when an answer waits for its reader
        self._sent = self._unsent = 0  # how much of it has left since then, and how much had not when last looked at

    # what the event loop calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to wait for the first request."""
        self._wire = cast(asyncio.Transport, transport)  # uvloop's are no subclass
        self.since = monotonic()
        self._registry.entered(self)
        super().connection_made(transport)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Free whoever waits for the client."""
        self._registry.left(self)
        self._wire = self.request = None
        if self._gone is not None and not self._gone.done():
            self._gone.set_result(None)
        if self._unread is not None:
            self._unread.feed_eof()
        forget_frames(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Let aiohttp parse what came, unless its first line is refused or nobody is to read it any more."""
        self._received += len(data)
        if self._watched or self.request is not None:
            self._receive(data)
        else:
            _PARSE(self, data)
            if self._received > MAX_HEAD:
                self._bound_head()

    # what aiohttp calls

    def log_access(self, request: web.BaseRequest, response: web.StreamResponse, time: float | None) -> None:
        """Begin to wait for the next request; the access log has all but those that were refused unheard."""
        self.request = self._body = self._head_since = None
        self._answered = True
        self.since, self._received = monotonic(), 0
        if self._watched or request.content is not EMPTY_PAYLOAD:
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
        """Answer what aiohttp could not parse, and errors that came up below all middlewares, with a problem."""
        if isinstance(exc, HttpProcessingError) and not request.writer.output_size:
            exc.__traceback__ = exc.__context__ = None  # it refers to itself there, and to what was parsed
            return self.refuse(request, of_error(exc))
        super().handle_error(request, status, exc, message)
        response = problem(request, status, "something went wrong here; the log has it")
        response.force_close()
        return response

    def log_exception(self, *args: Any, **kw: Any) -> None:
        """Log an error of ours; a body that cannot be read is none."""
        if isinstance(kw.get("exc_info"), web.RequestPayloadError):
            self._registry.refused(self, Refusal(400, "the body is malformed"))
        else:
            super().log_exception(*args, **kw)

    # what the server calls

    def refuse(self, request: web.BaseRequest, refusal: Refusal) -> web.Response:
        """Return the last answer of this connection."""
        self._registry.refused(self, refusal)
        return RefusalResponse(refusal, self.linger, body=request.method != "HEAD")

    async def linger(self) -> None:
        """Send no more, and throw away what comes, until the client closes the connection, or its time is over."""
        if self._wire is not None and not self._wire.is_closing():
            self._gone = self._loop.create_future()
            self._say_goodbye(self._wire)
            await self._gone

    @property
    def idle(self) -> bool:
        """Whether nobody loses an answer when it is closed."""
        if self._linger_end is not None or self._unread is not None:
            return True
        return self.request is None and not in_the_works(self)

    @property
    def unanswered(self) -> int:
        """How many requests have been read and wait for their turn."""
        return queued(self)

    @property
    def has_been_answered(self) -> bool:
        """Whether it has had an answer."""
        return self._answered

    @property
    def has_unread(self) -> bool:
        """Whether something has come that nobody has looked at yet."""
        if self._wire is None or self._wire.is_closing() or self._linger_end is not None:
            return False
        descriptor = self._wire.get_extra_info("socket").fileno()
        try:
            (count,) = struct.unpack("i", fcntl.ioctl(descriptor, termios.FIONREAD, b"\0\0\0\0"))
        except (OSError, ValueError):
            return False
        return bool(count)

    def dismiss(self) -> None:
        """Close it for the sake of others."""
        if self._wire is None:
            return
        if self.request is None and not self._wire.get_write_buffer_size():
            self._wire.close()
        else:
            self._wire.abort()

    # how it does that

    def _receive(self, data: bytes) -> None:
        if self._deaf:
            self._throw_away()
            return
        if self._line is not None and (refusal := self._judged(data)) is not None:
            self._refuse(refusal)
            return
        _PARSE(self, data)
        if self.request is None:
            self._bound_head()
        elif queued(self) and not self.request.content.is_eof():
            self._break_off(self.request, web.RequestPayloadError("the rest of the body is malformed"))

    def _bound_head(self) -> None:
        """Refuse a head of which more has come than there may be, and which is not whole."""
        if HAS_STATE and self._received > MAX_HEAD and self.request is None and not in_the_works(self):
            self._refuse(Refusal(431, f"the head of the request is longer than {MAX_HEAD} bytes"))

    def _leave_body(self, request: web.BaseRequest, response: web.StreamResponse) -> None:
        """Read no more of a body that is not whole once its connection is to be closed."""
        if self._wire is None:
            return
        if not request.content.is_eof() and not response.keep_alive:
            self._unread = request.content
            self._be_deaf()
        elif self._deaf:
            self.close()

    def _be_deaf(self) -> None:
        self._deaf = self._watched = True

    def _judged(self, data: bytes) -> Refusal | None:
        """Judge the first line once it is whole; most are in one piece, and are no more than glanced at."""
        if data.find(b" HTTP/1.", 0, max(0, data.find(b"\r\n"))) > 0:
            self._line, self._watched = None, False
            return None
        line = (self._line or b"") + data
        whole, end, _ = line.lstrip(b"\r\n").partition(b"\n")
        self._line = None if end or len(line) > _MAX_LINE else line
        self._watched = self._line is not None
        return of_line(whole.removesuffix(b"\r")) if end else None

    def _refuse(self, refusal: Refusal) -> None:
        """Answer at once, where no other answer is on its way."""
        if self._wire is not None and not self._wire.is_closing():
            self._registry.refused(self, refusal)
            self._wire.write(message(refusal))
            self._say_goodbye(self._wire)

    def _say_goodbye(self, wire: asyncio.Transport) -> None:
        self._be_deaf()
        self._linger_end = monotonic() + LINGER_SECONDS
        self._received = 0
        try:
            wire.write_eof()
        except (OSError, RuntimeError):  # the client is gone already
            wire.abort()

    def _throw_away(self) -> None:
        if self._linger_end is not None and self._received > MAX_LINGER_BYTES:
            self.force_close()

    def _break_off(self, request: web.BaseRequest, error: Exception) -> None:
        """Have the handler see the error in place of the rest of the body; no more is read from this client."""
        self._be_deaf()
        request.content.set_exception(error)
        request.content.feed_eof()
