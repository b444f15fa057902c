"""`postgres`: a server that speaks PostgreSQL's protocol, or lets in and answers a query."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from time import perf_counter
from typing import Any, ClassVar

from marshmallow import ValidationError, validates_schema

from petsage.checks.kinds._driver import driver, needs_driver
from petsage.checks.kinds._hidden import Hidden
from petsage.checks.kinds._login import TWICE, Login, LoginSchema, has_password, has_user, login_of
from petsage.checks.kinds._once import Once
from petsage.checks.kinds._schema import Text, Url
from petsage.checks.kinds._server import Server, ServerSchema
from petsage.checks.kinds._text import latency_ms
from petsage.checks.kinds._url import taken_apart
from petsage.checks.kinds.postgres.login import Asked, answers
from petsage.checks.kinds.postgres.wire import speaks
from petsage.secret import Secret

leaves_process = True
component_type = "datastore"

_NOT_OBEYED = ("user", "password", "host", "port", "dbname", "database", "service")


@dataclass(frozen=True, kw_only=True)
class Postgres(Server):
    """Holds when the server asks who is there, or, with a `user`, lets that user in and answers `query`.

    User, password and database may stand in `url`. Logging in needs the extra `postgres`; what asyncpg takes as a
    parameter of a URL is taken here, and its environment variables. An answer has at most 1 MiB.
    """

    usual_port: ClassVar[int] = 5432

    user: str | None = None
    password: Secret | None = None
    database: str | None = None
    query: str = "SELECT 1"

    async def run(self) -> Mapping[str, object]:
        """Speak the protocol, as far as the credentials reach."""
        asyncpg = await self._driver.get() if self._login.user is not None else None
        started = perf_counter()
        if asyncpg is None:
            await speaks(*self.address)
        else:
            await answers(asyncpg, self._asked, Hidden(self._login.password))
        return {"latency_ms": latency_ms(started)}

    @cached_property
    def _login(self) -> Login:
        return login_of(self.url, self.user, self.password)

    @property
    def _asked(self) -> Asked:
        parts = self.parts
        database = self.database or (parts.database if parts else None)
        return Asked(*self.address, self._login, database, parts.query if parts else "", self.query)

    @cached_property
    def _driver(self) -> Once[Any]:
        return Once(driver("asyncpg", "postgres"))


class PostgresSchema(ServerSchema, LoginSchema):
    """Settings of `postgres`."""

    makes = Postgres

    url = Url(("postgresql", "postgres"))
    database = Text()
    query = Text()

    @validates_schema(skip_on_field_errors=True)
    def can_log_in(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse credentials without a driver, and what only a user can have without one."""
        if has_user(data):
            needs_driver("asyncpg", "postgres", "user" if "user" in data else "url")
        elif idle := [name for name in ("password", "database", "query") if name in data]:
            raise ValidationError({name: ["needs a user, in its key or in url"] for name in idle})
        elif has_password(data):
            raise ValidationError("a password without a user", "url")

    @validates_schema(skip_on_field_errors=True)
    def is_understood(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse a URL that says what is not obeyed, or the database twice."""
        if "url" not in data:
            return
        parts = taken_apart(data["url"].reveal())
        if idle := [name for name in _NOT_OBEYED if name in parts.parameters]:
            raise ValidationError(f"{idle[0]} is no parameter of a url here: it has its place before the '?'", "url")
        if parts.database is not None and "database" in data:
            raise ValidationError(TWICE, "database")


schema = PostgresSchema()
