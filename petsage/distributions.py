"""Installed distributions: their entry points, and whether requirements are met."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from petsage.logs import get_logger

if TYPE_CHECKING:
    from importlib.metadata import Distribution, EntryPoint

logger = get_logger(__name__)


class EntryPointInfo(NamedTuple):
    """An entry point; `distribution` is the name of its distribution, `None` where the metadata has no name."""

    name: str
    value: str
    distribution: str | None


def find_entry_points(group: str) -> list[EntryPointInfo]:
    """Return a group's entry points, sorted; one distribution with unreadable metadata does not affect the others."""
    once = {EntryPointInfo(entry.name, entry.value, _name(entry.dist)) for entry in _found(group)}
    return sorted(once, key=lambda point: (point.name, point.value, point.distribution or ""))


def metadata_field(distribution: "Distribution", name: str) -> str | None:
    """Return a field of a distribution's metadata, `None` where it has none or cannot be read.

    In later Pythons `metadata[name]` raises for a missing field, and `metadata` raises where there is none.
    """
    try:
        values: list[str] = distribution.metadata.get_all(name) or []
    except Exception:  # noqa: BLE001 (the parser may raise anything for a broken file)
        return None
    return values[0] if values else None


def _name(distribution: "Distribution | None") -> str | None:
    return metadata_field(distribution, "Name") if distribution else None


def _found(group: str) -> "Iterable[EntryPoint]":
    from importlib.metadata import distributions, entry_points  # noqa: PLC0415 (only commands that look for features need it)

    try:
        return entry_points(group=group)
    except Exception as error:  # noqa: BLE001 (the parser may raise anything for a broken file)
        logger.warning("the entry points of a distribution cannot be read: %r", error)
    return [entry for distribution in distributions() for entry in _declared(distribution, group)]


def _declared(distribution: "Distribution", group: str) -> "Iterable[EntryPoint]":
    try:
        return distribution.entry_points.select(group=group)
    except Exception:  # noqa: BLE001 (the same)
        logger.warning("entry points left out: %s", getattr(distribution, "_path", distribution))
        return ()


def missing_distributions(*requirements: str) -> list[tuple[str, str]]:
    """Return the requirements that are not met, each with a reason: `11.0 is installed`, `not installed`."""
    states = [(requirement, _state(requirement)) for requirement in requirements]
    return [(requirement, state) for requirement, state in states if state is not None]


def _state(text: str) -> str | None:
    from importlib.metadata import PackageNotFoundError, distribution  # noqa: PLC0415 (imported only by features that require some)

    from packaging.requirements import Requirement  # noqa: PLC0415 (the same)

    requirement = Requirement(text)
    if requirement.marker is not None and not requirement.marker.evaluate():
        return None
    try:
        found = distribution(requirement.name)
    except PackageNotFoundError:
        return "not installed"
    if not requirement.specifier:
        return None
    version = _version(found)
    if version is None:
        return "its version cannot be read"
    return None if requirement.specifier.contains(version, prereleases=True) else f"{version} is installed"


def _version(distribution: "Distribution") -> str | None:
    from packaging.version import InvalidVersion, Version  # noqa: PLC0415 (the same)

    text = metadata_field(distribution, "Version")
    try:
        Version(text or "")
    except InvalidVersion:
        return None
    return text
