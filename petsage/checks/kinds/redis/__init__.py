"""`redis`: a server that answers PING, to anybody or to who logs in."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from time import perf_counter
from typing import Any, ClassVar

from marshmallow import ValidationError, fields, validate, validates_schema

from petsage.checks.kinds.redis import tls
from petsage.checks.kinds.redis.login import log_in, select
from petsage.checks.kinds.redis.wire import ping
from petsage.checks.sdk.connection import Stream, open_stream
from petsage.checks.sdk.errors import translate_errors
from petsage.checks.sdk.lazy import ReloadedValue
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
from petsage.checks.sdk.settings import Url
from petsage.checks.sdk.texts import Masker, elapsed_ms
from petsage.checks.sdk.urls import UrlParts, parse_url, repeated_parameters, unknown_parameters
from petsage.redaction.secret import Secret

external = True
component_type = "datastore"


@dataclass(frozen=True, kw_only=True)
class Redis(ServerCheck):
    """Holds when the server answers PING, if only by asking for a password; with a `password`, only by PONG.

    User, password and the number of the `database` may stand in `url`; `rediss` and `valkeys` are TLS. No driver is
    needed. Without a password a server that wants one holds: whether it would do anything is not known then. A user
    that is named needs the right to PING. Nothing is left on the server, and its log says nothing of the check.
    """

    usual_port: ClassVar[int] = 6379

    user: str | None = None
    password: Secret | None = None
    database: int | None = None

    async def run(self) -> Mapping[str, object]:
        """Ask, as far as the credentials reach."""
        context = await self._context.get() if self._context else None
        started = perf_counter()
        async with open_stream(*self.address) as stream:
            if context is not None:
                with translate_errors(stream.where):
                    await stream.secure(context, self.address[0])
            await self._ask(stream)
            await stream.part()
        return {"latency_ms": elapsed_ms(started)}

    async def _ask(self, stream: Stream) -> None:
        hidden = Masker(self._login.password)
        let_in = self._login.password is not None
        if let_in:
            await log_in(stream, self._login, hidden)
        if self._number:
            await select(stream, self._number, hidden, let_in=let_in)
        await ping(stream, hidden, let_in=let_in)

    @cached_property
    def _login(self) -> Login:
        return read_login(self.url, self.user, self.password)

    @property
    def _number(self) -> int | None:
        return self.database if self.parts is None or self.database is not None else _database(self.parts)

    @cached_property
    def _context(self) -> ReloadedValue[ssl.SSLContext] | None:
        parts = self.parts
        return tls.tls_options(parts).renewed() if parts and parts.scheme in tls.SCHEMES else None


def _database(parts: UrlParts) -> int | None:
    """Return the database that a URL names; raise ValueError for one that is no number."""
    said = parts.parameters.get("db", parts.database)
    if said is None:
        return None
    if not (said.isascii() and said.isdecimal() and len(said) < _MAX_DIGITS):
        raise ValueError("not a number")
    return int(said)


_MAX_DIGITS = 10


class RedisSchema(ServerSchema, LoginSchema):
    """Settings of `redis`."""

    makes = Redis

    url = Url(("redis", "rediss", "valkey", "valkeys"))
    database = fields.Integer(strict=True, validate=validate.Range(0, error="must not be negative"))

    @validates_schema(skip_on_field_errors=True)
    def can_log_in(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse credentials that are halved."""
        if has_user(data) and not has_password(data):
            how = ("a user without a password (write it like redis://user:password@host)", "url")
            raise ValidationError(*(how if "user" not in data else ("needs a password", "user")))

    @validates_schema(skip_on_field_errors=True)
    def is_understood(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse a URL that says what is not obeyed, or the database twice."""
        if "url" not in data:
            return
        parts = parse_url(data["url"].reveal())
        if unknown := unknown_parameters(parts, ("db", *tls.PARAMETERS)):
            raise ValidationError(f"{unknown[0]}: no such parameter of a url", "url")
        if twice := repeated_parameters(parts):
            raise ValidationError(f"{twice[0]} stands there twice", "url")
        if "db" in parts.parameters and parts.database is not None:
            raise ValidationError("db: the path says the database already", "url")
        if mistake := tls.find_mistake(parts):
            raise ValidationError(mistake, "url")
        try:
            number = _database(parts)
        except ValueError:
            raise ValidationError("the path is not the number of a database", "url") from None
        if number is not None and "database" in data:
            raise ValidationError(ALREADY_IN_URL, "database")


schema = RedisSchema()
