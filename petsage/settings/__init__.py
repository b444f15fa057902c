"""Settings: a config.yml, or the same as a mapping in code, read into frozen values, with every mistake and its place.

`read(source)` returns a `ConfigDraft`. PetSage's own sections are in `draft.settings`; the owner of another section
loads it with `draft.load(path, schema)`; `draft.finish()` raises `ConfigError` with all mistakes of all sections.
"""

from petsage.settings.draft import ConfigDraft, read
from petsage.settings.errors import ConfigError, Mistake, suggest
from petsage.settings.schemas import FeatureSettings, LogSettings, ServerSettings, Settings

__all__ = [
    "ConfigDraft",
    "ConfigError",
    "FeatureSettings",
    "LogSettings",
    "Mistake",
    "ServerSettings",
    "Settings",
    "read",
    "suggest",
]
