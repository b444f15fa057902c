"""`mysql`: a MySQL or MariaDB server that speaks its protocol, or lets in and answers a query; no driver is needed."""

import asyncio
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, partial
from time import perf_counter
from typing import Any, ClassVar

from marshmallow import ValidationError, validates_schema

from petsage.checks.kinds.mysql import tls
from petsage.checks.kinds.mysql.login import Session, Tls, log_in, probe_without_login
from petsage.checks.kinds.mysql.query import run_query
from petsage.checks.kinds.mysql.wire import PacketStream
from petsage.checks.model import CheckFailed
from petsage.checks.sdk.cleanup import run_detached
from petsage.checks.sdk.connection import MAX_BYTES, Stream, open_stream
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
from petsage.checks.sdk.settings import Text, Url
from petsage.checks.sdk.texts import Masker, elapsed_ms
from petsage.checks.sdk.urls import parse_url
from petsage.redaction.secret import Secret

external = True
component_type = "datastore"

_MAX_ANSWER = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Mysql(ServerCheck):
    """Holds when the server greets and takes part in the handshake, or, with a `user`, lets in and answers `query`.

    User, password and database may stand in `url`, and so may `ssl-mode`, `ssl-ca`, `ssl-cert` and `ssl-key`. Without a
    `user` a server that lets nobody in but administrators holds, and its `Aborted_connects` rises at each run: name
    one, with no rights at all. An answer has at most 1 MiB.
    """

    usual_port: ClassVar[int] = 3306

    user: str | None = None
    password: Secret | None = None
    database: str | None = None
    query: str = "SELECT 1"

    async def run(self) -> Mapping[str, object]:
        """Speak the protocol, as far as the credentials reach."""
        tls_of_run = await self._tls()
        started = perf_counter()
        most = _MAX_ANSWER if self._login.user is not None else MAX_BYTES
        async with open_stream(*self.address, most) as stream:
            if self._login.user is None:
                greeting = await probe_without_login(PacketStream(stream), tls_of_run)
                await stream.part()
            else:
                session = await self._entered(stream, tls_of_run)
                greeting = session.greeting
                await self._ask(session, tls_of_run)
        return {"version": greeting.version, "latency_ms": elapsed_ms(started)}

    async def _entered(self, stream: Stream, tls_of_run: Tls | None) -> Session:
        return await log_in(PacketStream(stream), self._login, self._database, tls_of_run, Masker(self._login.password))

    async def _ask(self, session: Session, tls_of_run: Tls | None) -> None:
        stream = session.wire.stream
        with translate_errors(stream.where):
            host, port = stream.sock.getpeername()[:2]
        try:
            await run_query(session, self.query, Masker(self._login.password))
        except asyncio.CancelledError:
            with suppress(asyncio.CancelledError):
                await run_detached(partial(self._kill, host, port, session.greeting.connection, tls_of_run))
            raise
        except CheckFailed:
            with suppress(CheckFailed):
                await session.leave()
            raise
        await session.leave()

    async def _kill(self, host: str, port: int, connection: int, tls_of_run: Tls | None) -> None:
        """End a connection from another one: a server does not see that nobody waits for its answer any more."""
        async with open_stream(host, port) as stream:
            session = await self._entered(stream, tls_of_run)
            await run_query(session, f"KILL {connection}", Masker(self._login.password))
            await session.leave()

    async def _tls(self) -> Tls | None:
        if self._context is None:
            return None
        return Tls(await self._context.get(), self.address[0], required=tls.is_required(tls.mode(self.parts)))

    @cached_property
    def _login(self) -> Login:
        return read_login(self.url, self.user, self.password)

    @property
    def _database(self) -> str | None:
        return self.database or (self.parts.database if self.parts else None)

    @cached_property
    def _context(self) -> ReloadedValue[ssl.SSLContext] | None:
        usual = "disabled" if self._login.user is None else "preferred"
        return None if (tls.mode(self.parts) or usual) == "disabled" else tls.tls_options(self.parts).renewed()


class MysqlSchema(ServerSchema, LoginSchema):
    """Settings of `mysql`."""

    makes = Mysql

    url = Url(("mysql", "mariadb"), drivers=True)
    database = Text()
    query = Text()

    @validates_schema(skip_on_field_errors=True)
    def can_log_in(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse what only a user can have without one."""
        if has_user(data):
            return
        if idle := [name for name in ("password", "database", "query") if name in data]:
            raise ValidationError({name: ["needs a user, in its key or in url"] for name in idle})
        if has_password(data):
            raise ValidationError("a password without a user", "url")

    @validates_schema(skip_on_field_errors=True)
    def is_understood(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse a URL that says what is not obeyed, or the database twice."""
        if "url" not in data:
            return
        parts = parse_url(data["url"].reveal())
        if mistake := tls.find_mistake(parts):
            raise ValidationError(mistake, "url")
        if parts.database is not None and "database" in data:
            raise ValidationError(ALREADY_IN_URL, "database")


schema = MysqlSchema()
