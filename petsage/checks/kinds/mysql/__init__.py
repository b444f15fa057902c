"""`mysql`: a MySQL or MariaDB server that completes the handshake or answers a query; no driver is needed."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from time import perf_counter
from typing import ClassVar

from petsage.checks.kinds.mysql import tls
from petsage.checks.kinds.mysql.login import Session, log_in, probe_without_login
from petsage.checks.kinds.mysql.packets import PacketStream
from petsage.checks.kinds.mysql.query import run_query
from petsage.checks.model import CheckFailed
from petsage.checks.sdk.cleanup import run_detached
from petsage.checks.sdk.connection import MAX_BYTES, Stream, open_stream
from petsage.checks.sdk.databases import DatabaseCheck, DatabaseSchema
from petsage.checks.sdk.errors import translate_errors
from petsage.checks.sdk.settings import Url
from petsage.checks.sdk.texts import elapsed_ms
from petsage.checks.sdk.tls import TlsOptions, TlsPolicy
from petsage.checks.sdk.urls import UrlParts

external = True
component_type = "datastore"

_MAX_ANSWER = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Mysql(DatabaseCheck):
    """Holds when the server takes part in the handshake or, with a `user`, accepts the login and answers `query`.

    User, password and database may be in `url`, and so may `ssl-mode`, `ssl-ca`, `ssl-cert` and `ssl-key`. Without a
    `user`, it holds although only connections for administrators are left, and `Aborted_connects` rises at each
    run; a user with no rights at all avoids both. An answer has at most 1 MiB.
    """

    default_port: ClassVar[int] = 3306

    async def run(self) -> Mapping[str, object]:
        """Take part in the handshake, or log in and run the query."""
        policy = await self.tls_policy()
        started = perf_counter()
        max_bytes = _MAX_ANSWER if self._logs_in else MAX_BYTES
        async with open_stream(*self.address, max_bytes) as stream:
            if self._logs_in:
                session = await self._log_in(stream, policy)
                greeting = session.greeting
                await self._run_query(session, policy)
            else:
                greeting = await probe_without_login(PacketStream(stream), policy)
                await stream.close_tls()
        return {"version": greeting.version, "latency_ms": elapsed_ms(started)}

    @property
    def tls_options(self) -> TlsOptions | None:
        """The TLS options of the URL; with a user, TLS is used by default where the server offers it."""
        return tls.tls_options(self.url_parts, "preferred" if self._logs_in else "disabled")

    @property
    def _logs_in(self) -> bool:
        return self.login.user is not None

    async def _log_in(self, stream: Stream, policy: TlsPolicy | None) -> Session:
        return await log_in(PacketStream(stream), self.login, self.database_name, policy, self.masker)

    async def _run_query(self, session: Session, policy: TlsPolicy | None) -> None:
        stream = session.packets.stream
        with translate_errors(stream.where):
            host, port = stream.sock.getpeername()[:2]
        try:
            await run_query(session, self.query, self.masker)
        except asyncio.CancelledError:
            with suppress(asyncio.CancelledError):
                await run_detached(partial(self._kill, host, port, session.greeting.connection, policy))
            raise
        except CheckFailed:
            with suppress(CheckFailed):
                await session.quit()
            raise
        await session.quit()

    async def _kill(self, host: str, port: int, connection: int, policy: TlsPolicy | None) -> None:
        """Kill a connection over another one: a server finishes a statement although its client has disconnected."""
        async with open_stream(host, port) as stream:
            session = await self._log_in(stream, policy)
            await run_query(session, f"KILL {connection}", self.masker)
            await session.quit()


class MysqlSchema(DatabaseSchema):
    """Settings of `mysql`."""

    check_class = Mysql

    url = Url(("mysql", "mariadb"), drivers=True)

    def find_url_mistake(self, parts: UrlParts, *, logs_in: bool) -> str | None:  # noqa: ARG002 (the base class's signature)
        """Return the first mistake in the parameters for TLS."""
        return tls.find_mistake(parts)


schema = MysqlSchema()
