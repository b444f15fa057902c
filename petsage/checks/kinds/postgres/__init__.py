"""`postgres`: a server that speaks PostgreSQL's protocol, or lets in and answers a query."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from time import perf_counter
from typing import Any, ClassVar
from urllib.parse import urlsplit

from marshmallow import ValidationError, validates_schema

from petsage.checks.kinds._driver import driver, needs_driver
from petsage.checks.kinds._once import Once
from petsage.checks.kinds._schema import Text, Url
from petsage.checks.kinds._server import Server, ServerSchema
from petsage.checks.kinds._text import latency_ms
from petsage.checks.kinds.postgres.login import answers
from petsage.checks.kinds.postgres.wire import speaks

leaves_process = True
component_type = "datastore"


@dataclass(frozen=True, kw_only=True)
class Postgres(Server):
    """Holds when the server asks who is there, or, with a user in `url`, lets that user in and answers `query`.

    Logging in needs the extra `postgres`; what asyncpg takes in a URL is taken here, and its environment variables.
    """

    usual_port: ClassVar[int] = 5432

    query: str = "SELECT 1"

    async def run(self) -> Mapping[str, object]:
        """Speak the protocol, as far as the credentials reach."""
        asyncpg = await self._driver.get() if self.url and has_user(self.url.reveal()) else None
        started = perf_counter()
        if asyncpg is None or self.url is None:
            await speaks(*self.address)
        else:
            await answers(asyncpg, self.url, self.query, self.address)
        return {"latency_ms": latency_ms(started)}

    @cached_property
    def _driver(self) -> Once[Any]:
        return Once(driver("asyncpg", "postgres"))


def has_user(url: str) -> bool:
    """Tell whether a URL names a user; the password may come from elsewhere, as libpq has it."""
    return urlsplit(url).username is not None


class PostgresSchema(ServerSchema):
    """Settings of `postgres`."""

    makes = Postgres

    url = Url(("postgresql", "postgres"))
    query = Text()

    @validates_schema(skip_on_field_errors=True)
    def can_log_in(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse credentials without a driver, and a query without credentials."""
        if "url" in data and has_user(data["url"].reveal()):
            needs_driver("asyncpg", "postgres")
        elif "query" in data:
            raise ValidationError("needs a url with credentials (postgresql://user:password@host/database)", "query")


schema = PostgresSchema()
