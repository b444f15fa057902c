"""Settings of servers: host and port, or a URL; user and password, in keys of their own or in the URL."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

from marshmallow import ValidationError, validates_schema

from petsage.checks.sdk.settings import Host, KindSchema, Port, Text
from petsage.checks.sdk.urls import UrlParts, parse_url
from petsage.fields import SecretText
from petsage.redaction.secret import Secret


@dataclass(frozen=True, kw_only=True)
class ServerCheck:
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
    def parts(self) -> UrlParts | None:
        """The parts of `url`, None without one."""
        return parse_url(self.url.reveal()) if self.url else None


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


ALREADY_IN_URL = "not beside url, which says it already"


class Login(NamedTuple):
    """Who logs in; None where nothing was said."""

    user: str | None
    password: str | None


def read_login(url: Secret | None, user: str | None, password: Secret | None) -> Login:
    """Return what the keys say, else what the URL says."""
    parts = parse_url(url.reveal()) if url else None
    of_url = Login(parts.user, parts.password) if parts else Login(None, None)
    return Login(user or of_url.user, password.reveal() if password else of_url.password)


def has_password(data: Mapping[str, Any]) -> bool:
    """Say whether loaded settings have a password, in its key or in the URL."""
    return read_login(data.get("url"), None, data.get("password")).password is not None


def has_user(data: Mapping[str, Any]) -> bool:
    """Say whether loaded settings have a user, in the key or in the URL."""
    return read_login(data.get("url"), data.get("user"), None).user is not None


class LoginSchema(KindSchema):
    """`user` and `password`; whoever has one of them in `url` has no key for it."""

    user = Text()
    password = SecretText()

    @validates_schema(skip_on_field_errors=True)
    def said_once(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse what the URL says as well."""
        if "url" not in data:
            return
        parts = parse_url(data["url"].reveal())
        said = {"user": parts.user, "password": parts.password}
        if twice := {name: [ALREADY_IN_URL] for name, value in said.items() if value is not None and name in data}:
            raise ValidationError(twice)
