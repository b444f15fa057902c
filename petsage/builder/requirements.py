"""Requirements of a feature: kinds of checks, and distributions."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from petsage.checks.kinds import KindError, find_kinds
from petsage.settings import suggest
from petsage.settings.schemas import FEATURE_KEYS
from petsage.text import cut

_SHOWN = 100
_PACKAGE = re.compile(r"package\s*:\s*(.*)", re.DOTALL)
_RESERVED = FEATURE_KEYS | {"core", "handlers", "message", "service", "settings"}
_DEFAULTS: tuple[Mapping[str, object], ...] = (
    {},
    {"host": "localhost"},
    {"host": "localhost", "port": 80},
    {"url": "http://localhost"},
    {"name": "localhost"},
    {"path": "."},
    {"argv": ["true"]},
)
"""Default settings of a required check: the first that the schema of its kind accepts."""


@dataclass(frozen=True, kw_only=True)
class RequiredCheck:
    """A check of the feature: its kind, the kind's module and attributes, and its default settings."""

    kind: str
    module: str
    settings: Mapping[str, object]
    external: bool
    component_type: str | None = None


@dataclass(frozen=True, kw_only=True)
class Requirements:
    """Checks and distributions, each once, in the order of the request; distributions are written as in PEP 508."""

    checks: tuple[RequiredCheck, ...] = ()
    distributions: tuple[str, ...] = ()
    mistakes: tuple[str, ...] = ()


@dataclass
class _Reading:
    checks: dict[str, RequiredCheck] = field(default_factory=dict)
    distributions: dict[str, None] = field(default_factory=dict)
    mistakes: list[str] = field(default_factory=list)


def read_requirements(value: object) -> Requirements:
    """Read the value of `requirements`; `mistakes` has one line for each mistake."""
    reading = _Reading()
    for requirement in _listed(value):
        try:
            _read(requirement, reading)
        except ValueError as error:
            reading.mistakes.append(f"requirements: {error}")
    return Requirements(
        checks=tuple(reading.checks.values()),
        distributions=tuple(reading.distributions),
        mistakes=tuple(reading.mistakes),
    )


def _listed(value: object) -> list[object]:
    listed = value if isinstance(value, list) else [value]
    return [] if all(_is_none(requirement) for requirement in listed) else listed


def _is_none(requirement: object) -> bool:
    return requirement is None or (isinstance(requirement, str) and requirement.strip().lower() in {"", "none"})


def _read(requirement: object, reading: _Reading) -> None:
    if isinstance(requirement, Mapping) and set(requirement) == {"package"}:
        requirement = f"package: {requirement['package']}"
    if not isinstance(requirement, str):
        raise ValueError(f"{cut(repr(requirement), _SHOWN)} is neither a kind of check nor 'package: NAME'")  # noqa: TRY004 (a mistake in the request, not in the program)
    if package := _PACKAGE.fullmatch(requirement.strip()):
        reading.distributions[_distribution(package[1])] = None
    else:
        check = _check(requirement.strip())
        reading.checks[check.kind] = check


def _distribution(text: str) -> str:
    from packaging.requirements import InvalidRequirement, Requirement  # noqa: PLC0415 (only requests with distributions need it)

    try:
        requirement = Requirement(text)
    except InvalidRequirement as error:
        reason = str(error).partition("\n")[0]
        raise ValueError(
            f"'package: {cut(text, _SHOWN)}' is not a distribution ({cut(reason)}): write it like 'package: pillow>=11'"
        ) from error
    if requirement.url:
        raise ValueError(
            f"'package: {cut(text, _SHOWN)}' is a URL: give a version instead, like 'package: {requirement.name}>=1'"
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
        settings=_default_settings(kind, module.schema),
        external=module.external,
        component_type=getattr(module, "component_type", None),
    )


def _default_settings(kind: str, schema: Any) -> Mapping[str, object]:
    for settings in _DEFAULTS:
        if not schema.validate(settings):
            return settings
    raise ValueError(f"{kind!r} cannot be a requirement: it needs settings for which there are no defaults")
