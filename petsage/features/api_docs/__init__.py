"""Documents the API of all features."""

from petsage.core.container import Core
from petsage.feature import Contribution
from petsage.features.api_docs.container import ApiDocsContainer, contribute

__all__ = ["setup"]


def setup(core: Core) -> Contribution:
    """Contribute `GET /openapi.json` and `GET /docs`."""
    return contribute(ApiDocsContainer(core=core))
