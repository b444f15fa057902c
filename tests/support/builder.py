"""Requests, and what becomes of them, for the tests of the builder."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

from petsage.builder.build import write
from petsage.builder.render import render
from petsage.builder.request import Request, make_request

ORIGINAL = 'feature: smoke_test\ndescription: "Ensure builder functional"\nrequirements: none\n'
FILES = [
    "README.md",
    "__init__.py",
    "container.py",
    "handlers.py",
    "schemas.py",
    "service.py",
    "settings.py",
    "tests/__init__.py",
]
FEW_PLUGINS = {
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    "PYTEST_ADDOPTS": "-p pytest_asyncio.plugin -p pytest_aiohttp.plugin",
}
"""What a feature's tests need; pytest with all that is installed here takes seconds to start."""


class Done(NamedTuple):
    """What a command came to."""

    status: int
    out: str
    err: str


def petsage(*arguments: str, cwd: Path, stdin: str = "", python: str = sys.executable, **env: str) -> Done:
    done = subprocess.run(
        [python, "-m", "petsage", *arguments],
        cwd=cwd,
        check=False,
        capture_output=True,
        text=True,
        input=stdin,
        env={**os.environ, **FEW_PLUGINS, "PYTHONDONTWRITEBYTECODE": "", **env},
        timeout=280,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def request(feature: str = "grooming", description: str = "Book appointments.", requirements: Any = None) -> Request:
    return make_request(feature, description, requirements)


def put(folder: Path, **asked: Any) -> Path:
    """Write a feature without examining it."""
    wanted = request(**asked)
    write(folder / wanted.feature, render(wanted))
    return folder / wanted.feature


def files(folder: Path) -> list[str]:
    """Return all files and empty folders below, sorted."""
    paths = [path for path in folder.rglob("*") if path.is_file() or not any(path.iterdir())]
    return sorted(path.relative_to(folder).as_posix() for path in paths)


def built(feature: str) -> list[str]:
    return sorted([*FILES, f"tests/test_{feature}.py"])
