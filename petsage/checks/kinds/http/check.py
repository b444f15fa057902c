"""The `http` check: one request over a new connection, because a pooled one would not test connecting."""

import ssl
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from time import perf_counter

from aiohttp import ClientResponse
from yarl import URL

from petsage import __version__
from petsage.checks.kinds.http import body as answer
from petsage.checks.kinds.http.client import MAX_BODY, client, translate_client_errors
from petsage.checks.kinds.http.status import Ranges, format_ranges, is_within
from petsage.checks.model import CheckFailed, CheckWarning, Code
from petsage.checks.sdk.errors import format_address, timeout_reason
from petsage.checks.sdk.lazy import ReloadedValue
from petsage.checks.sdk.servers import Login, read_login
from petsage.checks.sdk.texts import Masker, elapsed_ms
from petsage.checks.sdk.tls import reloaded_context
from petsage.checks.sdk.urls import strip_login
from petsage.fields import format_duration
from petsage.redaction.secret import Secret


@dataclass(frozen=True, kw_only=True)
class Http:
    """Holds when the answer to a request has a `status` within the ranges, and a body that is complete and as expected.

    `user` and `password`, or those of `url`, are sent as in RFC 7617. Of a body, the first MiB is read: `contains`
    is a text in it, `json` maps member paths to values. An answer that is complete after more than `warn_above` seconds
    warns. Proxies and cookies are not used.
    """

    url: Secret
    user: str | None = None
    password: Secret | None = None
    method: str = "GET"
    headers: Mapping[str, Secret] = field(default_factory=dict)
    body: str | None = field(default=None, repr=False)
    status: Ranges = ((200, 299),)
    contains: str | None = None
    json: Mapping[str, object] | None = None
    warn_above: float | None = None
    verify: bool = True
    ca_file: Path | None = None

    async def run(self) -> Mapping[str, object]:
        """Send the request, and compare the answer."""
        context = await self._context.get() if self._url.scheme == "https" else None
        started = perf_counter()
        with translate_client_errors(self._address), timeout_reason(f"no complete answer from {self._address}"):
            async with (
                client(self._url, context) as session,
                session.request(
                    self.method, self._url, headers=self._headers, data=self.body, allow_redirects=False
                ) as response,
            ):
                await self._compare(response)
        took = elapsed_ms(started)
        if self.warn_above is not None and took > self.warn_above * 1000:
            text = f"answered after {took:g} ms, more than {format_duration(self.warn_above)}"
            raise CheckWarning(text, code=Code.THRESHOLD)
        return {"status": response.status, "latency_ms": took}

    async def _compare(self, response: ClientResponse) -> None:
        if not is_within(response.status, self.status):
            text = f"answered {response.status}, not {format_ranges(self.status)}"
            raise CheckFailed(text, code=Code.STATUS)
        body = await _beginning(response)
        if self.contains is not None:
            answer.require_text(body, self.contains)
        if self.json is not None:
            answer.require_members(body, self.json, self._masker)

    @cached_property
    def _url(self) -> URL:
        return URL(strip_login(self.url.reveal()))

    @property
    def _address(self) -> str:
        return format_address(self._url.host or "", self._url.port or 0)

    @property
    def _headers(self) -> dict[str, str]:
        own = {name: text.reveal() for name, text in self.headers.items()}
        login = {"Authorization": self._authorization} if self._authorization else {}
        return {"User-Agent": f"petsage/{__version__}"} | login | own

    @cached_property
    def _login(self) -> Login:
        return read_login(self.url, self.user, self.password)

    @cached_property
    def _authorization(self) -> str | None:
        user, password = self._login
        if user is None and password is None:
            return None
        return "Basic " + b64encode(f"{user or ''}:{password or ''}".encode()).decode()

    @cached_property
    def _masker(self) -> Masker:
        whole = [text.reveal() for text in self.headers.values()]
        tokens = [text.rpartition(" ")[2] for text in whole]
        sent = self._authorization and self._authorization.removeprefix("Basic ")
        return Masker(self._login.password, sent, whole=[*whole, *tokens])

    @cached_property
    def _context(self) -> ReloadedValue[ssl.SSLContext]:
        return reloaded_context(self.ca_file, verify=self.verify)


async def _beginning(response: ClientResponse) -> bytes:
    """Return the body, or of a longer one slightly more than the limit."""
    body = bytearray()
    while len(body) <= MAX_BODY and (more := await response.content.readany()):
        body += more
    return bytes(body)
