"""Reading a configuration: a draft that sections are loaded from, and that collects every mistake."""

import os
from collections.abc import Collection, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from marshmallow import Schema, ValidationError

from petsage.redaction import filled_from_files
from petsage.settings import schemas
from petsage.settings.document import UNUSABLE, ConfigDocument, content_of_code
from petsage.settings.errors import ConfigError, KeyPath, Mistake
from petsage.settings.files import folder_problem, reason
from petsage.settings.model import FeatureSettings, LogSettings, ServerSettings, Settings
from petsage.settings.schemas import is_path

MAX_SOCKET_PATH = 107  # sun_path of unix(7) is 108 bytes with the final NUL


def read(source: Path | Mapping[str, Any] | None) -> "ConfigDraft":
    """Read a file, a mapping written in code, or nothing but defaults.

    Relative paths start at the file's folder, else at the working directory. Raises `ConfigError` at once only where
    the file cannot be read or is no YAML mapping; all other mistakes are kept until `Draft.finish()`.
    """
    if isinstance(source, str | os.PathLike):
        from petsage.settings.reader import content_of_file  # noqa: PLC0415 (loads PyYAML, which defaults do without)

        return ConfigDraft(content_of_file(Path(source)))
    try:
        base = Path.cwd()
    except OSError as error:
        raise ConfigError([Mistake(text=f"the working directory cannot be used ({reason(error)})")]) from error
    return ConfigDraft(content_of_code(source or {}, base))


class ConfigDraft:
    """A configuration being checked; where a house section is in error its defaults stand in `settings`."""

    def __init__(self, content: ConfigDocument) -> None:
        self._content = content
        self._problems: dict[Mistake, None] = dict.fromkeys(content.mistakes)
        self.settings = self._house()

    @property
    def secrets(self) -> frozenset[KeyPath]:
        """Paths of the values that came, in part at least, from a `${file:…}`."""
        return frozenset(self._content.secrets)

    def raw(self, path: KeyPath) -> Any:
        """Return what was written at a path, interpolated and typed; `{}` where nothing was."""
        return self._content.at(path)

    def names(self, section: str) -> tuple[str, ...]:
        """Return the keys present in a top-level section, in order."""
        found = self._content.at((section,))
        return tuple(found) if isinstance(found, dict) else ()

    def load(self, path: KeyPath, schema: Schema, without: Collection[str] = ()) -> Any | None:
        """Load a section, absent as `{}`, less the keys `without`; on mistakes, which are kept, return None."""
        section = self._content.at(path)
        if section is UNUSABLE or self._content.is_broken(path):
            return None
        if isinstance(section, dict):
            section = {key: value for key, value in section.items() if key not in without}
        loaded = self._loaded({} if section is None else section, path, schema, without)
        return None if self._content.holds_broken(path, without) else loaded

    def problem(self, path: KeyPath, text: str) -> None:
        """Add a mistake at a key's place."""
        self._problems[self._content.problem(path, text)] = None

    def finish(self) -> None:
        """Raise `ConfigError` if there are mistakes."""
        if self._problems:
            raise ConfigError(self._problems)

    def _loaded(self, section: Any, path: KeyPath, schema: Schema, also_known: Collection[str]) -> Any | None:
        try:
            with filled_from_files(self._content.file_texts):
                return schema.load(section)
        except ValidationError as error:
            from petsage.settings.messages import mistakes  # noqa: PLC0415 (only a mistake needs it)

            for place, text in mistakes(error, path, schema, also_known, self._content):
                self.problem(place, text)
        except (Exception, SystemExit) as error:  # noqa: BLE001 (a feature's schema may; its text may hold a secret)
            if not self._content.holds_broken(path, also_known):
                self.problem(path, f"cannot be checked: {type(schema).__name__} raised {type(error).__name__}")
        return None

    def _house(self) -> Settings:
        self.load((), schemas.SHARED, without={"server", "log"})
        for name in self.names("checks"):
            self.load(("checks", name), schemas.CHECK)
        return Settings(
            server=self._server(),
            log=self.load(("log",), schemas.LOG) or LogSettings(),
            feature_paths=self._feature_paths(),
            features=MappingProxyType({name: self._feature(name) for name in self.names("features")}),
            base=self._content.base,
        )

    def _server(self) -> ServerSettings:
        server: ServerSettings = self.load(("server",), schemas.SERVER) or ServerSettings()
        if server.unix_socket is None:
            return server
        socket = self._content.base / server.unix_socket
        if len(os.fsencode(socket)) > MAX_SOCKET_PATH:
            self.problem(("server", "unix_socket"), f"longer than {MAX_SOCKET_PATH} bytes as an absolute path")
        return server._replace(unix_socket=socket)

    def _feature(self, name: str) -> FeatureSettings:
        written = self._content.at(("features", name))
        own = set(written).difference(schemas.FEATURE.fields) if isinstance(written, dict) else ()
        return self.load(("features", name), schemas.FEATURE, without=own) or FeatureSettings()

    def _feature_paths(self) -> tuple[Path, ...]:
        written = self._content.data.get("feature_paths", ["features"])
        if not isinstance(written, list):
            return (self._content.base / "features",)
        paths = ((index, self._content.base / path) for index, path in enumerate(written) if is_path(path))
        return tuple(path for index, path in paths if self._is_usable(path, index))

    def _is_usable(self, folder: Path, index: int) -> bool:
        if problem := folder_problem(folder):
            self.problem(("feature_paths", index), problem)
        return not problem
