"""Healthchecks whose numbers follow from a configuration, in the syntax of each orchestrator.

Each module of `dialects` is a dialect: it has `render(timings: Timings) -> str`, which gives every number its reason in
a comment.
"""

from importlib import import_module
from pkgutil import iter_modules

from petsage.manifests import dialects
from petsage.manifests.timings import NotProbeableError, Timings, derive_timings

DIALECTS = tuple(sorted(module.name for module in iter_modules(dialects.__path__)))
"""Names of the dialects, one for each module of `dialects`."""

__all__ = ["DIALECTS", "NotProbeableError", "Timings", "derive_timings", "render_manifest"]


def render_manifest(timings: Timings, dialect: str) -> str:
    """Return the healthcheck in one of `DIALECTS`, without a line feed at its end."""
    text: str = import_module(f"{dialects.__name__}.{dialect}").render(timings)
    return text.rstrip("\n")
