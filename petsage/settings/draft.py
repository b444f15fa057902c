"""A configuration while it is checked: its sections are loaded from it, and it collects every mistake."""

import os
from collections.abc import Collection, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from marshmallow import Schema, ValidationError

from petsage.fields import is_path
from petsage.redaction import filled_from_files
from petsage.settings import schemas
from petsage.settings.document import UNUSABLE, ConfigDocument, read_mapping
from petsage.settings.errors import ConfigError, KeyPath, Mistake
from petsage.settings.files import os_reason, why_not_listable
from petsage.settings.schemas import FEATURE_KEYS, FeatureSettings, LogSettings, ServerSettings, Settings
from petsage.untrusted import class_name, is_raised_by_signal

MAX_SOCKET_PATH = 107  # sun_path of unix(7) is 108 bytes with the final NUL


def read(source: Path | Mapping[str, Any] | None) -> "ConfigDraft":
    """Read a file, a mapping written in code, or, for None, nothing but defaults.

    Relative paths start at the file's folder, otherwise at the working directory. Raises `ConfigError` at once where
    the file cannot be read or is not a YAML mapping; `ConfigDraft.finish()` raises it for all other mistakes.
    """
    if isinstance(source, str | os.PathLike):
        from petsage.settings.reader import read_file  # noqa: PLC0415 (loads PyYAML, which defaults do not need)

        return ConfigDraft(read_file(Path(source)))
    try:
        base = Path.cwd()
    except OSError as error:
        raise ConfigError([Mistake(text=f"the working directory cannot be used ({os_reason(error)})")]) from error
    return ConfigDraft(read_mapping(source or {}, base))


class ConfigDraft:
    """A configuration while it is checked. `settings` has the defaults of every section that has a mistake."""

    def __init__(self, document: ConfigDocument) -> None:
        self._document = document
        self._mistakes: dict[Mistake, None] = dict.fromkeys(document.mistakes)
        self.settings = self._load_settings()

    @property
    def secrets(self) -> frozenset[KeyPath]:
        """The paths of the values that came, in part at least, from a `${file:…}`."""
        return frozenset(self._document.secrets)

    def raw(self, path: KeyPath) -> Any:
        """Return the value at a path, interpolated and typed; `{}` where there is none."""
        return self._document.at(path)

    def names(self, section: str) -> tuple[str, ...]:
        """Return the keys of a top-level section, in order."""
        value = self._document.at((section,))
        return tuple(value) if isinstance(value, dict) else ()

    def load(self, path: KeyPath, schema: Schema, without: Collection[str] = ()) -> Any | None:
        """Load a section, `{}` where it is absent, apart from the keys `without`.

        Returns None where it has mistakes, which are kept for `finish()`.
        """
        section = self._document.at(path)
        if section is UNUSABLE or self._document.is_unusable(path):
            return None
        if isinstance(section, dict):
            section = {key: value for key, value in section.items() if key not in without}
        loaded = self._loaded({} if section is None else section, path, schema, without)
        return None if self._document.contains_unusable(path, without) else loaded

    def add_mistake(self, path: KeyPath, text: str) -> None:
        """Add a mistake at a key."""
        self._mistakes[self._document.mistake(path, text)] = None

    def finish(self) -> None:
        """Raise `ConfigError` if there are mistakes."""
        if self._mistakes:
            raise ConfigError(self._mistakes)

    def _loaded(self, section: Any, path: KeyPath, schema: Schema, also_known: Collection[str]) -> Any | None:
        try:
            with filled_from_files(self._document.file_texts):
                return schema.load(section)
        except ValidationError as error:
            from petsage.settings.messages import mistakes  # noqa: PLC0415 (only a mistake needs it)

            for place, text in mistakes(error, path, schema, also_known, self._document):
                self.add_mistake(place, text)
        except BaseException as error:  # the schema of a feature may raise anything; the text may hold a secret
            if is_raised_by_signal(error):
                raise
            if not self._document.contains_unusable(path, also_known):
                self.add_mistake(path, f"cannot be checked: {class_name(schema)} raised {class_name(error)}")
        return None

    def _load_settings(self) -> Settings:
        self.load((), schemas.TOP, without={"server", "log"})
        for name in self.names("checks"):
            self.load(("checks", name), schemas.CHECK)
        return Settings(
            server=self._server(),
            log=self.load(("log",), schemas.LOG) or LogSettings(),
            feature_paths=self._feature_paths(),
            features=MappingProxyType({name: self._feature(name) for name in self.names("features")}),
            base=self._document.base,
        )

    def _server(self) -> ServerSettings:
        server: ServerSettings = self.load(("server",), schemas.SERVER) or ServerSettings()
        if server.unix_socket is None:
            return server
        socket = self._document.base / server.unix_socket
        if len(os.fsencode(socket)) > MAX_SOCKET_PATH:
            self.add_mistake(("server", "unix_socket"), f"longer than {MAX_SOCKET_PATH} bytes as an absolute path")
        return server._replace(unix_socket=socket)

    def _feature(self, name: str) -> FeatureSettings:
        section = self._document.at(("features", name))
        own_keys = set(section) - FEATURE_KEYS if isinstance(section, dict) else ()
        return self.load(("features", name), schemas.FEATURE, without=own_keys) or FeatureSettings()

    def _feature_paths(self) -> tuple[Path, ...]:
        section = self._document.data.get("feature_paths", ["features"])
        if not isinstance(section, list):
            return (self._document.base / "features",)
        paths = ((index, self._document.base / path) for index, path in enumerate(section) if is_path(path))
        return tuple(path for index, path in paths if self._is_listable(path, index))

    def _is_listable(self, folder: Path, index: int) -> bool:
        if reason := why_not_listable(folder):
            self.add_mistake(("feature_paths", index), reason)
        return not reason
