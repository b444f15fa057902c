"""The schema that a kind derives from, and fields for its settings."""

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any, ClassVar

from marshmallow import RAISE, Schema, ValidationError, fields, post_load, validate

from petsage.checks.sdk.urls import UnencodedUrlError, UrlError, is_host, mask_password, parse_url
from petsage.fields import SecretText
from petsage.redaction import secret_parts


class KindSchema(Schema):
    """Base of a kind's settings; loads to its check. Settings that the schema does not have are mistakes.

    Attributes:
        check_class: The class of the check, called with the loaded settings as keyword arguments. A setting that is not
            given is not passed, so that the class has the defaults.
    """

    check_class: ClassVar[Callable[..., Any]]

    class Meta(Schema.Meta):
        """Options of the schema."""

        unknown = RAISE

    @post_load
    def build(self, data: Mapping[str, Any], **_: Any) -> Any:
        """Return the check."""
        return type(self).check_class(**data)


class Text(fields.String):
    """A text that is not empty."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=validate.Length(min=1, error="must not be empty"), **kwargs)


class Host(Text):
    """The name or the address of a host; anything else is refused, since the text is sent to a name server."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        host = super()._deserialize(value, attr, data, **kwargs)
        if host and not is_host(host):
            raise ValidationError("not the name or the address of a host")
        return host


class TextList(fields.Field[tuple[str, ...]]):
    """A list of at least one text; loads to a tuple."""

    default_error_messages = {"invalid": "not a list of texts"}  # noqa: RUF012 (marshmallow's own attribute)

    def parse_item(self, text: str) -> str:
        """Return one item as it is loaded; raise `ValueError` for an invalid one. A subclass overrides this."""
        return text

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> list[str] | None:  # noqa: ARG002 (marshmallow's signature)
        return None if value is None else list(value)

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> tuple[str, ...]:
        if not isinstance(value, list) or not value or not all(isinstance(text, str) for text in value):
            raise self.make_error("invalid")
        try:
            return tuple(self.parse_item(text) for text in value)
        except ValueError:
            raise self.make_error("invalid") from None


class Port(fields.Integer):
    """A TCP port, from 1 to 65535."""

    def __init__(self, **kwargs: Any) -> None:
        within = validate.Range(1, 65535, error="must be between 1 and 65535")
        super().__init__(strict=True, validate=within, **kwargs)


class FilePath(fields.Field[Path]):
    """A path; loads as written. In a field of the check it is resolved against the folder of `config.yml`."""

    default_error_messages = {"invalid": "not a path"}  # noqa: RUF012 (marshmallow's own attribute)

    def _serialize(self, value: Path | None, attr: str | None, obj: Any, **kwargs: Any) -> str | None:  # noqa: ARG002 (marshmallow's signature)
        return None if value is None else str(value)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Path:  # noqa: ARG002 (marshmallow's signature)
        if not isinstance(value, str) or not value or "\0" in value:
            raise self.make_error("invalid")
        return Path(value)


class Url(SecretText):
    """A URL of one server; loads to a `Secret`, since it may have a password, and dumps with the password masked.

    Arguments:
        schemes: The schemes that are allowed; the first one is in the example of the error.
        drivers: Whether a scheme may name a driver, which is ignored, as in SQLAlchemy: `postgresql+asyncpg`.
    """

    def __init__(self, schemes: Collection[str], *, drivers: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._schemes = schemes
        self._drivers = drivers

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:  # noqa: ARG002 (marshmallow's signature)
        return None if value is None else mask_password(value.reveal())

    def secret_parts(self, text: str) -> tuple[str, ...]:
        """Return the password of the URL, and its other secret parts."""
        return secret_parts(text)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        secret = super()._deserialize(value, attr, data, **kwargs)
        example = f"write it like {next(iter(self._schemes))}://host"
        try:
            parts = parse_url(secret.reveal())
        except UnencodedUrlError as error:
            raise ValidationError(str(error)) from None
        except UrlError:
            raise ValidationError(f"not a url of one server ({example})") from None
        if (parts.protocol if self._drivers else parts.scheme) not in self._schemes:
            raise ValidationError(f"the scheme must be one of {', '.join(self._schemes)} ({example})")
        return secret
