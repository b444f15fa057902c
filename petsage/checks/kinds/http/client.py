"""An HTTP client for one request, and public reasons for its errors.

aiohttp reads without a limit whatever a server sends, such as interim responses and headers. Its connections are opened
here, so that the received bytes are counted.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from types import SimpleNamespace
from typing import Any

from aiohttp import (
    BaseConnector,
    ClientError,
    ClientPayloadError,
    ClientRequest,
    ClientResponseError,
    ClientSession,
    ClientTimeout,
    DummyCookieJar,
    ServerDisconnectedError,
    StreamReader,
    TraceConfig,
    TraceRequestEndParams,
)
from aiohttp.client_proto import ResponseHandler
from aiohttp.http_exceptions import ContentEncodingError, HttpProcessingError
from aiohttp.tracing import Trace
from yarl import URL

from petsage.checks.model import CheckFailed, Code
from petsage.checks.sdk.connection import Stream, connect
from petsage.checks.sdk.errors import format_address, network_failure
from petsage.checks.sdk.tls import reloaded_context
from petsage.checks.sdk.transport import BoundedTransport

MAX_BODY = 1 << 20
"""Bytes of a body that are read."""

_MAX_HEAD = 64 << 10
"""Bytes of interim responses, status line and headers."""

_MAX_FRAMES = 256 << 10
"""Bytes around a body of the largest size: chunks, TLS records, and bytes that are read ahead."""

_SYSTEM_CONTEXT = reloaded_context()


@asynccontextmanager
async def client(url: URL, context: ssl.SSLContext | None) -> AsyncIterator[ClientSession]:
    """Yield a client for this URL only, without a timeout of its own.

    Raises:
        CheckFailed: The server sends more than 64 KiB before the answer's body, or too large a body.
    """
    connector = _Connector(url, context)
    timeout = ClientTimeout(total=None, connect=None, sock_connect=None)
    trace = TraceConfig()
    trace.on_request_end.append(connector.answered)
    async with ClientSession(
        connector=connector, timeout=timeout, cookie_jar=DummyCookieJar(), trace_configs=[trace]
    ) as session:
        try:
            yield session
        except ClientError:
            if failure := connector.failure:
                raise failure from None
            raise
        finally:
            connector.abort()


@contextmanager
def translate_client_errors(where: str) -> Iterator[None]:
    """Raise `CheckFailed` with a public reason in place of aiohttp's exceptions."""
    try:
        yield
    except ClientError as error:
        raise _failure(error, where) from None
    except OSError as error:
        raise network_failure(error, where) from None


class _Handler(ResponseHandler):
    """aiohttp's protocol, changed: a broken connection fails the body, which aiohttp would await or take as complete.

    Attributes:
        broken: Why the connection broke, None after a clean close.
    """

    def __init__(self, where: str) -> None:
        super().__init__(asyncio.get_running_loop())
        self.broken: CheckFailed | None = None
        self._where = where
        self._body: StreamReader | None = None

    def read_into(self, body: StreamReader) -> None:
        """Set the body of the response that has started, so that a broken connection fails it."""
        self._body = body
        if self.broken is not None:
            self._break(self.broken)

    def set_exception(self, exc: BaseException, *cause: Any, **named: Any) -> None:
        """Fail the response; one that is not HTTP has a reason of its own."""
        if isinstance(exc, HttpProcessingError):
            self._break(_not_http(self._where))
        super().set_exception(exc, *cause, **named)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Fail the response if the connection broke before its end."""
        if isinstance(exc, OSError):
            self._break(getattr(self.transport, "failure", None) or network_failure(exc, self._where))
        super().connection_lost(exc)

    def _break(self, why: CheckFailed) -> None:
        self.broken = self.broken or why
        if self._body is not None and not self._body.is_eof():
            self._body.set_exception(self.broken)


class _Connector(BaseConnector):
    """Opens the connections of one client, by overriding `_create_connection` as aiohttp's own connectors do."""

    def __init__(self, url: URL, context: ssl.SSLContext | None) -> None:
        super().__init__(force_close=True)
        self._url = url
        self._context = context
        self._stream: Stream | None = None
        self._transport: BoundedTransport | None = None
        self._handler: _Handler | None = None

    @property
    def failure(self) -> CheckFailed | None:
        """Why the connection broke, None after a clean close."""
        return None if self._handler is None else self._handler.broken

    def abort(self) -> None:
        """Close the connection if aiohttp has not."""
        if self._transport is not None:
            self._transport.abort()

    async def answered(self, _: ClientSession, __: SimpleNamespace, answer: TraceRequestEndParams) -> None:
        """Raise the limit for a body, once the headers have arrived."""
        if self._stream is not None and self._handler is not None:
            self._stream.raise_limit(MAX_BODY + _MAX_FRAMES)
            self._handler.read_into(answer.response.content)

    async def _create_connection(
        self,
        req: ClientRequest,  # noqa: ARG002 (aiohttp's signature)
        traces: list[Trace],  # noqa: ARG002 (aiohttp's signature)
        timeout: ClientTimeout,  # noqa: ARG002, ASYNC109 (aiohttp's signature)
    ) -> ResponseHandler:
        host, port = self._url.host or "", self._url.port or 0
        sock = await connect(host, port)
        try:
            self._stream = Stream(sock, format_address(host, port), _MAX_HEAD)
            if self._url.scheme == "https":
                with translate_client_errors(self._stream.where):
                    await self._stream.start_tls(self._context or await _SYSTEM_CONTEXT.get(), host.rstrip("."))
            self._handler = _Handler(self._stream.where)
            self._transport = BoundedTransport(self._stream, self._handler)
        except BaseException:
            sock.close()
            raise
        return self._handler


def _failure(error: ClientError, where: str) -> CheckFailed:
    if isinstance(error, ServerDisconnectedError):
        return CheckFailed(f"{where} closed the connection without an answer", code=Code.CLOSED)
    if isinstance(error.__cause__, ContentEncodingError):
        return CheckFailed(f"{where} sent a body that is not in the encoding that its headers name", code=Code.PROTOCOL)
    if isinstance(error, ClientPayloadError):
        return CheckFailed(f"{where} broke off in the middle of its answer", code=Code.CLOSED)
    if isinstance(error, ClientResponseError):
        return _not_http(where)
    if isinstance(error, OSError):
        return network_failure(error, where)
    return CheckFailed(f"{where} closed the connection", code=Code.CLOSED)


def _not_http(where: str) -> CheckFailed:
    return CheckFailed(f"{where} answered something that is not HTTP", code=Code.PROTOCOL)
