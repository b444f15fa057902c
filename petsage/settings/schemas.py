"""The schemas of the house's own sections; what they do not say is said by the dataclasses' defaults."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from marshmallow import EXCLUDE, RAISE, Schema, ValidationError, fields, post_dump, post_load, validate

from petsage.fields import Duration, Size
from petsage.settings.model import FeatureSettings, LogSettings, ServerSettings

_LONGER_THAN_NOTHING = validate.Range(min=0, min_inclusive=False, error="must be longer than 0s")
_A_BYTE = validate.Range(1, error="must be at least one byte (0 would not mean that there is no limit)")
_NOT_EMPTY = validate.Length(min=1, error="must not be empty")


class Flag(fields.Boolean):
    """Strictly `true` or `false`."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> bool:  # noqa: ARG002 (marshmallow's signature)
        if not isinstance(value, bool):
            raise self.make_error("invalid")
        return value


class PathText(fields.Field[Path]):
    """A path as it is written, relative ones stay so; in code also a `pathlib.Path`."""

    default_error_messages = {"invalid": "Not a valid string."}  # noqa: RUF012 (marshmallow's own attribute)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:  # noqa: ARG002 (marshmallow's signature)
        return None if value is None else str(value)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Path:  # noqa: ARG002 (marshmallow's signature)
        if not isinstance(value, str | os.PathLike):
            raise self.make_error("invalid")
        if not is_path(value):
            raise ValidationError("not a path" if value else "must not be empty")
        return Path(value)


def is_path(value: Any) -> bool:
    """Say whether a value can be handed to the system as a path."""
    try:
        return b"\0" not in (os.fsencode(value) or b"\0")
    except (TypeError, ValueError):
        return False


def one_of(*words: str) -> validate.OneOf:
    """Accept these words."""
    return validate.OneOf(words, error="must be one of {choices}")


class SharedSchema(Schema):
    """The top of config.yml, less `server` and `log`, which are loaded on their own."""

    class Meta(Schema.Meta):
        unknown = RAISE

    feature_paths = fields.List(PathText())
    features = fields.Dict(allow_none=True)
    checks = fields.Dict(allow_none=True)


class ServerSchema(Schema):
    """`server`."""

    class Meta(Schema.Meta):
        unknown = RAISE

    host = fields.String(validate=_NOT_EMPTY)
    port = fields.Integer(strict=True, validate=validate.Range(0, 65535, error="must be between {min} and {max}"))
    unix_socket = PathText(allow_none=True)
    drain = Duration()
    shutdown = Duration()
    start_timeout = Duration()
    max_body = Size(validate=_A_BYTE)
    access_log = fields.String(validate=one_of("failures", "all", "none"))
    header_timeout = Duration(validate=_LONGER_THAN_NOTHING)
    body_timeout = Duration(validate=_LONGER_THAN_NOTHING)
    idle_timeout = Duration(validate=_LONGER_THAN_NOTHING)
    send_timeout = Duration(validate=_LONGER_THAN_NOTHING)
    max_connections = fields.Integer(
        strict=True, validate=validate.Range(1, 1_000_000, error="must be between {min} and {max}")
    )

    @post_load
    def _settings(self, data: dict[str, Any], **_: Any) -> ServerSettings:
        return ServerSettings(**data)


class LogSchema(Schema):
    """`log`."""

    class Meta(Schema.Meta):
        unknown = RAISE

    level = fields.String(validate=one_of("debug", "info", "warning", "error"))
    format = fields.String(validate=one_of("text", "json"))

    @post_load
    def _settings(self, data: dict[str, Any], **_: Any) -> LogSettings:
        return LogSettings(**data)


class FeatureSchema(Schema):
    """What the house reads of `features.NAME`; the rest belongs to the feature's own schema."""

    class Meta(Schema.Meta):
        unknown = RAISE

    enabled = Flag()
    required = Flag()
    built_in = Flag()

    @post_load
    def _settings(self, data: dict[str, Any], **_: Any) -> FeatureSettings:
        return FeatureSettings(**data)

    @post_dump
    def _shown(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Leave out what most features have no use for, having no namesake that is built in."""
        return {key: value for key, value in data.items() if key != "built_in" or value is False}


SHARED = SharedSchema()
SERVER = ServerSchema()
LOG = LogSchema()
FEATURE = FeatureSchema()
CHECK = Schema(unknown=EXCLUDE)
