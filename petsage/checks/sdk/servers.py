"""Settings of servers: `host` and `port`, or `url`; `user` and `password`, as keys or in the URL."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, NamedTuple

from marshmallow import ValidationError, validates_schema

from petsage.checks.sdk.lazy import ReloadedValue
from petsage.checks.sdk.settings import Host, KindSchema, Port, Text
from petsage.checks.sdk.texts import Masker
from petsage.checks.sdk.tls import TlsOptions, TlsPolicy
from petsage.checks.sdk.urls import UrlParts, parse_url
from petsage.fields import SecretText
from petsage.redaction.secret import Secret

ALREADY_IN_URL = "not allowed with url, which already has it"
"""The mistake of a key that repeats what the URL has."""


class Login(NamedTuple):
    """A user and a password; None where none is given."""

    user: str | None
    password: str | None


@dataclass(frozen=True, kw_only=True)
class ServerCheck:
    """Base of the checks of one server; a kind adds its own settings and `run`.

    Attributes:
        default_port: The port where neither `port` nor `url` names one; each kind sets it.
        host: A name or an address, None where `url` is given.
        port: A TCP port.
        url: A URL of the server, None where `host` is given.
        user: The user, unless `url` has one.
        password: The password, unless `url` has one.
    """

    default_port: ClassVar[int]

    host: str | None = None
    port: int | None = None
    url: Secret | None = None
    user: str | None = None
    password: Secret | None = None

    @property
    def address(self) -> tuple[str, int]:
        """Host and port to connect to."""
        parts = self.url_parts
        host, port = (parts.host, parts.port) if parts else (self.host, self.port)
        return host or "localhost", port or self.default_port

    @property
    def url_parts(self) -> UrlParts | None:
        """The parts of `url`, None without one."""
        return parse_url(self.url.reveal()) if self.url else None

    @cached_property
    def login(self) -> Login:
        """User and password, from the keys or from the URL."""
        return read_login(self.url, self.user, self.password)

    @cached_property
    def masker(self) -> Masker:
        """Masker of the password, for texts from the server."""
        return Masker(self.login.password)

    @property
    def tls_options(self) -> TlsOptions | None:
        """The TLS options of the settings, None for no TLS; a kind that supports TLS overrides this."""
        return None

    async def tls_policy(self) -> TlsPolicy | None:
        """Return how this run uses TLS, with a context of the files as they are now; None for no TLS.

        Raises:
            CheckFailed: A file cannot be read or used.
        """
        if self._tls is None:
            return None
        options, context = self._tls
        return TlsPolicy(await context.get(), self.address[0], options.required)

    @cached_property
    def _tls(self) -> tuple[TlsOptions, ReloadedValue[ssl.SSLContext]] | None:
        options = self.tls_options
        return (options, options.reloaded_context()) if options else None


class ServerSchema(KindSchema):
    """`host` and `port`, or `url`; a kind adds a field `url` with its schemes."""

    host = Host()
    port = Port()

    @validates_schema
    def has_one_address(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse settings without an address, and with two."""
        if "url" not in data and "host" not in data:
            raise ValidationError("required, unless there is a url", "host")
        for name in ("host", "port"):
            if "url" in data and name in data:
                raise ValidationError(ALREADY_IN_URL, name)


class LoginSchema(KindSchema):
    """`user` and `password`; neither is allowed as a key where the URL has it."""

    user = Text()
    password = SecretText()

    @validates_schema(skip_on_field_errors=True)
    def has_one_login(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse a user or a password that the URL has as well."""
        if "url" not in data:
            return
        parts = parse_url(data["url"].reveal())
        in_url = {"user": parts.user, "password": parts.password}
        if twice := {name: [ALREADY_IN_URL] for name, value in in_url.items() if value is not None and name in data}:
            raise ValidationError(twice)


def read_login(url: Secret | None, user: str | None, password: Secret | None) -> Login:
    """Return user and password from the keys, or else from the URL."""
    parts = parse_url(url.reveal()) if url else None
    in_url = Login(parts.user, parts.password) if parts else Login(None, None)
    return Login(user or in_url.user, password.reveal() if password else in_url.password)


def has_password(data: Mapping[str, Any]) -> bool:
    """Return whether loaded settings have a password, as a key or in the URL."""
    return read_login(data.get("url"), None, data.get("password")).password is not None


def has_user(data: Mapping[str, Any]) -> bool:
    """Return whether loaded settings have a user, as a key or in the URL."""
    return read_login(data.get("url"), data.get("user"), None).user is not None
