"""One request to one target, without proxies and redirects; a bounded part of the body is read."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, NamedTuple

from aiohttp import ClientResponse, ClientSession, DummyCookieJar, UnixConnector

from petsage.checks.kinds.http.client import client, translate_client_errors
from petsage.wait.lenient_json import list_member, read_document, text_member
from petsage.wait.target_url import TargetUrl

MAX_REQUEST_SECONDS = 5.0
"""Seconds that a request may take."""

_MAX_BODY_BYTES = 1 << 20


class TargetResponse(NamedTuple):
    """Status, `Location` and JSON body of a response; `body` is None if it is not JSON, and may be of any shape."""

    status: int
    location: str
    body: Any

    def member(self, *names: str) -> str | None:
        """Return the first of these members of the body that is a string."""
        return text_member(self.body, *names)

    def names(self, member: str) -> list[str]:
        """Return the strings in a member that is a list."""
        return [name for name in list_member(self.body, member) if isinstance(name, str)]


async def fetch(target: TargetUrl, token: str = "") -> TargetResponse:
    """Return the response to one GET request; raise `CheckFailed` with a public reason, or `TimeoutError`."""
    headers = {"Accept": "application/json", "User-Agent": "petsage-wait"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    async with asyncio.timeout(MAX_REQUEST_SECONDS):  # outside of what translates OSErrors: TimeoutError is one
        with translate_client_errors(target.address):
            return await _get(target, headers)


async def _get(target: TargetUrl, headers: Mapping[str, str]) -> TargetResponse:
    async with (
        _session(target) as session,
        session.get(target.url, headers=headers, allow_redirects=False) as response,
    ):
        body = read_document(bytes(await _read_body(response)))
        return TargetResponse(response.status, response.headers.get("Location", ""), body)


def _session(target: TargetUrl) -> AbstractAsyncContextManager[ClientSession]:
    return client(target.url, None) if target.socket is None else _unix_session(target.socket)


@asynccontextmanager
async def _unix_session(socket: str) -> AsyncIterator[ClientSession]:
    async with ClientSession(connector=UnixConnector(socket), cookie_jar=DummyCookieJar()) as session:
        yield session


async def _read_body(response: ClientResponse) -> bytearray:
    body = bytearray()
    while len(body) < _MAX_BODY_BYTES and (piece := await response.content.read(_MAX_BODY_BYTES)):
        body += piece
    return body
