"""Kinds of checks that `config.yml` can name: one module each, found and never registered.

A kind's module offers two names: `schema`, a marshmallow schema instance that loads the kind's own settings into a
check, and `leaves_process`, whether such a check asks anything but this process (which keeps it out of liveness).
A third, `component_type`, tells `application/health+json` what it is about: `component` (the default), `datastore` or
`system`. The check is a frozen dataclass whose fields are the settings. Its `run` is async; a plain `run` blocks and
wants a thread.

Modules of this package are kinds, except those whose names start with `_`. Other distributions add kinds by the
entry-point group `petsage.checks`: `kafka = "acme_checks.kafka"`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path
from pkgutil import iter_modules
from typing import Any, Protocol, TypeVar, cast

from petsage import PetSageError
from petsage.deferred import compile_deferred
from petsage.entry_points import points

GROUP = "petsage.checks"

T = TypeVar("T")


class KindError(PetSageError):
    """A kind cannot be used; the text names it, where it comes from, and why."""


class KindModule(Protocol):
    """What a kind's module offers."""

    schema: Any
    leaves_process: bool


@dataclass(frozen=True)
class Kind:
    """A kind by its name; `origins` are the modules that claim the name, more than one of them a mistake."""

    name: str
    origins: tuple[str, ...]

    def load(self) -> KindModule:
        """Import the kind's module; raise `KindError` when it is claimed twice, does not import or is no kind."""
        if len(self.origins) > 1:
            raise KindError(f"kind {self.name!r} is there more than once: {' and '.join(self.origins)}")
        module = self._import(self.origins[0].partition(" ")[0])
        if missing := [name for name, type_ in _offers().items() if not isinstance(getattr(module, name, None), type_)]:
            raise KindError(f"kind {self.name!r}: {self.origins[0]} offers no {' and no '.join(missing)}")
        return cast(KindModule, module)

    def _import(self, module: str) -> object:
        from importlib import import_module  # noqa: PLC0415 (only who names kinds imports them)

        if not module.startswith(f"{__name__}."):
            compile_deferred()
        try:
            return import_module(module)
        except Exception as error:
            raise KindError(f"kind {self.name!r}: {self.origins[0]} cannot be imported: {error!r}") from error


def find_kinds() -> Mapping[str, Kind]:
    """Return all kinds by name, sorted, without importing any of their modules."""
    found: dict[str, list[str]] = {}
    for module in iter_modules(__path__):
        if not module.name.startswith("_"):
            found.setdefault(module.name, []).append(f"{__name__}.{module.name}")
    for name, value, distribution in points(GROUP):
        found.setdefault(name, []).append(f"{value} (of {distribution or 'an unknown distribution'})")
    return {name: Kind(name, tuple(found[name])) for name in sorted(found)}


def anchored(check: T, base: Path) -> T:
    """Return the check with its relative paths starting at `base`, the folder of `config.yml`."""
    if not is_dataclass(check) or isinstance(check, type):
        return check
    paths = {field.name: getattr(check, field.name) for field in fields(check) if field.init}
    return cast(T, replace(check, **{name: base / path for name, path in paths.items() if isinstance(path, Path)}))


def _offers() -> Mapping[str, type]:
    from marshmallow import Schema  # noqa: PLC0415 (listing kinds needs no schemas)

    return {"schema": Schema, "leaves_process": bool}
