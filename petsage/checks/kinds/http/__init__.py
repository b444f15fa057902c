"""`http`: an HTTP request whose response is as expected; redirects are not followed."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema
from yarl import URL

from petsage.checks.kinds.http.check import Http
from petsage.checks.kinds.http.status import StatusCodes
from petsage.checks.sdk.servers import LoginSchema, has_password, has_user
from petsage.checks.sdk.settings import FilePath, Text, Url
from petsage.checks.sdk.urls import strip_login
from petsage.fields import Duration, SecretText
from petsage.redaction.secret import Secret

__all__ = ["Http", "HttpSchema", "external", "schema"]

external = True


def _is_one_line(value: Secret) -> None:
    if not value.reveal().isprintable():
        raise ValidationError("must be one line of printable characters")


class HttpSchema(LoginSchema):
    """Settings of `http`; the values of headers are secrets, since one of them may be `Authorization`."""

    check_class = Http

    url = Url(("http", "https"), required=True)
    method = fields.String(validate=validate.Regexp(r"[A-Z]+\Z", error="not a method (write it like GET or POST)"))
    headers = fields.Dict(
        keys=fields.String(validate=validate.Regexp(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z", error="not a header's name")),
        values=SecretText(validate=_is_one_line),
    )
    body = fields.String()
    status = StatusCodes()
    contains = Text()
    json = fields.Dict(keys=Text(), values=fields.Raw(allow_none=True))
    warn_above = Duration()
    verify = fields.Boolean(truthy={True}, falsy={False})
    ca_file = FilePath()

    @validates_schema
    def verifies_by_ca_file(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse `ca_file` beside `verify: false`."""
        if "ca_file" in data and not data.get("verify", True):
            raise ValidationError("not allowed with verify: false, which verifies no certificate", "ca_file")

    @validates_schema(skip_on_field_errors=True)
    def has_one_authorization(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse a user with a colon (RFC 7617), and a login beside an `Authorization` header."""
        if ":" in (data.get("user") or ""):
            raise ValidationError("must not have a ':' in it: that ends the user's name", "user")
        has_header = any(name.lower() == "authorization" for name in data.get("headers", ()))
        if has_header and (has_user(data) or has_password(data)):
            raise ValidationError({"headers": {"Authorization": ["not allowed with user and password"]}})

    @validates_schema(skip_on_field_errors=True)
    def has_a_usable_url(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse a URL that aiohttp cannot request."""
        try:
            url = URL(strip_login(data["url"].reveal()))
        except (ValueError, TypeError):
            raise ValidationError("not a url of one server (write it like http://host)", "url") from None
        if not url.host:
            raise ValidationError("not a url of one server (write it like http://host)", "url")


schema = HttpSchema()
