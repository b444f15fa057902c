"""Healthchecks that fit a configuration, in the words of each orchestrator; one module a dialect.

Each module has `write(fit: Fit) -> str`, and gives every number its reason in a comment.
"""

from importlib import import_module

from petsage.manifests.timings import NotProbeableError, Timings, derive_timings

DIALECTS = ("compose", "dockerfile", "kubernetes", "swarm")

__all__ = ["DIALECTS", "NotProbeableError", "Timings", "derive_timings", "written"]


def written(fit: Timings, dialect: str) -> str:
    """Return the stanza in one of `DIALECTS`."""
    text: str = import_module(f"{__name__}.{dialect}").write(fit)
    return text.rstrip("\n")
