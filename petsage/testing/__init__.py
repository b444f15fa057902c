"""Helpers for whoever writes a feature."""

from petsage.testing.app import feature_app

__all__ = ["feature_app"]
