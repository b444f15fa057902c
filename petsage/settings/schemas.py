"""PetSage's own sections of config.yml: frozen values with their defaults, and the schemas that load them.

Times are in seconds, sizes in bytes, paths absolute once they are loaded. A schema loads only what is written; the
defaults are those of the values. A new setting is a line in a value and a line in its schema.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from marshmallow import EXCLUDE, RAISE, Schema, fields, post_dump, post_load, validate

from petsage.fields import LONGER_THAN_ZERO, Duration, Flag, PathText, Size

_A_BYTE = validate.Range(1, error="must be at least one byte (0 would not mean that there is no limit)")
_NOT_EMPTY = validate.Length(min=1, error="must not be empty")


class ServerSettings(NamedTuple):
    """`server`: the address, the times of start and stop, and the limits for clients.

    `access_log` is `failures`, `all` or `none`. Where the limit of descriptors is low, fewer than `max_connections`
    are accepted.
    """

    host: str = "0.0.0.0"  # noqa: S104 (a server in a container gets requests from outside)
    port: int = 8080
    unix_socket: Path | None = None
    drain: float = 3.0
    shutdown: float = 5.0
    start_timeout: float = 30.0
    max_body: int = 1024 * 1024
    access_log: Literal["failures", "all", "none"] = "failures"
    header_timeout: float = 20.0
    body_timeout: float = 20.0
    idle_timeout: float = 75.0
    send_timeout: float = 60.0
    max_connections: int = 1000


class LogSettings(NamedTuple):
    """`log`: the level (`debug`, `info`, `warning`, `error`) and the format (`text`, `json`)."""

    level: str = "info"
    format: str = "text"


class FeatureSettings(NamedTuple):
    """`features.NAME`: the keys that all features share, and `own`, loaded by the feature's schema from the other keys.

    `own` is None for a feature without a schema. With `built_in` false the feature of this name that is part of
    PetSage is not loaded, and another one can have its name.
    """

    enabled: bool = True
    required: bool = True
    built_in: bool = True
    own: Any = None


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All settings; `base` is the folder that relative paths start at."""

    server: ServerSettings = field(default_factory=ServerSettings)
    log: LogSettings = field(default_factory=LogSettings)
    feature_paths: tuple[Path, ...] = field(default_factory=lambda: (Path.cwd() / "features",))
    features: Mapping[str, FeatureSettings] = field(default_factory=lambda: MappingProxyType({}))
    base: Path = field(default_factory=Path.cwd)

    def feature(self, name: str) -> FeatureSettings:
        """Return the section of a feature, or the defaults where it has none."""
        return self.features.get(name, FeatureSettings())


def _one_of(*words: str) -> validate.OneOf:
    return validate.OneOf(words, error="must be one of {choices}")


class TopSchema(Schema):
    """The top level of config.yml without `server` and `log`, which have schemas of their own."""

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
    access_log = fields.String(validate=_one_of("failures", "all", "none"))
    header_timeout = Duration(validate=LONGER_THAN_ZERO)
    body_timeout = Duration(validate=LONGER_THAN_ZERO)
    idle_timeout = Duration(validate=LONGER_THAN_ZERO)
    send_timeout = Duration(validate=LONGER_THAN_ZERO)
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

    level = fields.String(validate=_one_of("debug", "info", "warning", "error"))
    format = fields.String(validate=_one_of("text", "json"))

    @post_load
    def _settings(self, data: dict[str, Any], **_: Any) -> LogSettings:
        return LogSettings(**data)


class FeatureSchema(Schema):
    """The keys of `features.NAME` that all features share; the other keys are loaded by the feature's own schema."""

    class Meta(Schema.Meta):
        unknown = RAISE

    enabled = Flag()
    required = Flag()
    built_in = Flag()

    @post_load
    def _settings(self, data: dict[str, Any], **_: Any) -> FeatureSettings:
        return FeatureSettings(**data)

    @post_dump
    def _without_default(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Leave out `built_in: true`: it has a meaning only for the names of built-in features."""
        return {key: value for key, value in data.items() if key != "built_in" or value is False}


TOP = TopSchema()
SERVER = ServerSchema()
LOG = LogSchema()
FEATURE = FeatureSchema()
CHECK = Schema(unknown=EXCLUDE)

FEATURE_KEYS = frozenset(FEATURE.fields)
"""The keys that every section `features.NAME` may have; a feature cannot have settings of these names."""
