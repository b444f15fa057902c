"""Reporters: text for people, JSON, and the two formats that pipelines read, one module a format."""

from importlib import import_module
from pkgutil import iter_modules

from petsage.smoke.report import Report

FORMATS = tuple(sorted(module.name for module in iter_modules(__path__)))
"""Names of the formats, one for each module of this package."""


def render_report(report: Report, form: str, *, strict: bool) -> str:
    """Return the report in one of `FORMATS`; raise `ImportError` where the library for it is missing."""
    text: str = import_module(f"{__name__}.{form}").write(report, strict=strict)
    return text.rstrip("\n")
