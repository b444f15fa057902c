"""A feature's checks under its name, tuned by the configuration."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from petsage.checks import CheckSpec
from petsage.feature import FeatureFailed
from petsage.settings import suggest

Tunings = Mapping[str, Mapping[str, Any]]
"""By the name of a check, the keys of its `CheckSpec` that are changed."""


def named_checks(feature: str, origin: str, specs: Sequence[CheckSpec], tunings: Tunings) -> tuple[CheckSpec, ...]:
    """Return a feature's checks as `FEATURE.NAME`, tuned; raise `FeatureFailed` for a name that is wrong."""
    named = {f"{feature}.{spec.name}": spec for spec in specs}
    if len(named) < len(specs):
        names = [spec.name for spec in specs]
        twice = dict.fromkeys(name for name in names if names.count(name) > 1)
        raise FeatureFailed(f"it brings two checks named {', '.join(twice)}")
    unknown = [name for name in tunings if name.startswith(f"{feature}.") and name not in named]
    if unknown:
        hints = "; ".join(
            f"checks.{name} tunes a check that it does not bring{suggest(name, list(named))}" for name in unknown
        )
        raise FeatureFailed(hints)
    return tuple(replace(spec, name=name, origin=origin, **tunings.get(name, {})) for name, spec in named.items())
