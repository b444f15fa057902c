"""`redis`: a server that answers PING, to anybody or to who logs in."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from time import perf_counter
from typing import Any, ClassVar
from urllib.parse import urlsplit

from marshmallow import ValidationError, validates_schema

from petsage.checks.kinds._driver import driver, needs_driver
from petsage.checks.kinds._once import Once
from petsage.checks.kinds._schema import Url
from petsage.checks.kinds._server import Server, ServerSchema
from petsage.checks.kinds._text import latency_ms
from petsage.checks.kinds.redis.login import answers
from petsage.checks.kinds.redis.wire import speaks

leaves_process = True
component_type = "datastore"


@dataclass(frozen=True, kw_only=True)
class Redis(Server):
    """Holds when the server answers PING, if only by asking for a password; with a password in `url`, only by PONG.

    Logging in, and `rediss`, need the extra `redis`; what redis-py takes in a URL is taken here.
    """

    usual_port: ClassVar[int] = 6379

    async def run(self) -> Mapping[str, object]:
        """Ask, as far as the credentials reach."""
        driver = await self._driver.get() if self.url and wants_driver(self.url.reveal()) else None
        started = perf_counter()
        if driver is None or self.url is None:
            await speaks(*self.address)
        else:
            await answers(driver, self.url, self.address)
        return {"latency_ms": latency_ms(started)}

    @cached_property
    def _driver(self) -> Once[Any]:
        return Once(driver("redis.asyncio", "redis"))


def wants_driver(url: str) -> bool:
    """Tell whether a URL takes a driver: it has a password, or asks for TLS."""
    parts = urlsplit(url)
    return parts.scheme == "rediss" or parts.password is not None


class RedisSchema(ServerSchema):
    """Settings of `redis`."""

    makes = Redis

    url = Url(("redis", "rediss"))

    @validates_schema(skip_on_field_errors=True)
    def can_log_in(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse credentials that are halved, or without a driver."""
        if "url" not in data:
            return
        parts = urlsplit(data["url"].reveal())
        if parts.username and parts.password is None:
            raise ValidationError("a user without a password (write it like redis://user:password@host)", "url")
        if wants_driver(data["url"].reveal()):
            needs_driver("redis", "redis")


schema = RedisSchema()
