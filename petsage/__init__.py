"""PetSage: an aiohttp server that discovers its features, with health checks for them and for their dependencies."""

__version__ = "0.1.0"


class PetSageError(Exception):
    """Base of all errors that PetSage raises, except those that its users raise: `CheckFailed`, `FeatureFailed`."""
