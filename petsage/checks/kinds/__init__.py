"""Kinds of checks that `config.yml` can name: one module each, discovered and never registered.

A kind's module has two required attributes: `schema`, a marshmallow schema instance that loads the kind's own settings
into a check, and `external`, whether its checks ask anything outside this process (then never in liveness). An
optional one, `component_type`, is what `application/health+json` reports: `component` (the default), `datastore` or
`system`. The check is a frozen dataclass whose fields are the settings. Its `run` is async; a plain `run` blocks, and
gets a thread.

Modules of this package are kinds, except those whose names start with `_`. Other distributions add kinds by the
entry-point group `petsage.checks`: `kafka = "acme_checks.kafka"`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path
from pkgutil import iter_modules
from typing import Any, NamedTuple, Protocol, TypeVar, cast

from petsage import PetSageError
from petsage.deferred_patterns import compile_deferred
from petsage.distributions import find_entry_points

GROUP = "petsage.checks"

T = TypeVar("T")


class KindError(PetSageError):
    """A kind cannot be used; the text names it, where it comes from, and why."""


class KindModule(Protocol):
    """The required attributes of a kind's module; `component_type` is optional."""

    schema: Any
    external: bool


class Origin(NamedTuple):
    """A module that defines a kind, and the distribution that declares it, empty for PetSage's own."""

    module: str
    distribution: str = ""

    def __str__(self) -> str:
        return f"{self.module} (of {self.distribution})" if self.distribution else self.module


@dataclass(frozen=True)
class Kind:
    """A kind by its name; more than one origin is a mistake, which `load` reports."""

    name: str
    origins: tuple[Origin, ...]

    def load(self) -> KindModule:
        """Import the kind's module.

        Raises:
            KindError: Several modules define the kind, or the module cannot be imported or lacks an attribute.
        """
        origin, *others = self.origins
        if others:
            raise KindError(f"kind {self.name!r} is defined more than once: {' and '.join(map(str, self.origins))}")
        module = self._import(origin)
        required = _required_attributes().items()
        if missing := [name for name, type_ in required if not isinstance(getattr(module, name, None), type_)]:
            raise KindError(f"kind {self.name!r}: {origin} lacks {' and '.join(missing)}")
        return cast(KindModule, module)

    def _import(self, origin: Origin) -> object:
        from importlib import import_module  # noqa: PLC0415 (only needed for kinds that are used)

        if origin.distribution:
            compile_deferred()
        try:
            return import_module(origin.module)
        except Exception as error:
            raise KindError(f"kind {self.name!r}: {origin} cannot be imported: {error!r}") from error


def find_kinds() -> Mapping[str, Kind]:
    """Return all kinds by name, sorted, without importing any of their modules."""
    found: dict[str, list[Origin]] = {}
    for module in iter_modules(__path__):
        if not module.name.startswith("_"):
            found.setdefault(module.name, []).append(Origin(f"{__name__}.{module.name}"))
    for name, value, distribution in find_entry_points(GROUP):
        found.setdefault(name, []).append(Origin(value, distribution or "an unknown distribution"))
    return {name: Kind(name, tuple(found[name])) for name in sorted(found)}


def resolve_paths(check: T, base: Path) -> T:
    """Return the check with its relative paths resolved against `base`, the folder of `config.yml`."""
    if not is_dataclass(check) or isinstance(check, type):
        return check
    values = {field.name: getattr(check, field.name) for field in fields(check) if field.init}
    return cast(T, replace(check, **{name: base / value for name, value in values.items() if isinstance(value, Path)}))


def _required_attributes() -> Mapping[str, type]:
    from marshmallow import Schema  # noqa: PLC0415 (not needed to list kinds)

    return {"schema": Schema, "external": bool}
