"""`postgres`: a server that speaks PostgreSQL's protocol, or lets in and answers a query."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from time import perf_counter
from typing import Any, ClassVar

from marshmallow import ValidationError, validates_schema

from petsage.checks.kinds.postgres import tls
from petsage.checks.kinds.postgres.login import LoginRequest, probe_login
from petsage.checks.kinds.postgres.wire import Tls, probe_protocol
from petsage.checks.sdk.connection import open_stream
from petsage.checks.sdk.lazy import LazyValue, ReloadedValue, driver, require_driver
from petsage.checks.sdk.servers import (
    ALREADY_IN_URL,
    Login,
    LoginSchema,
    ServerCheck,
    ServerSchema,
    has_password,
    has_user,
    read_login,
)
from petsage.checks.sdk.settings import Text, Url
from petsage.checks.sdk.texts import Masker, elapsed_ms
from petsage.checks.sdk.urls import UrlParts, parse_url, repeated_parameters, unknown_parameters
from petsage.redaction.secret import Secret

external = True
component_type = "datastore"

_HAVE_THEIR_PLACE = ("user", "password", "host", "port", "dbname", "database", "service")
_NOT_OBEYED = (  # libpq's and other drivers': asyncpg would take each for a setting of the server
    "channel_binding",
    "command_timeout",
    "connect_timeout",
    "fallback_application_name",
    "gssdelegation",
    "gssencmode",
    "hostaddr",
    "keepalives",
    "keepalives_count",
    "keepalives_idle",
    "keepalives_interval",
    "load_balance_hosts",
    "max_protocol_version",
    "min_protocol_version",
    "prepared_statement_cache_size",
    "replication",
    "require_auth",
    "requirepeer",
    "requiressl",
    "ssl",
    "sslcertmode",
    "sslcompression",
    "sslcrldir",
    "sslsni",
    "statement_cache_size",
    "timeout",
)


@dataclass(frozen=True, kw_only=True)
class Postgres(ServerCheck):
    """Holds when the server asks who is there, or, with a `user`, lets that user in and answers `query`.

    User, password and database may stand in `url`. Logging in needs the extra `postgres`; what asyncpg takes as a
    parameter of a URL is taken here, and its environment variables. An answer has at most 1 MiB. Without a `user` a
    server that has only reserved connections left holds, and one that asks for no password (`trust`), or refuses this
    host, logs `FATAL: role "petsage" does not exist` or the like at each run: name a user that it knows.
    """

    usual_port: ClassVar[int] = 5432

    user: str | None = None
    password: Secret | None = None
    database: str | None = None
    query: str = "SELECT 1"

    async def run(self) -> Mapping[str, object]:
        """Speak the protocol, as far as the credentials reach."""
        if self._login.user is not None:
            asyncpg = await self._driver.get()
            started = perf_counter()
            await probe_login(asyncpg, self._asked, Masker(self._login.password))
        else:
            tls_of_run = await self._tls()
            started = perf_counter()
            async with open_stream(*self.address) as stream:
                await probe_protocol(stream, tls_of_run)
        return {"latency_ms": elapsed_ms(started)}

    async def _tls(self) -> Tls | None:
        if self._context is None:
            return None
        return Tls(await self._context.get(), self.address[0], required=tls.is_required(self.parts))

    @cached_property
    def _context(self) -> ReloadedValue[ssl.SSLContext] | None:
        return tls.tls_options(self.parts).renewed() if self.parts and tls.is_enabled(self.parts) else None

    @cached_property
    def _login(self) -> Login:
        return read_login(self.url, self.user, self.password)

    @property
    def _asked(self) -> LoginRequest:
        parts = self.parts
        database = self.database or (parts.database if parts else None)
        return LoginRequest(*self.address, self._login, database, parts.query if parts else "", self.query)

    @cached_property
    def _driver(self) -> LazyValue[Any]:
        return LazyValue(driver("asyncpg", "postgres"))


class PostgresSchema(ServerSchema, LoginSchema):
    """Settings of `postgres`."""

    makes = Postgres

    url = Url(("postgresql", "postgres"), drivers=True)
    database = Text()
    query = Text()

    @validates_schema(skip_on_field_errors=True)
    def can_log_in(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse credentials without a driver, and what only a user can have without one."""
        if has_user(data):
            require_driver("asyncpg", "postgres", "user" if "user" in data else "url")
        elif idle := [name for name in ("password", "database", "query") if name in data]:
            raise ValidationError({name: ["needs a user, in its key or in url"] for name in idle})
        elif has_password(data):
            raise ValidationError("a password without a user", "url")

    @validates_schema(skip_on_field_errors=True)
    def is_understood(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse a URL that says what is not obeyed, or the database twice."""
        if "url" not in data:
            return
        parts = parse_url(data["url"].reveal())
        if mistake := _mistake(parts, logs_in=has_user(data)):
            raise ValidationError(mistake, "url")
        if parts.database is not None and "database" in data:
            raise ValidationError(ALREADY_IN_URL, "database")


def _mistake(parts: UrlParts, *, logs_in: bool) -> str | None:
    """Return which parameter of a URL is not obeyed; without a login only those of TLS are."""
    for name in parts.parameters:
        if name in _HAVE_THEIR_PLACE:
            return f"{name} is no parameter of a url here: it has its place before the '?'"
        if name in _NOT_OBEYED:
            return f"{name}: no such parameter of a url"
    if not logs_in and (idle := unknown_parameters(parts, ("sslmode", *tls.FILES))):
        return f"{idle[0]} needs a user, in its key or in url"
    if twice := repeated_parameters(parts):
        return f"{twice[0]} stands there twice"
    return tls.find_mistake(parts)


schema = PostgresSchema()
