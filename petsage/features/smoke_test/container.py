"""The objects of this feature."""

from dependency_injector import containers, providers

from petsage.feature import Contribution
from petsage.features.smoke_test.handlers import SmokeTestHandlers
from petsage.features.smoke_test.service import SmokeTest
from petsage.features.smoke_test.settings import SmokeTestSettings


class SmokeTestContainer(containers.DeclarativeContainer):
    """Give it a `core` and `settings`; replace any provider with a fake by its name."""

    core = providers.DependenciesContainer()
    settings: providers.Dependency[SmokeTestSettings] = providers.Dependency(instance_of=SmokeTestSettings)
    smoke_test = providers.Singleton(SmokeTest, core.inventory, settings.provided.message)
    handlers = providers.Singleton(SmokeTestHandlers, smoke_test)


def contribute(container: SmokeTestContainer) -> Contribution:
    """Return what the feature adds."""
    return Contribution(routes=container.handlers().routes())
