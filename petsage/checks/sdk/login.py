"""User and password: in keys of their own, or in a URL."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from marshmallow import ValidationError, validates_schema

from petsage.checks.sdk.settings import KindSchema, Text
from petsage.checks.sdk.urls import taken_apart
from petsage.fields import SecretText
from petsage.redaction.secret import Secret

TWICE = "not beside url, which says it already"


class Login(NamedTuple):
    """Who logs in; None where nothing was said."""

    user: str | None
    password: str | None


def login_of(url: Secret | None, user: str | None, password: Secret | None) -> Login:
    """Return what the keys say, else what the URL says."""
    parts = taken_apart(url.reveal()) if url else None
    of_url = Login(parts.user, parts.password) if parts else Login(None, None)
    return Login(user or of_url.user, password.reveal() if password else of_url.password)


def has_password(data: Mapping[str, Any]) -> bool:
    """Say whether loaded settings have a password, in its key or in the URL."""
    return login_of(data.get("url"), None, data.get("password")).password is not None


def has_user(data: Mapping[str, Any]) -> bool:
    """Say whether loaded settings have a user, in the key or in the URL."""
    return login_of(data.get("url"), data.get("user"), None).user is not None


class LoginSchema(KindSchema):
    """`user` and `password`; whoever has one of them in `url` has no key for it."""

    user = Text()
    password = SecretText()

    @validates_schema(skip_on_field_errors=True)
    def said_once(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse what the URL says as well."""
        if "url" not in data:
            return
        parts = taken_apart(data["url"].reveal())
        said = {"user": parts.user, "password": parts.password}
        if twice := {name: [TWICE] for name, value in said.items() if value is not None and name in data}:
            raise ValidationError(twice)
