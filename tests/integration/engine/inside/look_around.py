"""What an image holds that it should not."""

import json
import shutil
import subprocess
import sys
from importlib.util import cache_from_source, find_spec
from pathlib import Path
from pwd import getpwuid

ENVIRONMENT = Path(sys.prefix)
BUILD_PROGRAMS = ("cc", "gcc", "git", "strip")
BUILD_PACKAGES = ("hatchling", "pip", "pytest", "setuptools", "wheel")
ROOTS_CACHE = f"{getpwuid(0).pw_dir}/.cache"
BUILD_FOLDERS = ("/application", "/build", "/layer", ROOTS_CACHE, "/tools", "/wheels")
LEFT_OVER = ("**/*.c", "**/*.h", "**/*.map", "**/*.pxd", "**/*.pyx", "**/tests")


def _is_in_environment(package: str) -> bool:
    """Exclude those of the base image."""
    spec = find_spec(package)
    return spec is not None and str(spec.origin).startswith(sys.prefix)


def _uncompiled() -> list[str]:
    modules = (path for path in ENVIRONMENT.rglob("*.py") if "site-packages" in path.parts)
    return [str(path) for path in modules if not Path(cache_from_source(str(path))).exists()]


def _left_over() -> list[str]:
    """The builder's templates have tests for those who use them."""
    found = (path for pattern in LEFT_OVER for path in ENVIRONMENT.glob(pattern))
    return [str(path) for path in found if "templates" not in path.parts]


def _writable() -> list[str]:
    return [str(path) for path in ENVIRONMENT.rglob("*") if not path.is_symlink() and path.stat().st_mode & 0o022]


def main() -> None:
    version = subprocess.run(["petsage", "--version"], capture_output=True, text=True, check=True)
    seen = {
        "environment": sys.prefix,
        "version": version.stdout,
        "programs": list(filter(shutil.which, BUILD_PROGRAMS)),
        "packages": list(filter(_is_in_environment, BUILD_PACKAGES)),
        "folders": [place for place in BUILD_FOLDERS if Path(place).exists()],
        "left over": _left_over(),
        "uncompiled": _uncompiled(),
        "writable": _writable(),
    }
    json.dump(seen, sys.stdout)


main()
