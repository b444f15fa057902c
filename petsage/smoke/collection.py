"""All checks, without running any: features are imported and set up, and enter no lifespan."""

from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from petsage.checks import CheckSpec
from petsage.core.container import Core
from petsage.runtime.checking import idle_tunings
from petsage.runtime.instance import Tenant
from petsage.runtime.loader import Feature
from petsage.smoke.features import FEATURES


def check_names(core: Core) -> tuple[str, ...]:
    """Return `features`, and the names of the configuration's checks and of those of its features.

    The tunings of checks that no feature brings are among them: they are mistakes for a trial to find.
    """
    own, brought = cast(Sequence[CheckSpec], core.specs()), _brought(core)
    specs = [*own, *(spec for of_feature in brought.values() for spec in of_feature)]
    idle = [
        name
        for feature, of_feature in brought.items()
        for name in idle_tunings(feature, [spec.name for spec in of_feature], core.tunings())
    ]
    return (FEATURES, *(spec.name for spec in specs if spec.enabled), *idle)


def check_specs(core: Core) -> Iterator[CheckSpec]:
    """Yield the checks of each feature that can be set up; what the others bring is not known."""
    for specs in _brought(core).values():
        yield from specs


def _brought(core: Core) -> Mapping[str, Sequence[CheckSpec]]:
    """Return the checks of each feature that can be set up, by its name."""
    tenants = [Tenant(feature, core) for feature in cast(Sequence[Feature], core.features())]
    brought = {tenant.name: _of_feature(tenant) for tenant in tenants if tenant.due}
    return {name: specs for name, specs in brought.items() if specs is not None}


def _of_feature(tenant: Tenant) -> Sequence[CheckSpec] | None:
    try:
        return tenant.set_up().checks
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001 (a feature may raise anything; the check `features` will tell)
        return None
