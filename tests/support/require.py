"""Requirements of integration tests: a missing one skips the test, or fails it where PETSAGE_REQUIRE_ALL=1 is set."""

import os
import shutil
import sys
from pathlib import Path

import pytest


def require(condition: object, otherwise: str) -> None:
    """Skip the test unless `condition` holds; fail it instead where PETSAGE_REQUIRE_ALL=1 is set."""
    if condition:
        return
    if os.environ.get("PETSAGE_REQUIRE_ALL") == "1":
        pytest.fail(f"required here: {otherwise}")
    pytest.skip(otherwise)


def require_program(name: str, package: str) -> str:
    """Return the path of a program from Debian's `package`, also looking where Debian keeps servers."""
    path = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin:/sbin")
    require(path, f"{name} is not installed: apt-get install {package}")
    return str(path)


def require_script(name: str) -> str:
    """Return the path of a script of this environment; the first line that pip gives one breaks at a space."""
    path = str(Path(sys.executable).with_name(name))
    require(" " not in path, f"{path} cannot be started: there is a space in its path")
    return path


def without_capabilities() -> list[str]:
    """Return the prefix of a command with which file permissions apply to root, too."""
    if os.geteuid() != 0:
        return []
    return [require_program("setpriv", "util-linux"), "--bounding-set=-all"]
