"""Renderers, one module a format.

Each module of this package has a class `RENDERER` and is found by that: to add a format, add a module.
"""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType

from petsage.probes.renderer import Renderer


@cache
def find_renderers() -> Mapping[str, type[Renderer]]:
    """Return the renderers by the names of their formats, the preferred one first."""
    modules = [import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__)]
    found: list[type[Renderer]] = sorted((module.RENDERER for module in modules), key=lambda one: one.preference)
    return MappingProxyType({renderer.format: renderer for renderer in found})
