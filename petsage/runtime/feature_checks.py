"""Checks of a feature under its name, with the overrides of the configuration."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from petsage.checks import CheckSpec
from petsage.core.container import CheckOverrides
from petsage.feature import FeatureFailed
from petsage.settings import suggest


def named_checks(
    feature: str, origin: str, specs: Sequence[CheckSpec], overrides: CheckOverrides
) -> tuple[CheckSpec, ...]:
    """Return a feature's checks as `FEATURE.NAME`, with their overrides. Raise `FeatureFailed` for a duplicate name."""
    named = {f"{feature}.{spec.name}": spec for spec in specs}
    if len(named) < len(specs):
        names = [spec.name for spec in specs]
        duplicates = dict.fromkeys(name for name in names if names.count(name) > 1)
        raise FeatureFailed(f"it has two checks named {', '.join(duplicates)}")
    return tuple(replace(spec, name=name, origin=origin, **overrides.get(name, {})) for name, spec in named.items())


def unused_overrides(feature: str, known: Collection[str], overrides: CheckOverrides) -> Mapping[str, str]:
    """Return an error text for each override of a check that a feature does not have, by the name of the check.

    `known` are the full names of the feature's checks.
    """
    own = [name for name in known if name.startswith(f"{feature}.")]
    return {
        name: f"checks.{name} overrides a check that {feature} does not have{suggest(name, own)}"
        for name in overrides
        if name.startswith(f"{feature}.") and name not in own
    }
