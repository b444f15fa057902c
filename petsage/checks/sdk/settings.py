"""What the settings of kinds are made of."""

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any, ClassVar

from marshmallow import RAISE, Schema, ValidationError, fields, post_load, validate

from petsage.checks.sdk.urls import UrlError, is_host, mask_password, parse_url
from petsage.fields import SecretText
from petsage.redaction import secret_parts


class KindSchema(Schema):
    """Settings of one kind; loads to what `makes` builds of them, whose defaults stand for what is left out."""

    makes: ClassVar[Callable[..., Any]]

    class Meta(Schema.Meta):
        """Unknown settings are mistakes."""

        unknown = RAISE

    @post_load
    def make(self, data: Mapping[str, Any], **_: Any) -> Any:
        """Build the check."""
        return type(self).makes(**data)


class Text(fields.String):
    """A text that is not empty."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=validate.Length(min=1, error="must not be empty"), **kwargs)


class Host(Text):
    """The name or the address of a host, and nothing else: it becomes a question to a name server."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        host = super()._deserialize(value, attr, data, **kwargs)
        if host and not is_host(host):
            raise ValidationError("not the name or the address of a host")
        return host


class TextList(fields.Field[tuple[str, ...]]):
    """A list of at least one text; loads to a tuple. What `text` refuses by ValueError is invalid."""

    default_error_messages = {"invalid": "not a list of texts"}  # noqa: RUF012 (marshmallow's own attribute)

    def text(self, value: str) -> str:
        """Return one of the texts as it is to be loaded."""
        return value

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> list[str] | None:  # noqa: ARG002 (marshmallow's signature)
        return None if value is None else list(value)

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> tuple[str, ...]:
        if not isinstance(value, list) or not value or not all(isinstance(text, str) for text in value):
            raise self.make_error("invalid")
        try:
            return tuple(self.text(text) for text in value)
        except ValueError:
            raise self.make_error("invalid") from None


class Port(fields.Integer):
    """A TCP port."""

    def __init__(self, **kwargs: Any) -> None:
        within = validate.Range(1, 65535, error="must be between 1 and 65535")
        super().__init__(strict=True, validate=within, **kwargs)


class FilePath(fields.Field[Path]):
    """A path; loads as written, `anchored` makes it start at the folder of `config.yml`."""

    default_error_messages = {"invalid": "not a path"}  # noqa: RUF012 (marshmallow's own attribute)

    def _serialize(self, value: Path | None, attr: str | None, obj: Any, **kwargs: Any) -> str | None:  # noqa: ARG002 (marshmallow's signature)
        return None if value is None else str(value)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Path:  # noqa: ARG002 (marshmallow's signature)
        if not isinstance(value, str) or not value or "\0" in value:
            raise self.make_error("invalid")
        return Path(value)


class Url(SecretText):
    """A URL of one of the schemes; loads to a `Secret`, since it may hold a password, which dumps as a mask.

    With `drivers`, a scheme may name one, as SQLAlchemy writes it: `postgresql+asyncpg`.
    """

    def __init__(self, schemes: Collection[str], *, drivers: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._schemes = schemes
        self._drivers = drivers

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:  # noqa: ARG002 (marshmallow's signature)
        return None if value is None else mask_password(value.reveal())

    def secret_parts(self, text: str) -> tuple[str, ...]:
        """Return the password of the URL, and what else in it is secret."""
        return secret_parts(text)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        secret = super()._deserialize(value, attr, data, **kwargs)
        example = f"write it like {next(iter(self._schemes))}://host"
        try:
            parts = parse_url(secret.reveal())
        except UrlError as error:
            raise ValidationError(str(error) if "@" in str(error) else f"not a url of one server ({example})") from None
        if (parts.protocol if self._drivers else parts.scheme) not in self._schemes:
            raise ValidationError(f"the scheme must be one of {', '.join(self._schemes)} ({example})")
        return secret
