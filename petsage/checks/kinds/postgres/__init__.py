"""`postgres`: a PostgreSQL server that answers a startup packet or, with a user, a query."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from time import perf_counter
from typing import Any, ClassVar

from marshmallow import validates_schema

from petsage.checks.kinds.postgres import tls
from petsage.checks.kinds.postgres.login import LoginRequest, probe_login
from petsage.checks.kinds.postgres.protocol import probe_protocol
from petsage.checks.sdk.connection import open_stream
from petsage.checks.sdk.databases import DatabaseCheck, DatabaseSchema
from petsage.checks.sdk.lazy import LazyValue, import_driver, require_driver
from petsage.checks.sdk.servers import has_user
from petsage.checks.sdk.settings import Url
from petsage.checks.sdk.texts import elapsed_ms
from petsage.checks.sdk.tls import TlsOptions
from petsage.checks.sdk.urls import UrlParts, repeated_parameters, unknown_parameters

external = True
component_type = "datastore"

_NOT_PARAMETERS = ("user", "password", "host", "port", "dbname", "database", "service")
_NOT_SUPPORTED = (  # of libpq and other drivers: asyncpg would send each as a setting of the server
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
class Postgres(DatabaseCheck):
    """Holds when the server asks for authentication or, with a `user`, accepts the login and answers `query`.

    User, password and database may be in `url`. A login needs the extra `postgres`; it takes what asyncpg takes as a
    parameter of a URL, and asyncpg's environment variables. An answer has at most 1 MiB. Without a `user`, a server
    that has only reserved connections left holds, and one that asks for no password (`trust`), or refuses this host,
    logs `FATAL: role "petsage" does not exist` or the like at each run; a user that it knows avoids both.
    """

    default_port: ClassVar[int] = 5432

    async def run(self) -> Mapping[str, object]:
        """Send a startup packet, or log in and run the query."""
        if self.login.user is not None:
            asyncpg = await self._driver.get()
            started = perf_counter()
            await probe_login(asyncpg, self._login_request, self.masker)
        else:
            policy = await self.tls_policy()
            started = perf_counter()
            async with open_stream(*self.address) as stream:
                await probe_protocol(stream, policy)
        return {"latency_ms": elapsed_ms(started)}

    @property
    def tls_options(self) -> TlsOptions | None:
        """The TLS options of the URL for a check without a user; with one, asyncpg reads the parameters itself."""
        return tls.tls_options(self.url_parts)

    @property
    def _login_request(self) -> LoginRequest:
        query = self.url_parts.query if self.url_parts else ""
        return LoginRequest(*self.address, self.login, self.database_name, query, self.query)

    @cached_property
    def _driver(self) -> LazyValue[Any]:
        return LazyValue(partial(import_driver, "asyncpg", "postgres"))


class PostgresSchema(DatabaseSchema):
    """Settings of `postgres`."""

    check_class = Postgres

    url = Url(("postgresql", "postgres"), drivers=True)

    @validates_schema(skip_on_field_errors=True)
    def has_a_driver(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse a user while the driver is not installed."""
        if has_user(data):
            require_driver("asyncpg", "postgres", "user" if "user" in data else "url")

    def find_url_mistake(self, parts: UrlParts, *, logs_in: bool) -> str | None:
        """Return a mistake for the first parameter that is not supported; without a login, only those of TLS are."""
        for name in parts.parameters:
            if name in _NOT_PARAMETERS:
                return f"{name} is not a parameter of a url here: write it before the '?'"
            if name in _NOT_SUPPORTED:
                return f"{name}: no such parameter of a url"
        if not logs_in and (unused := unknown_parameters(parts, ("sslmode", *tls.FILES))):
            return f"{unused[0]} needs a user, in its key or in url"
        if twice := repeated_parameters(parts):
            return f"{twice[0]} is given twice"
        return tls.find_mistake(parts)


schema = PostgresSchema()
