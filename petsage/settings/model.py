"""What the house can be told: the sections of config.yml with their defaults.

Times are seconds, sizes are bytes, paths are absolute.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, NamedTuple


class ServerSettings(NamedTuple):
    """Where the server listens, how it starts and stops, and how long it waits for clients.

    `access_log` is `failures`, `all` or `none`. Of `max_connections` the descriptor limit may leave fewer.
    """

    host: str = "0.0.0.0"  # noqa: S104 (a server in a container is asked from outside)
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
    """How much is logged (`debug`, `info`, `warning`, `error`), and as what (`text`, `json`)."""

    level: str = "info"
    format: str = "text"


class FeatureSettings(NamedTuple):
    """One feature's section; `own` is what the feature's own schema made of the rest of it, None without a schema.

    Without `built_in` the feature of this name that PetSage brings is left out, and another may have its name.
    """

    enabled: bool = True
    required: bool = True
    built_in: bool = True
    own: Any = None


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All that is configured; `base` is the folder that relative paths start at."""

    server: ServerSettings = field(default_factory=ServerSettings)
    log: LogSettings = field(default_factory=LogSettings)
    feature_paths: tuple[Path, ...] = field(default_factory=lambda: (Path.cwd() / "features",))
    features: Mapping[str, FeatureSettings] = field(default_factory=lambda: MappingProxyType({}))
    base: Path = field(default_factory=Path.cwd)

    def feature(self, name: str) -> FeatureSettings:
        """Return the section of a feature, the defaults where it has none."""
        return self.features.get(name, FeatureSettings())
