"""What a feature stands on: kinds of checks, and distributions."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from petsage.checks.kinds import KindError, find_kinds
from petsage.settings import suggest
from petsage.text import cut

_SHOWN = 100
_PACKAGE = re.compile(r"package\s*:\s*(.*)", re.DOTALL)
_RESERVED = frozenset({"built_in", "core", "enabled", "handlers", "message", "required", "service", "settings"})
_LOCAL: tuple[Mapping[str, object], ...] = (
    {},
    {"host": "localhost"},
    {"host": "localhost", "port": 80},
    {"url": "http://localhost"},
    {"name": "localhost"},
    {"path": "."},
    {"argv": ["true"]},
)
"""Settings to stand in while nothing is written: the first that a kind's schema takes."""


@dataclass(frozen=True, kw_only=True)
class RequiredCheck:
    """A kind of check: its name, its module, settings that its schema accepts, and what its module says of itself."""

    kind: str
    module: str
    settings: Mapping[str, object]
    external: bool
    component_type: str | None = None


@dataclass(frozen=True, kw_only=True)
class Requirements:
    """Each once, in the order asked for; `distributions` are written as PEP 508 has them."""

    checks: tuple[RequiredCheck, ...] = ()
    distributions: tuple[str, ...] = ()
    mistakes: tuple[str, ...] = ()


@dataclass
class _Reading:
    checks: dict[str, RequiredCheck] = field(default_factory=dict)
    distributions: dict[str, None] = field(default_factory=dict)
    mistakes: list[str] = field(default_factory=list)


def read_requirements(written: object) -> Requirements:
    """Read what was written under `requirements`; what is wrong stands in `mistakes`, one line each."""
    reading = _Reading()
    for requirement in _listed(written):
        try:
            _read(requirement, reading)
        except ValueError as error:
            reading.mistakes.append(f"requirements: {error}")
    return Requirements(
        checks=tuple(reading.checks.values()),
        distributions=tuple(reading.distributions),
        mistakes=tuple(reading.mistakes),
    )


def _listed(written: object) -> list[object]:
    listed = written if isinstance(written, list) else [written]
    return [] if all(_is_none(requirement) for requirement in listed) else listed


def _is_none(requirement: object) -> bool:
    return requirement is None or (isinstance(requirement, str) and requirement.strip().lower() in {"", "none"})


def _read(requirement: object, reading: _Reading) -> None:
    if isinstance(requirement, Mapping) and set(requirement) == {"package"}:
        requirement = f"package: {requirement['package']}"
    if not isinstance(requirement, str):
        raise ValueError(f"{cut(repr(requirement), _SHOWN)} is neither a kind of check nor 'package: NAME'")  # noqa: TRY004 (a mistake of whoever wrote it)
    if package := _PACKAGE.fullmatch(requirement.strip()):
        reading.distributions[_distribution(package[1])] = None
    else:
        check = _check(requirement.strip())
        reading.checks[check.kind] = check


def _distribution(text: str) -> str:
    from packaging.requirements import InvalidRequirement, Requirement  # noqa: PLC0415 (only who requires some pays)

    try:
        requirement = Requirement(text)
    except InvalidRequirement as error:
        reason = str(error).partition("\n")[0]
        raise ValueError(
            f"'package: {cut(text, _SHOWN)}' is no distribution ({cut(reason)}): write it like 'package: pillow>=11'"
        ) from error
    if requirement.url:
        raise ValueError(
            f"'package: {cut(text, _SHOWN)}' names an address: name a version, like 'package: {requirement.name}>=1'"
        )
    return str(requirement)


def _check(kind: str) -> RequiredCheck:
    kinds = find_kinds()
    if kind not in kinds:
        hint = suggest(kind, kinds) or f" (kinds of checks are {', '.join(kinds)}; a distribution is 'package: NAME')"
        raise ValueError(f"unknown requirement {cut(kind, _SHOWN)!r}{hint}")
    if not kind.isidentifier() or kind in _RESERVED:
        raise ValueError(f"{kind!r} cannot be a requirement: a setting of the feature cannot have its name")
    try:
        module = kinds[kind].load()
    except KindError as error:
        raise ValueError(str(error)) from error
    return RequiredCheck(
        kind=kind,
        module=kinds[kind].origins[0].module,
        settings=_local(kind, module.schema),
        external=module.external,
        component_type=getattr(module, "component_type", None),
    )


def _local(kind: str, schema: Any) -> Mapping[str, object]:
    for settings in _LOCAL:
        if not schema.validate(settings):
            return settings
    raise ValueError(f"{kind!r} cannot be a requirement: it needs settings that nobody can guess")
