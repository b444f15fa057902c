"""Lock files: exact versions of the requirements in pyproject.toml, with hashes and without an index."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.checkout import CHECKOUT
from tests.support.distributions import locked_versions

LOCKS = sorted((CHECKOUT / "locks").glob("*.txt"))
PROJECT: dict[str, Any] = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())
EXTRAS: dict[str, list[str]] = PROJECT["project"]["optional-dependencies"]
RUN = ("speed", "docs", "builder", "cli")


def lines(lock: Path) -> list[str]:
    """Return the lines that are neither comments nor hashes."""
    return [line for line in lock.read_text().splitlines() if line.strip() and not re.match(r"\s*(#|--hash=)", line)]


def asked(extra: str | None) -> Iterator[Requirement]:
    """Yield what the package needs, with an extra; extras of PetSage itself are followed."""
    yield from map(Requirement, PROJECT["project"]["dependencies"])
    for requirement in map(Requirement, EXTRAS[extra] if extra else ()):
        if requirement.name == "petsage":
            for inner in requirement.extras:
                yield from asked(inner)
        else:
            yield requirement


def group(name: str) -> list[Requirement]:
    return [Requirement(line) for line in PROJECT["dependency-groups"][name]]


NEEDED: dict[str, list[Requirement]] = {
    "check": [*asked("check"), *group("build")],
    "test": [*asked("test")],
    "run": [requirement for extra in RUN for requirement in asked(extra)],
    "build": [*group("build"), *map(Requirement, PROJECT["build-system"]["requires"])],
    "image": [*asked(None)],
    **{f"image-{extra}": [*asked(extra)] for extra in ("speed", "docs", "postgres")},
    "bench": [
        Requirement(line)
        for line in (CHECKOUT / "bench" / "requirements.txt").read_text().splitlines()
        if not line.startswith("#")
    ],
    "sbom": group("sbom"),
    "lock": group("lock"),
}


def test_each_purpose_has_a_lock() -> None:
    assert sorted(lock.stem for lock in LOCKS) == sorted(NEEDED)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: str(lock.stem))
def test_every_version_is_exact_and_has_hashes(lock: Path) -> None:
    assert len(lines(lock)) == sum(map(len, locked_versions(lock).values())) > 0


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: str(lock.stem))
def test_no_lock_names_a_host(lock: Path) -> None:
    assert re.findall(r"\S*(?:://|index-url|find-links|trusted-host)\S*", lock.read_text()) == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: str(lock.stem))
def test_what_is_needed_is_locked_within_its_range(lock: Path) -> None:
    locked = locked_versions(lock)
    for requirement in NEEDED[lock.stem]:
        versions = [version for version, _ in locked.get(canonicalize_name(requirement.name), [])]
        assert versions, f"{requirement} is not in {lock.name}: make lock"
        assert all(map(requirement.specifier.contains, versions)), f"{requirement}: {versions}: make lock"


@pytest.mark.parametrize(
    "lock", [lock for lock in LOCKS if lock.stem not in {"bench", "sbom", "lock"}], ids=lambda lock: str(lock.stem)
)
def test_what_shares_an_environment_has_the_same_versions(lock: Path) -> None:
    whole = locked_versions(CHECKOUT / "locks" / "check.txt")
    assert [
        (name, found)
        for name, found in locked_versions(lock).items()
        if not set(_versions(found)) <= set(_versions(whole[name]))
    ] == []


def _versions(found: list[tuple[str, str]]) -> Iterator[str]:
    return (version for version, _ in found)


PLACES = [
    {"python_version": version, "python_full_version": f"{version}.0", "sys_platform": platform}
    for version in ("3.11", "3.12", "3.13", "3.14")
    for platform in ("linux", "darwin")
]


@pytest.mark.parametrize("place", PLACES, ids=lambda place: "-".join(place.values()))
@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: str(lock.stem))
def test_what_is_needed_has_one_version_on_every_supported_python(lock: Path, place: dict[str, str]) -> None:
    locked = locked_versions(lock)
    for requirement in NEEDED[lock.stem]:
        if requirement.marker is None or requirement.marker.evaluate(place):
            found = locked[canonicalize_name(requirement.name)]
            held = [version for version, marker in found if not marker or Marker(marker).evaluate(place)]
            assert len(held) == 1, f"{requirement}: {found}"
