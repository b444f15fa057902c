"""The names of all checks, without running any: features are imported and set up, and enter no lifespan."""

from collections.abc import Iterator, Sequence
from typing import cast

from petsage.checks import CheckSpec
from petsage.container import Core
from petsage.loading import Feature
from petsage.tenant import Tenant
from petsage.trial.features import FEATURES


def check_names(core: Core) -> tuple[str, ...]:
    """Return `features`, the configuration's checks, and those of each feature that can be set up."""
    configured = [spec.name for spec in cast(Sequence[CheckSpec], core.specs()) if spec.enabled]
    return (FEATURES, *configured, *_of_features(core))


def _of_features(core: Core) -> Iterator[str]:
    for feature in cast(Sequence[Feature], core.features()):
        tenant = Tenant(feature, core)
        if tenant.due:
            yield from _of_feature(tenant)


def _of_feature(tenant: Tenant) -> Iterator[str]:
    try:
        checks = tenant.set_up().checks
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001 (a feature may raise anything; the check `features` will tell)
        return
    yield from (spec.name for spec in checks if spec.enabled)
