"""The objects of this feature."""

from dependency_injector import containers, providers

from petsage.feature import Contribution
from petsage.features.api_docs.handlers import ApiDocsHandlers
from petsage.features.api_docs.service import Assets, swagger_ui


class ApiDocsContainer(containers.DeclarativeContainer):
    """Give it a `core`; replace any provider with a fake by its name."""

    core = providers.DependenciesContainer()
    find = providers.Object(swagger_ui)
    assets = providers.Singleton(Assets, find)
    handlers = providers.Singleton(ApiDocsHandlers, assets)


def contribute(container: ApiDocsContainer) -> Contribution:
    """Return what the feature adds."""
    return Contribution(routes=container.handlers().routes())
