"""PetSage: an aiohttp server whose features are dropped in, and that tells the truth about how they are."""

__version__ = "0.1.0"
