"""All checks, without running any: features are imported and set up, and enter no lifespan."""

from collections.abc import Iterator, Sequence
from typing import cast

from petsage.checks import CheckSpec
from petsage.container import Core
from petsage.loading import Feature
from petsage.tenant import Tenant
from petsage.trial.features import FEATURES


def check_names(core: Core) -> tuple[str, ...]:
    """Return `features`, and the names of the configuration's checks and of those of its features."""
    specs = [*cast(Sequence[CheckSpec], core.specs()), *check_specs(core)]
    return (FEATURES, *(spec.name for spec in specs if spec.enabled))


def check_specs(core: Core) -> Iterator[CheckSpec]:
    """Yield the checks of each feature that can be set up; the others go into quarantine."""
    for feature in cast(Sequence[Feature], core.features()):
        tenant = Tenant(feature, core)
        if tenant.due:
            yield from _of_feature(tenant)


def _of_feature(tenant: Tenant) -> Sequence[CheckSpec]:
    try:
        return tenant.set_up().checks
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001 (a feature may raise anything; the check `features` will tell)
        return ()
