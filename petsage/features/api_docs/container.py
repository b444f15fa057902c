"""Container with the objects of this feature."""

from dependency_injector import containers, providers

from petsage.feature import Contribution
from petsage.features.api_docs.handlers import ApiDocsHandlers
from petsage.features.api_docs.service import Assets, swagger_ui_folder


class ApiDocsContainer(containers.DeclarativeContainer):
    """Objects of this feature, made from `core`; a test overrides any provider by its name."""

    core = providers.DependenciesContainer()
    find_swagger_ui = providers.Object(swagger_ui_folder)
    assets = providers.Singleton(Assets, find_swagger_ui)
    handlers = providers.Singleton(ApiDocsHandlers, assets)


def contribute(container: ApiDocsContainer) -> Contribution:
    """Return the contribution of this feature."""
    return Contribution(routes=container.handlers().routes())
