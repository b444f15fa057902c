"""Import the features that discovery found; an error becomes part of its feature."""

import hashlib
import importlib
import os
import sys
from collections.abc import Callable, Iterable
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from marshmallow import Schema

from petsage.deferred_patterns import compile_deferred
from petsage.feature import Contribution, FeatureFailed
from petsage.runtime.discovery import BUILT_IN, FoundFeature, find_features
from petsage.settings import Settings
from petsage.untrusted import is_raised_by_signal


class Feature(NamedTuple):
    """Feature that was found: imported, disabled, or failed to import (`error`)."""

    name: str
    origin: str
    enabled: bool = True
    summary: str = ""
    schema: Schema | None = None
    setup: Callable[..., Contribution] | None = None
    error: BaseException | None = None


def discover(settings: Settings) -> tuple[Feature, ...]:
    """Find and import all enabled features; of two with the same name the later one fails."""
    features: list[Feature] = []
    for found in find_features(settings.feature_paths):
        if not _is_enabled(found, settings):
            features.append(Feature(found.name, found.origin, enabled=False))
        else:
            features.append(import_feature(found, features))
    return tuple(features)


def _is_enabled(found: FoundFeature, settings: Settings) -> bool:
    section = settings.feature(found.name)
    return section.enabled and (section.built_in or found.origin != BUILT_IN)


def import_feature(found: FoundFeature, earlier: Iterable[Feature]) -> Feature:
    """Import a feature. If that fails, its modules are removed again, unless they were loaded before."""
    name = str(found.module) if found.path is None else _private_name(found.name, found.path)
    is_new = found.path is not None and name not in sys.modules
    try:
        _check_name(found, earlier)
        if found.origin != BUILT_IN:
            compile_deferred()
        return _described(found, _imported(name, found.path))
    except BaseException as error:  # a feature may raise SystemExit too
        if is_new:
            _unload(name)
        if is_raised_by_signal(error):
            raise
        return Feature(found.name, found.origin, error=error)


def _check_name(found: FoundFeature, earlier: Iterable[Feature]) -> None:
    if not found.name.isidentifier():
        raise FeatureFailed(f"'{found.name}' is not a Python identifier: rename it")
    for other in earlier:
        if other.name == found.name and other.enabled:
            raise FeatureFailed(f"the name '{found.name}' is taken by {other.origin}")


def _imported(name: str, path: Path | None) -> ModuleType:
    if path is None:
        return importlib.import_module(name)
    return sys.modules.get(name) or _load_file(name, path)


def _private_name(name: str, path: Path) -> str:
    """Return a module name that is unique to a path, so that two folders may have features of the same name."""
    return f"_petsage_{hashlib.sha256(os.fsencode(path)).hexdigest()[:12]}_{name}"


def _load_file(name: str, path: Path) -> ModuleType:
    folder = [str(path.parent)] if path.name == "__init__.py" else None
    spec = spec_from_file_location(name, path, submodule_search_locations=folder)
    if spec is None or spec.loader is None:
        raise FeatureFailed(f"{path} is not a Python file")
    module = sys.modules[name] = module_from_spec(spec)
    spec.loader.exec_module(module)
    return sys.modules.get(name, module)


def _unload(name: str) -> None:
    for loaded in [key for key in sys.modules if key == name or key.startswith(f"{name}.")]:
        del sys.modules[loaded]


def _described(found: FoundFeature, module: ModuleType) -> Feature:
    setup = getattr(module, "setup", None)
    if not callable(setup):
        raise FeatureFailed("it has no setup: write `def setup(core): return Contribution(…)`")
    schema: Any = getattr(module, "settings_schema", None)
    if schema is not None and not isinstance(schema, Schema):
        raise FeatureFailed("its settings_schema must be an instance of a marshmallow Schema")
    summary = (module.__doc__ or "").strip().partition("\n")[0]
    return Feature(found.name, found.origin, summary=summary, schema=schema, setup=setup)
