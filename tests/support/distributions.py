"""Distributions of the project, environments to install them into, and the locked versions."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from tests.support.checkout import copy_to

_LOCK_ENTRY = re.compile(
    r"^([a-z0-9-]+)==(\S+)(?: ; (.+?))? \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", re.MULTILINE
)


class Built(NamedTuple):
    """A source distribution, and the wheel that was built from it."""

    sdist: Path
    wheel: Path


def run(*command: str | Path, cwd: Path, within: float = 300.0, **environment: str) -> str:
    """Run a program and return what it wrote; fail with that unless it exits 0."""
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=within,
        check=False,
    )
    assert done.returncode == 0, f"{command[0]}: {done.returncode}\n{done.stdout}"
    return done.stdout


def build(folder: Path) -> Built:
    """Build as `python -m build` does: the sdist, and from it the wheel."""
    place = copy_to(folder / "petsage")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, place, cwd=folder)
    (sdist,) = folder.glob("*.tar.gz")
    (wheel,) = folder.glob("*.whl")
    return Built(sdist, wheel)


def empty_environment(place: Path) -> Path:
    """Make an environment with nothing in it, and return its interpreter."""
    run(sys.executable, "-m", "venv", "--without-pip", place, cwd=place.parent)
    return place / "bin" / "python"


def borrowing_environment(place: Path) -> Path:
    """Make an environment that finds what this one has installed, save for what is edited in place."""
    python = empty_environment(place)
    (packages,) = place.glob("lib/python*/site-packages")
    borrowed = [path for path in sys.path if Path(path).name in {"site-packages", "dist-packages"}]
    packages.joinpath("borrowed.pth").write_text("\n".join(borrowed))
    return python


def install(python: Path, *arguments: str | Path) -> None:
    """Install into the environment of `python`, which needs no pip of its own."""
    pip = (sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check")
    run(*pip, "install", "--quiet", "--no-input", *arguments, cwd=python.parent)


def locked_versions(lock: Path) -> dict[str, list[tuple[str, str]]]:
    """Return the versions of each distribution with their markers: one, or one for each of several platforms."""
    found: dict[str, list[tuple[str, str]]] = {}
    for name, version, marker, _ in _LOCK_ENTRY.findall(lock.read_text()):
        found.setdefault(name, []).append((version, marker))
    return found
