"""Servers that are named by host and port, or by a URL."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from marshmallow import ValidationError, validates_schema

from petsage.checks.sdk.settings import Host, KindSchema, Port
from petsage.checks.sdk.urls import Parts, taken_apart
from petsage.redaction.secret import Secret


@dataclass(frozen=True, kw_only=True)
class Server:
    """Where a server is: `host`, with `port` or the usual one, or `url`."""

    usual_port: ClassVar[int]

    host: str | None = None
    port: int | None = None
    url: Secret | None = None

    @property
    def address(self) -> tuple[str, int]:
        """Host and port to connect to."""
        parts = self.parts
        host, port = (parts.host, parts.port) if parts else (self.host, self.port)
        return host or "localhost", port or self.usual_port

    @property
    def parts(self) -> Parts | None:
        """The parts of `url`, None without one."""
        return taken_apart(self.url.reveal()) if self.url else None


class ServerSchema(KindSchema):
    """`host` and `port`, or `url`; a kind adds its `url` with the schemes it knows."""

    host = Host()
    port = Port()

    @validates_schema
    def one_place(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse no place and two places."""
        if "url" not in data and "host" not in data:
            raise ValidationError("required, unless there is a url", "host")
        for name in ("host", "port"):
            if "url" in data and name in data:
                raise ValidationError("not beside url, which says it already", name)
