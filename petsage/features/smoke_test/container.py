"""Container with the objects of this feature."""

from dependency_injector import containers, providers

from petsage.feature import Contribution
from petsage.features.smoke_test.handlers import SmokeTestHandlers
from petsage.features.smoke_test.service import SmokeTestService
from petsage.features.smoke_test.settings import SmokeTestSettings


class SmokeTestContainer(containers.DeclarativeContainer):
    """Objects of this feature, made from `core` and `settings`; a test overrides any provider by its name."""

    core = providers.DependenciesContainer()
    settings: providers.Dependency[SmokeTestSettings] = providers.Dependency(instance_of=SmokeTestSettings)
    service = providers.Singleton(SmokeTestService, core.inventory, settings.provided.message)
    handlers = providers.Singleton(SmokeTestHandlers, service)


def contribute(container: SmokeTestContainer) -> Contribution:
    """Return the contribution of this feature."""
    return Contribution(routes=container.handlers().routes())
