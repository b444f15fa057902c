"""An HTTP client for one request, and public reasons for what goes wrong with it."""

import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from ipaddress import ip_address
from socket import AF_INET, AddressFamily

from aiohttp import (
    ClientConnectorCertificateError,
    ClientConnectorError,
    ClientError,
    ClientPayloadError,
    ClientResponseError,
    ClientSession,
    ClientTimeout,
    DummyCookieJar,
    ServerDisconnectedError,
    TCPConnector,
)
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from petsage.checks.kinds._reasons import reason
from petsage.checks.kinds._stream import addresses
from petsage.checks.model import CheckFailed
from petsage.checks.resolve import Address


@asynccontextmanager
async def client(url: URL, context: ssl.SSLContext | None) -> AsyncIterator[ClientSession]:
    """Enter with a client that knows the way to this URL only; the monitor sets its time limit."""
    host, port = url.host or "", url.port or 0
    found = [] if _is_address(host) else await addresses(host, port)
    connector = TCPConnector(
        resolver=_Resolved(host, found), ssl=context or True, force_close=True, use_dns_cache=False
    )
    timeout = ClientTimeout(total=None, connect=None, sock_connect=None)
    async with ClientSession(connector=connector, timeout=timeout, cookie_jar=DummyCookieJar()) as session:
        yield session


@contextmanager
def told(where: str) -> Iterator[None]:
    """Turn what aiohttp raises into a public reason."""
    try:
        yield
    except ClientError as error:
        raise CheckFailed(_reason(error, where)) from None
    except OSError as error:
        raise CheckFailed(reason(error, where)) from None


def _reason(error: ClientError, where: str) -> str:
    if isinstance(error, ClientConnectorCertificateError) and isinstance(error.certificate_error, OSError):
        return reason(error.certificate_error, where)
    if isinstance(error, ClientConnectorError):
        return reason(error.os_error, where)
    if isinstance(error, ServerDisconnectedError):
        return f"{where} closed the connection without an answer"
    if isinstance(error, ClientPayloadError):
        return f"{where} broke off in the middle of its answer"
    if isinstance(error, ClientResponseError):
        return f"{where} answered something that is not HTTP"
    return reason(error, where) if isinstance(error, OSError) else f"{where}: {type(error).__name__}"


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


class _Resolved(AbstractResolver):
    """Addresses that are known already: aiohttp's own resolvers use threads that exit waits for."""

    def __init__(self, host: str, found: list[Address]) -> None:
        self._host = host
        self._found = found

    async def resolve(self, host: str, port: int = 0, family: AddressFamily = AF_INET) -> list[ResolveResult]:  # noqa: ARG002 (aiohttp's signature)
        return [
            ResolveResult(hostname=self._host, host=str(info[4][0]), port=port, family=info[0], proto=info[2], flags=0)
            for info in self._found
        ]

    async def close(self) -> None:
        """Hold nothing."""
