"""PetSage: an aiohttp server whose features are dropped in, and a health system that reports how they are."""

__version__ = "0.1.0"


class PetSageError(Exception):
    """Base of all errors that PetSage raises, except those that its users raise: `CheckFailed`, `FeatureFailed`."""
