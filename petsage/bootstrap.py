"""From a configuration to the Core of an application, with every mistake of every section reported at once."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from marshmallow import Schema

from petsage.checks import CheckSpec
from petsage.core.container import CheckOverrides, Core
from petsage.fields import is_path
from petsage.runtime.loader import Feature, discover
from petsage.settings import ConfigDraft, FeatureSettings, read, suggest
from petsage.settings.schemas import FEATURE_KEYS

DEFAULT_FOLDER = "features"
"""The folder of features beside the configuration, which may be missing."""


def load_core(source: Path | Mapping[str, Any] | None = None, *, folders_may_be_missing: bool = False) -> Core:
    """Read the configuration, import the features it enables, and check their sections.

    `source` is a `config.yml`, the same written as a mapping, or None for the defaults. Raise `ConfigError` with all
    mistakes; a feature that cannot be imported is left to the inventory, and its section unchecked. A folder of
    `feature_paths` that is missing is a mistake, unless it is the default, or whoever calls is about to make it.
    """
    draft = read(source)
    if not folders_may_be_missing:
        _find_missing_folders(draft)
    features = discover(draft.settings)
    sections = {name: _section(draft, name, features) for name in draft.names("features")}
    for feature in features:
        if feature.name not in sections:
            sections[feature.name] = _section(draft, feature.name, features)
    specs, tunings = _checks(draft, [feature.name for feature in features])
    draft.finish()
    settings = replace(draft.settings, features=sections)
    return Core(settings=settings, features=features, specs=specs, tunings=tunings)


def _find_missing_folders(draft: ConfigDraft) -> None:
    written = draft.raw(("feature_paths",))
    default = draft.settings.base / DEFAULT_FOLDER
    for index, path in enumerate(written) if isinstance(written, list) else ():
        folder = draft.settings.base / path if is_path(path) else default
        if folder != default and _is_missing(folder):
            draft.add_mistake(("feature_paths", index), "no such folder")


def _is_missing(folder: Path) -> bool:
    try:
        folder.stat()
    except FileNotFoundError:
        return True
    except OSError:  # a mistake that the draft has named already
        return False
    return False


def _checks(draft: ConfigDraft, features: list[str]) -> tuple[tuple[CheckSpec, ...], CheckOverrides]:
    if not draft.names("checks"):
        return (), {}
    from petsage.core.declared_checks import declared_checks  # noqa: PLC0415 (kinds are imported by those who name one)

    return declared_checks(draft, features)


def _section(draft: ConfigDraft, name: str, features: Iterable[Feature]) -> FeatureSettings:
    """Check one section by the schema of the feature that bears its name."""
    house = draft.settings.feature(name)
    named = (feature for feature in features if feature.name == name)
    feature = max(named, key=lambda feature: feature.enabled, default=None)
    if feature is None:
        known = [feature.name for feature in features]
        draft.add_mistake(("features", name), f"no such feature{suggest(name, known)}")
    elif feature.enabled and feature.error is None:
        own = draft.load(("features", name), feature.schema or Schema(), without=FEATURE_KEYS)
        return house._replace(own=own)
    return house


def default_config_path(given: Path | None) -> Path | None:
    """Return the file to read: the one given, else `config.yml` in this folder, else None for the defaults."""
    default = Path("config.yml")
    return given or (default if os.path.lexists(default) else None)
