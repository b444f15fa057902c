"""Reporters: text for people, JSON, and the two formats that pipelines read, one module a format."""

from importlib import import_module

from petsage.smoke.report import Report

FORMATS = ("text", "json", "junit", "tap")


def written(report: Report, form: str, *, strict: bool) -> str:
    """Return the report in one of `FORMATS`; raise `ImportError` where the library for it is missing."""
    text: str = import_module(f"{__name__}.{form}").write(report, strict=strict)
    return text.rstrip("\n")
