"""The objects of this feature."""

from dependency_injector import containers, providers

from petsage.feature import Contribution

from .handlers import DeskHandlers
from .service import DeskService
from .settings import DeskSettings


class DeskContainer(containers.DeclarativeContainer):
    """Give it a `core` and `settings`; replace any provider with a fake by its name."""

    core = providers.DependenciesContainer()
    settings: providers.Dependency[DeskSettings] = providers.Dependency(
        instance_of=DeskSettings,
    )
    service = providers.Singleton(
        DeskService,
        settings.provided.message,
    )
    handlers = providers.Singleton(DeskHandlers, service)


def contribute(container: DeskContainer) -> Contribution:
    """Return what the feature contributes."""
    return Contribution(routes=container.handlers().routes())
