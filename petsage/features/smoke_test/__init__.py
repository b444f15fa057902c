"""Reports whether every required feature is served."""

from petsage.core.container import Core
from petsage.feature import Contribution
from petsage.features.smoke_test.container import SmokeTestContainer, contribute
from petsage.features.smoke_test.settings import SmokeTestSettings, SmokeTestSettingsSchema

__all__ = ["settings_schema", "setup"]

settings_schema = SmokeTestSettingsSchema()


def setup(core: Core, settings: SmokeTestSettings) -> Contribution:
    """Contribute `GET /smoke-test`."""
    return contribute(SmokeTestContainer(core=core, settings=settings))
