"""Distributions that a feature cannot do without, checked when it is set up."""

import shlex

from petsage.feature import FeatureFailed


def require_distributions(*requirements: str) -> None:
    """Raise `FeatureFailed`, saying what to install, unless all these are installed: `pillow>=11` (PEP 508)."""
    if missing := missing_distributions(*requirements):
        wanted = shlex.join(requirement for requirement, _ in missing)
        states = ", ".join(f"{requirement} ({state})" for requirement, state in missing)
        raise FeatureFailed(f"it needs {states}: pip install {wanted}")


def missing_distributions(*requirements: str) -> list[tuple[str, str]]:
    """Return those that are not installed, each with what is there instead: `11.0 is installed`, `not installed`."""
    states = [(requirement, _state(requirement)) for requirement in requirements]
    return [(requirement, state) for requirement, state in states if state is not None]


def _state(text: str) -> str | None:
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 (only who requires some pays)

    from packaging.requirements import Requirement  # noqa: PLC0415 (the same)

    requirement = Requirement(text)
    if requirement.marker is not None and not requirement.marker.evaluate():
        return None
    try:
        found = version(requirement.name)
    except PackageNotFoundError:
        return "not installed"
    return None if requirement.specifier.contains(found, prereleases=True) else f"{found} is installed"
