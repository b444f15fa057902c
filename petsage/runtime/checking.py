"""A feature's checks under its name, tuned by the configuration."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from petsage.checks import CheckSpec
from petsage.core.container import Tunings
from petsage.feature import FeatureFailed
from petsage.settings import suggest


def named_checks(feature: str, origin: str, specs: Sequence[CheckSpec], tunings: Tunings) -> tuple[CheckSpec, ...]:
    """Return a feature's checks as `FEATURE.NAME`, tuned; raise `FeatureFailed` for a name that is there twice."""
    named = {f"{feature}.{spec.name}": spec for spec in specs}
    if len(named) < len(specs):
        names = [spec.name for spec in specs]
        twice = dict.fromkeys(name for name in names if names.count(name) > 1)
        raise FeatureFailed(f"it brings two checks named {', '.join(twice)}")
    return tuple(replace(spec, name=name, origin=origin, **tunings.get(name, {})) for name, spec in named.items())


def idle_tunings(feature: str, known: Collection[str], tunings: Tunings) -> Mapping[str, str]:
    """Return the tunings of checks that a feature does not bring: by their names, what is wrong with each.

    `known` are the full names of the checks that it brings.
    """
    own = [name for name in known if name.startswith(f"{feature}.")]
    return {
        name: f"checks.{name} tunes a check that {feature} does not bring{suggest(name, own)}"
        for name in tunings
        if name.startswith(f"{feature}.") and name not in own
    }
