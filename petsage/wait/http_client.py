"""One question to one target: never through a proxy, never after a redirect, and only so much of an answer."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, NamedTuple

from aiohttp import ClientResponse, ClientSession, DummyCookieJar, UnixConnector

from petsage.checks.kinds.http.client import client, translate_client_errors
from petsage.wait.document import list_member, read_document, text_member
from petsage.wait.target import Target

MAX_REQUEST_SECONDS = 5.0
"""Seconds after which an answer that does not come counts as none."""

_LARGEST = 1 << 20


class Answer(NamedTuple):
    """What came back; `body` is what JSON made of it, None if it is none. Whoever answered may have sent anything."""

    status: int
    location: str
    body: Any

    def member(self, *names: str) -> str | None:
        """Return the first of these members of the body that is a text."""
        return text_member(self.body, *names)

    def names(self, member: str) -> list[str]:
        """Return the texts in a member that is a list."""
        return [name for name in list_member(self.body, member) if isinstance(name, str)]


async def ask(target: Target, token: str = "") -> Answer:
    """Return the answer; raise CheckFailed with a public reason, or TimeoutError."""
    headers = {"Accept": "application/json", "User-Agent": "petsage-wait"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    async with asyncio.timeout(MAX_REQUEST_SECONDS):  # outside of what tells OSErrors: TimeoutError is one of them
        with translate_client_errors(target.where):
            return await _get(target, headers)


async def _get(target: Target, headers: Mapping[str, str]) -> Answer:
    async with (
        _session(target) as session,
        session.get(target.url, headers=headers, allow_redirects=False) as response,
    ):
        return Answer(
            response.status, response.headers.get("Location", ""), read_document(bytes(await _body(response)))
        )


def _session(target: Target) -> AbstractAsyncContextManager[ClientSession]:
    return client(target.url, None) if target.socket is None else _unix_session(target.socket)


@asynccontextmanager
async def _unix_session(socket: str) -> AsyncIterator[ClientSession]:
    async with ClientSession(connector=UnixConnector(socket), cookie_jar=DummyCookieJar()) as session:
        yield session


async def _body(response: ClientResponse) -> bytearray:
    body = bytearray()
    while len(body) < _LARGEST and (piece := await response.content.read(_LARGEST)):
        body += piece
    return body
