"""Settings: config.yml, or the same written in code, read into frozen dataclasses, with every mistake and its place.

`read(source)` gives a `ConfigDraft`. House sections are in `draft.settings`; whoever owns another section loads it with
`draft.load(path, schema)`; `draft.finish()` raises `ConfigError` with all mistakes of all sections at once.
"""

from petsage.settings.draft import ConfigDraft, read
from petsage.settings.errors import ConfigError, Mistake, suggest
from petsage.settings.model import FeatureSettings, LogSettings, ServerSettings, Settings

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
