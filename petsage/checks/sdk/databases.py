"""Settings of servers that answer queries: `database` and `query`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import ValidationError, validates_schema

from petsage.checks.sdk.servers import ALREADY_IN_URL, LoginSchema, ServerCheck, ServerSchema, has_password, has_user
from petsage.checks.sdk.settings import Text
from petsage.checks.sdk.urls import UrlParts, parse_url


@dataclass(frozen=True, kw_only=True)
class DatabaseCheck(ServerCheck):
    """Base of checks of a server that answers queries.

    Attributes:
        database: The database to log in to, unless `url` names it; None for the server's own choice.
        query: The statement to run after the login.
    """

    database: str | None = None
    query: str = "SELECT 1"

    @property
    def database_name(self) -> str | None:
        """The database, from the key or from the URL."""
        return self.database or (self.url_parts.database if self.url_parts else None)


class DatabaseSchema(ServerSchema, LoginSchema):
    """`database` and `query` of a server that answers queries; both require a user."""

    database = Text()
    query = Text()

    @validates_schema(skip_on_field_errors=True)
    def has_a_user(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse a password, a database or a query without a user."""
        if has_user(data):
            return
        if unused := [name for name in ("password", "database", "query") if name in data]:
            raise ValidationError({name: ["needs a user, in its key or in url"] for name in unused})
        if has_password(data):
            raise ValidationError("a password without a user", "url")

    @validates_schema(skip_on_field_errors=True)
    def has_one_database(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse parameters of the URL that are not supported, and a database that the URL has as well."""
        if "url" not in data:
            return
        parts = parse_url(data["url"].reveal())
        if mistake := self.find_url_mistake(parts, logs_in=has_user(data)):
            raise ValidationError(mistake, "url")
        if parts.database is not None and "database" in data:
            raise ValidationError(ALREADY_IN_URL, "database")

    def find_url_mistake(self, parts: UrlParts, *, logs_in: bool) -> str | None:  # noqa: ARG002 (kinds that override it need it)
        """Return the first mistake in the parameters of a URL, without any of their values; None when there is none.

        Every parameter is a mistake, unless a kind overrides this for those that it supports.
        """
        return next((f"{name} is not supported" for name in parts.parameters), None)
