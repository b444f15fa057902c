"""Helpers for the tests of a feature, and the pytest plugin.

Every run of pytest imports the plugin where PetSage is installed, and this package with it, so the helpers are imported
on first use.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from petsage.testing.app import feature_app

__all__ = ["feature_app"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from petsage.testing.app import feature_app  # noqa: PLC0415 (imports aiohttp)

    return feature_app
