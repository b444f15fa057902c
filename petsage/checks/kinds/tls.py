"""`tls`: a server certificate that is trusted and does not expire soon."""

import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from time import perf_counter
from typing import Any

from marshmallow import ValidationError, validates_schema

from petsage.checks.model import CheckFailed, CheckWarning, Code
from petsage.checks.sdk.connection import open_stream
from petsage.checks.sdk.errors import translate_errors
from petsage.checks.sdk.lazy import ReloadedValue
from petsage.checks.sdk.settings import FilePath, Host, KindSchema, Port
from petsage.checks.sdk.texts import elapsed_ms
from petsage.checks.sdk.tls import reloaded_context
from petsage.fields import Duration

external = True

_DAY = 86400.0


@dataclass(frozen=True, kw_only=True)
class Tls:
    """Holds when the server's own certificate is trusted, for `server_name`, and valid for `warn_below` more seconds.

    `server_name` is `host` unless given; `ca_file` replaces the system's authorities. Below `fail_below` it fails.
    """

    host: str
    port: int = 443
    server_name: str | None = None
    ca_file: Path | None = None
    warn_below: float = 30 * _DAY
    fail_below: float = 7 * _DAY

    async def run(self) -> Mapping[str, object]:
        """Complete a handshake, and read the certificate."""
        context = await self._context.get()
        started = perf_counter()
        async with open_stream(self.host, self.port) as stream:
            with translate_errors(stream.where):
                tls = await stream.start_tls(context, self.server_name or self.host)
            await stream.close_tls()
        left = _seconds_left(tls.ssl_object)
        self._compare(left)
        return {
            "days_left": round(left / _DAY, 1),
            "protocol": tls.ssl_object.version(),
            "latency_ms": elapsed_ms(started),
        }

    @cached_property
    def _context(self) -> ReloadedValue[ssl.SSLContext]:
        return reloaded_context(self.ca_file)

    def _compare(self, left: float) -> None:
        text = f"the certificate expires in {left / _DAY:.1f} days"
        if left < self.fail_below:
            raise CheckFailed(text, code=Code.THRESHOLD)
        if left < self.warn_below:
            raise CheckWarning(text, code=Code.THRESHOLD)


def _seconds_left(peer: ssl.SSLObject) -> float:
    certificate = peer.getpeercert() or {}
    return ssl.cert_time_to_seconds(str(certificate["notAfter"])) - time.time()


class TlsSchema(KindSchema):
    """Settings of `tls`."""

    check_class = Tls

    host = Host(required=True)
    port = Port()
    server_name = Host()
    ca_file = FilePath()
    warn_below = Duration()
    fail_below = Duration()

    @validates_schema
    def warns_before_failing(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse a `warn_below` that is less than `fail_below`, so that it never warns."""
        if data.get("warn_below", Tls.warn_below) >= data.get("fail_below", Tls.fail_below):
            return
        if "warn_below" in data:
            raise ValidationError("must be at least fail_below", "warn_below")
        raise ValidationError("must be at most warn_below", "fail_below")


schema = TlsSchema()
