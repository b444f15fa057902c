"""`redis`: a Redis or Valkey server that answers PING, with or without a login."""

from collections.abc import Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Any, ClassVar

from marshmallow import ValidationError, fields, validate, validates_schema

from petsage.checks.kinds.redis import tls
from petsage.checks.kinds.redis.protocol import log_in, ping, select
from petsage.checks.sdk.connection import Stream, open_stream
from petsage.checks.sdk.errors import translate_errors
from petsage.checks.sdk.servers import (
    ALREADY_IN_URL,
    LoginSchema,
    ServerCheck,
    ServerSchema,
    has_password,
    has_user,
)
from petsage.checks.sdk.settings import Url
from petsage.checks.sdk.texts import elapsed_ms
from petsage.checks.sdk.tls import TlsOptions
from petsage.checks.sdk.urls import UrlParts, parse_url, repeated_parameters, unknown_parameters

external = True
component_type = "datastore"


@dataclass(frozen=True, kw_only=True)
class Redis(ServerCheck):
    """Holds when the server answers PING with PONG or, without a `password`, with a request to log in.

    User, password and the number of the `database` may be in `url`; `rediss` and `valkeys` are TLS. No driver is
    needed. Whether a server that asks for a password works is not known without one. A user needs the right to PING.
    """

    default_port: ClassVar[int] = 6379

    database: int | None = None

    async def run(self) -> Mapping[str, object]:
        """Send AUTH and SELECT where the settings have them, then PING."""
        policy = await self.tls_policy()
        started = perf_counter()
        async with open_stream(*self.address) as stream:
            if policy is not None:
                with translate_errors(stream.where):
                    await stream.start_tls(policy.context, policy.server_name)
            await self._ask(stream)
            await stream.close_tls()
        return {"latency_ms": elapsed_ms(started)}

    async def _ask(self, stream: Stream) -> None:
        logged_in = self.login.password is not None
        if logged_in:
            await log_in(stream, self.login, self.masker)
        if self._database_number:
            await select(stream, self._database_number, self.masker, logged_in=logged_in)
        await ping(stream, self.masker, logged_in=logged_in)

    @property
    def tls_options(self) -> TlsOptions | None:
        """The TLS options of a URL whose scheme is TLS, otherwise None."""
        parts = self.url_parts
        return tls.tls_options(parts) if parts and parts.scheme in tls.SCHEMES else None

    @property
    def _database_number(self) -> int | None:
        if self.url_parts is None or self.database is not None:
            return self.database
        return _database(self.url_parts)


def _database(parts: UrlParts) -> int | None:
    """Return the number of the database in a URL, None without one; raise `ValueError` when it is not a number."""
    name = parts.parameters.get("db", parts.database)
    if name is None:
        return None
    if not (name.isascii() and name.isdecimal() and len(name) < _MAX_DIGITS):
        raise ValueError("not a number")
    return int(name)


_MAX_DIGITS = 10


class RedisSchema(ServerSchema, LoginSchema):
    """Settings of `redis`."""

    check_class = Redis

    url = Url(("redis", "rediss", "valkey", "valkeys"))
    database = fields.Integer(strict=True, validate=validate.Range(0, error="must not be negative"))

    @validates_schema(skip_on_field_errors=True)
    def has_a_password(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse a user without a password."""
        if has_user(data) and not has_password(data):
            how = ("a user without a password (write it like redis://user:password@host)", "url")
            raise ValidationError(*(how if "user" not in data else ("needs a password", "user")))

    @validates_schema(skip_on_field_errors=True)
    def has_one_database(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse parameters of the URL that are not supported, and a database that is named twice."""
        if "url" not in data:
            return
        parts = parse_url(data["url"].reveal())
        if unknown := unknown_parameters(parts, ("db", *tls.PARAMETERS)):
            raise ValidationError(f"{unknown[0]}: no such parameter of a url", "url")
        if twice := repeated_parameters(parts):
            raise ValidationError(f"{twice[0]} is given twice", "url")
        if "db" in parts.parameters and parts.database is not None:
            raise ValidationError("db: the path already names the database", "url")
        if mistake := tls.find_mistake(parts):
            raise ValidationError(mistake, "url")
        try:
            number = _database(parts)
        except ValueError:
            raise ValidationError("the path is not the number of a database", "url") from None
        if number is not None and "database" in data:
            raise ValidationError(ALREADY_IN_URL, "database")


schema = RedisSchema()
