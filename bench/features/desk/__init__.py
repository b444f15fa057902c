"""Keep a desk."""

from petsage.core.container import Core
from petsage.feature import Contribution

from .container import DeskContainer, contribute
from .settings import DeskSettings, DeskSettingsSchema

__all__ = ["settings_schema", "setup"]

settings_schema = DeskSettingsSchema()


def setup(core: Core, settings: DeskSettings) -> Contribution:
    """Contribute `GET /desk`."""
    return contribute(DeskContainer(core=core, settings=settings))
