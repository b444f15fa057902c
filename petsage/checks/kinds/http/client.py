"""An HTTP client for one request, and public reasons for what goes wrong with it.

aiohttp reads whatever a server sends: a flood of interim responses as one message each, headers without end. Its
connections are made here, so that they are counted.
"""

import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from types import SimpleNamespace

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
    TraceConfig,
    TraceRequestEndParams,
)
from aiohttp.client_proto import ResponseHandler
from aiohttp.tracing import Trace
from yarl import URL

from petsage.checks.kinds._reasons import place, reason
from petsage.checks.kinds._stream import Stream, connect
from petsage.checks.kinds._tls import trust
from petsage.checks.kinds._transport import Transport
from petsage.checks.model import CheckFailed

LARGEST = 1 << 20
"""Bytes of a body that are read."""

_HEAD = 64 << 10
"""Bytes of interim responses, status line and headers."""

_FRAMES = 256 << 10
"""Bytes around a body of the largest size: chunks, TLS records, and what is read ahead."""

_USUAL_TRUST = trust()


@asynccontextmanager
async def client(url: URL, context: ssl.SSLContext | None) -> AsyncIterator[ClientSession]:
    """Enter with a client that knows the way to this URL only; the monitor sets its time limit.

    Raise CheckFailed when the server sends more than 64 KiB before its answer's body, or a body without end.
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
def told(where: str) -> Iterator[None]:
    """Turn what aiohttp raises into a public reason."""
    try:
        yield
    except ClientError as error:
        raise CheckFailed(_reason(error, where)) from None
    except OSError as error:
        raise CheckFailed(reason(error, where)) from None


class _Connector(BaseConnector):
    """Makes the connections of one client; as other connectors do, by overriding `_create_connection`."""

    def __init__(self, url: URL, context: ssl.SSLContext | None) -> None:
        super().__init__(force_close=True)
        self._url = url
        self._context = context
        self._stream: Stream | None = None
        self._transport: Transport | None = None

    @property
    def failure(self) -> CheckFailed | None:
        """What ended the connection, if that was too much of something."""
        return self._transport.failure if self._transport else None

    def abort(self) -> None:
        """End the connection, if aiohttp has not."""
        if self._transport is not None:
            self._transport.abort()

    async def answered(self, _: ClientSession, __: SimpleNamespace, ___: TraceRequestEndParams) -> None:
        """Let a body follow: the headers are there."""
        if self._stream is not None:
            self._stream.allow(LARGEST + _FRAMES)

    async def _create_connection(
        self,
        req: ClientRequest,  # noqa: ARG002 (aiohttp's signature)
        traces: list[Trace],  # noqa: ARG002 (aiohttp's signature)
        timeout: ClientTimeout,  # noqa: ARG002, ASYNC109 (aiohttp's signature)
    ) -> ResponseHandler:
        host, port = self._url.host or "", self._url.port or 0
        sock = await connect(host, port)
        try:
            self._stream = Stream(sock, place(host, port), _HEAD)
            if self._url.scheme == "https":
                with told(self._stream.where):
                    await self._stream.secure(self._context or await _USUAL_TRUST.get(), host.rstrip("."))
            handler = ResponseHandler(self._loop)
            self._transport = Transport(self._stream, handler)
        except BaseException:
            sock.close()
            raise
        return handler


def _reason(error: ClientError, where: str) -> str:
    if isinstance(error, ServerDisconnectedError):
        return f"{where} closed the connection without an answer"
    if isinstance(error, ClientPayloadError):
        return f"{where} broke off in the middle of its answer"
    if isinstance(error, ClientResponseError):
        return f"{where} answered something that is not HTTP"
    return reason(error, where) if isinstance(error, OSError) else f"{where}: {type(error).__name__}"
