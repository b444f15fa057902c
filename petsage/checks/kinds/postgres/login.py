"""Login by asyncpg, over connections that this package opens, limits and closes."""

import asyncio
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

from petsage.checks.kinds.postgres.cancel import BackendSession
from petsage.checks.kinds.postgres.errors import server_failure
from petsage.checks.kinds.postgres.transport import InspectingTransport
from petsage.checks.model import CheckFailed, Code
from petsage.checks.sdk.cleanup import run_detached
from petsage.checks.sdk.connection import Stream, connect
from petsage.checks.sdk.errors import format_address, network_failure, timeout_reason
from petsage.checks.sdk.servers import Login
from petsage.checks.sdk.texts import Masker

_MAX_BYTES = 1 << 20  # bytes that are read from a server, in the login and its answer


class LoginRequest(NamedTuple):
    """Login and query for asyncpg.

    Attributes:
        host: The name or the address of the server.
        port: Its TCP port.
        login: User and password.
        database: The database, None for that of the user's name.
        parameters: The query of a URL, for asyncpg.
        query: The statement to run after the login.
    """

    host: str
    port: int
    login: Login
    database: str | None
    parameters: str
    query: str

    @property
    def where(self) -> str:
        """The server's address, as reasons name it."""
        return format_address(self.host, self.port)

    @property
    def arguments(self) -> dict[str, Any]:
        """The arguments for asyncpg: a URL with parameters only, since its parser could find another host."""
        dsn = f"postgresql://?{self.parameters}" if self.parameters else None
        user, password = self.login.user or None, self.login.password
        server = {"host": self.host, "port": self.port, "database": self.database}
        named = {} if "application_name" in self.parameters else {"server_settings": {"application_name": "petsage"}}
        return {"dsn": dsn, "user": user, "password": password, **server, **named}


class _ConnectingLoop:
    """The running loop as asyncpg uses it: its connections have a limit of bytes, and are closed by `abort`.

    asyncpg alone would resolve names in the loop's executor, whose threads delay the exit of the process.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._transports: list[InspectingTransport] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loop, name)

    @property
    def failure(self) -> CheckFailed | None:
        """Why a connection was ended, None when the server exceeded no limit."""
        return next((transport.failure for transport in self._transports if transport.failure), None)

    @property
    def declined(self) -> bool:
        """Whether the server declined a request for TLS."""
        return any(transport.declined for transport in self._transports)

    def session(self) -> BackendSession | None:
        """Return the session, to cancel its running statement; None before the login."""
        return next((found for transport in self._transports if (found := transport.session())), None)

    async def create_connection(
        self,
        factory: Callable[[], asyncio.Protocol],
        host: str,
        port: int,
        *,
        ssl: ssl.SSLContext | None = None,
    ) -> tuple[asyncio.Transport, asyncio.Protocol]:
        sock = await connect(host, port)
        try:
            stream = Stream(sock, format_address(host, port), _MAX_BYTES)
            if ssl is not None:
                await stream.start_tls(ssl, host)
            protocol = factory()
            self._transports.append(InspectingTransport(stream, protocol, (ssl, host) if ssl else None))
        except BaseException:
            sock.close()
            raise
        return self._transports[-1], protocol

    async def start_tls(
        self, transport: InspectingTransport, _: asyncio.Protocol, context: ssl.SSLContext, *, server_hostname: str
    ) -> InspectingTransport:
        await transport.start_tls(context, server_hostname)
        return transport

    def abort(self) -> None:
        """Close all connections, without a message to the server."""
        for transport in self._transports:
            transport.abort()


async def probe_login(asyncpg: Any, request: LoginRequest, masker: Masker) -> None:
    """Log in and run the query; raise `CheckFailed` when one fails. A cancelled statement is ended on the server."""
    loop = _ConnectingLoop(asyncio.get_running_loop())
    try:
        with (
            _translate_errors(asyncpg, request.where, masker, loop),
            timeout_reason(f"connected, but no complete answer from {request.where}"),
        ):
            await _run_query(asyncpg, request, loop)
    finally:
        loop.abort()


async def _run_query(asyncpg: Any, request: LoginRequest, loop: _ConnectingLoop) -> None:
    connection = await asyncpg.connect(**request.arguments, loop=loop, timeout=None, statement_cache_size=0)
    try:
        await connection.fetch(request.query)
        await connection.close()
    except asyncio.CancelledError:
        session = loop.session()
        connection.terminate()
        if session is not None:
            with suppress(asyncio.CancelledError):
                await run_detached(session.end)
        raise
    finally:
        connection.terminate()


@contextmanager
def _translate_errors(asyncpg: Any, where: str, masker: Masker, loop: _ConnectingLoop) -> Iterator[None]:
    try:
        yield
    except CheckFailed:
        raise
    except Exception as error:  # noqa: BLE001 (asyncpg raises any exception for an answer that it does not expect)
        raise loop.failure or _login_failure(asyncpg, error, where, masker, declined=loop.declined) from None


def _login_failure(asyncpg: Any, error: Exception, where: str, masker: Masker, *, declined: bool) -> CheckFailed:
    if isinstance(error, asyncpg.PostgresConnectionError):
        return CheckFailed(f"{where} closed the connection", code=Code.CLOSED)
    if isinstance(error, asyncpg.PostgresError):
        return server_failure(error.sqlstate or "", masker.first_line(str(error.args[0] if error.args else "")))
    if isinstance(error, asyncpg.InterfaceError | asyncpg.InternalClientError):
        return CheckFailed(f"asyncpg refuses: {type(error).__name__}", code=Code.LOCAL)
    if type(error) is ConnectionError:  # asyncpg's own, for the answer to its request for TLS
        if declined:
            return CheckFailed(f"{where} does not speak TLS", code=Code.TLS)
        return CheckFailed(f"{where} closed the connection without an answer", code=Code.CLOSED)
    return network_failure(error, where) if isinstance(error, OSError) else _not_understood(error, where)


def _not_understood(error: Exception, where: str) -> CheckFailed:
    text = f"{where} answered something that asyncpg does not understand: {type(error).__name__}"
    return CheckFailed(text, code=Code.PROTOCOL)
