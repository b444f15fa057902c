"""Settings: config.yml, or the same written in code, read into frozen dataclasses, with every mistake and its place.

`read(source)` gives a `Draft`. House sections are in `draft.settings`; whoever owns another section loads it with
`draft.load(path, schema)`; `draft.finish()` raises `ConfigInvalid` with all mistakes of all sections at once.
"""

from petsage.settings.draft import Draft, read
from petsage.settings.errors import ConfigInvalid, Problem, suggest
from petsage.settings.model import FeatureSettings, LogSettings, ServerSettings, Settings

__all__ = [
    "ConfigInvalid",
    "Draft",
    "FeatureSettings",
    "LogSettings",
    "Problem",
    "ServerSettings",
    "Settings",
    "read",
    "suggest",
]
