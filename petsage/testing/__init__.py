"""Helpers for whoever writes a feature, and the pytest plugin.

The plugin is imported in every run of pytest where PetSage is installed: nothing here is until it is asked for.
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
