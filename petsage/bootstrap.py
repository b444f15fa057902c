"""Load the configuration and the features of an application; report the mistakes of all sections together."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from marshmallow import Schema

from petsage.checks import CheckSpec
from petsage.core.container import CheckOverrides, Core
from petsage.fields import is_path
from petsage.runtime.loader import Feature, discover
from petsage.settings import ConfigDraft, FeatureSettings, read, suggest
from petsage.settings.schemas import FEATURE_KEYS

DEFAULT_FOLDER = "features"
"""Folder of features beside the configuration; it may be missing."""


class Loaded(NamedTuple):
    """A valid configuration, as the container of an application, and the features that were found for it."""

    core: Core
    features: tuple[Feature, ...]


def load(source: Path | Mapping[str, Any] | None = None, *, folders_may_be_missing: bool = False) -> Loaded:
    """Read the configuration, import the features it enables, and check their sections.

    `source` is the path of a `config.yml`, its content as a mapping, or None for the defaults. Raise `ConfigError` with
    all mistakes. A missing folder of `feature_paths` is one, unless it is the default or `folders_may_be_missing`. A
    feature that cannot be imported is not a mistake: the inventory reports it, and its section is not checked.
    """
    draft = read(source)
    if not folders_may_be_missing:
        _find_missing_folders(draft)
    features = discover(draft.settings)
    sections = {name: _section(draft, name, features) for name in draft.names("features")}
    for feature in features:
        if feature.name not in sections:
            sections[feature.name] = _section(draft, feature.name, features)
    specs, overrides = _checks(draft, [feature.name for feature in features])
    draft.finish()
    settings = replace(draft.settings, features=sections)
    return Loaded(Core(settings=settings, declared_checks=specs, check_overrides=overrides), features)


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
    except OSError:  # `ConfigDraft` has reported it already
        return False
    return False


def _checks(draft: ConfigDraft, features: list[str]) -> tuple[tuple[CheckSpec, ...], CheckOverrides]:
    if not draft.names("checks"):
        return (), {}
    from petsage.core.declared_checks import declared_checks  # noqa: PLC0415 (imports the kinds of checks)

    return declared_checks(draft, features)


def _section(draft: ConfigDraft, name: str, features: Iterable[Feature]) -> FeatureSettings:
    """Load one section with the schema of the feature of this name, and return its settings."""
    section = draft.settings.feature(name)
    named = (feature for feature in features if feature.name == name)
    feature = max(named, key=lambda feature: feature.enabled, default=None)
    if feature is None:
        known = [feature.name for feature in features]
        draft.add_mistake(("features", name), f"no such feature{suggest(name, known)}")
    elif feature.enabled and feature.error is None:
        own = draft.load(("features", name), feature.schema or Schema(), without=FEATURE_KEYS)
        return section._replace(own=own)
    return section


def default_config_path(given: Path | None) -> Path | None:
    """Return the configuration file: the given one, or `config.yml` in the current folder, or None for the defaults."""
    default = Path("config.yml")
    return given or (default if os.path.lexists(default) else None)
