"""Probes: liveness, readiness, startup and overall health."""

from petsage.core.container import Core
from petsage.feature import Contribution
from petsage.features.health.container import HealthContainer, contribute
from petsage.features.health.settings import HealthSettings, HealthSettingsSchema

__all__ = ["settings_schema", "setup"]

settings_schema = HealthSettingsSchema()


def setup(core: Core, settings: HealthSettings) -> Contribution:
    """Contribute `/livez`, `/readyz`, `/startupz` and `/health`."""
    return contribute(HealthContainer(core=core, settings=settings))
