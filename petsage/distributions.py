"""Distributions that a feature requires, checked when it is set up."""

import shlex
from typing import TYPE_CHECKING

from petsage.entry_points import metadata_field
from petsage.feature import FeatureFailed

if TYPE_CHECKING:
    from importlib.metadata import Distribution


def require_distributions(*requirements: str) -> None:
    """Raise `FeatureFailed` with what to install, unless all requirements are met, such as `pillow>=11` (PEP 508)."""
    if missing := missing_distributions(*requirements):
        wanted = shlex.join(requirement for requirement, _ in missing)
        states = ", ".join(f"{requirement} ({state})" for requirement, state in missing)
        raise FeatureFailed(f"it needs {states}: pip install {wanted}")


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
