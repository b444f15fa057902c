"""Responses to refused requests: problem documents (RFC 9457), after which the connection is closed."""

from collections.abc import Awaitable, Callable
from email.utils import formatdate
from typing import Any

from aiohttp import hdrs, web
from aiohttp.abc import AbstractStreamWriter

from petsage.http._aiohttp import server_name
from petsage.http.problems import HEADERS, encoded_problem, title_of
from petsage.server.refusals import Refusal, refusal_of_request

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class RefusalResponse(web.Response):
    """Response of a refusal: always HTTP/1.1; `linger` is awaited before the connection is closed."""

    def __init__(self, refusal: Refusal, linger: Callable[[], Awaitable[None]], *, body: bool = True) -> None:
        super().__init__(status=refusal.status)
        self.force_close()
        self._refusal, self._linger, self._with_body = refusal, linger, body

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """Send status line, headers and body."""
        await request.writer.write_eof(encoded(self._refusal, body=self._with_body))
        return request.writer

    async def write_eof(self, data: bytes = b"") -> None:  # noqa: ARG002 (aiohttp's signature)
        """Wait until the client has had time to read the response."""
        await self._linger()


def encoded(refusal: Refusal, *, body: bool = True) -> bytes:
    """Return the response as it is sent; without `body` for a HEAD request."""
    status, detail = refusal
    content = encoded_problem(status, detail)
    fields = {
        **HEADERS,
        hdrs.CONTENT_LENGTH: str(len(content)),
        hdrs.DATE: formatdate(usegmt=True),
        hdrs.SERVER: server_name(),
        hdrs.CONNECTION: "close",
    }
    lines = [f"HTTP/1.1 {status} {title_of(status)}", *(f"{name}: {value}" for name, value in fields.items())]
    return "\r\n".join([*lines, "", ""]).encode() + (content if body else b"")


def refusing_invalid(handler: Handler) -> Handler:
    """Wrap the server's handler: give each connection its request, and refuse requests that are not valid HTTP/1.1."""

    def handle(request: web.BaseRequest) -> Awaitable[web.StreamResponse]:
        connection: Any = request.protocol  # a Connection; a `cast` would be measurable
        connection.request = request
        refusal = refusal_of_request(request)
        return handler(request) if refusal is None else _refuse(connection, request, refusal)

    return handle


async def _refuse(connection: Any, request: web.BaseRequest, refusal: Refusal) -> web.StreamResponse:
    response: web.StreamResponse = connection.refuse(request, refusal)
    return response
