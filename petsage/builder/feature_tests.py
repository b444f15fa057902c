"""Run the tests of a feature with pytest in a separate process."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

from petsage.builder.findings import Finding, Outcome

_NEEDED = ("pytest", "pytest_aiohttp")
_NO_TESTS = 5  # pytest's exit status for "no tests collected"


_COMMAND = (sys.executable, "-m", "pytest", "-q", "--color=no", "-p", "no:cacheprovider")
_NO_PLUGINS = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""}
_BARE = ("-p", "pytest_asyncio.plugin", "-p", "pytest_aiohttp.plugin", "-c", os.devnull, "--rootdir", ".")


def run_tests(path: Path | None, *, bare: bool = False) -> Finding:
    """Run `pytest` in a feature's folder; `path` is its `__init__.py`, or the only file of a feature without a folder.

    With `bare`, pytest loads only the plugins that the tests need, and no settings of parent folders.
    """
    if path is None or path.name != "__init__.py":
        return Finding(Outcome.SKIPPED, "its tests: a feature of a single file has none")
    if missing := [name.replace("_", "-") for name in _NEEDED if importlib.util.find_spec(name) is None]:
        return Finding(Outcome.SKIPPED, f"its tests were not run: pip install {' '.join(missing)}")
    done = _pytest(path.parent, bare=bare)
    summary = (done.stdout.strip().splitlines() or ["nothing was printed"])[-1].strip("= ")
    if done.returncode == _NO_TESTS:
        return Finding(Outcome.SKIPPED, "its tests: there are none")
    if done.returncode:
        return Finding(Outcome.FAILED, f"its tests: {summary}", done.stdout + done.stderr)
    return Finding(Outcome.OK, f"its tests: {summary}")


def _pytest(folder: Path, *, bare: bool) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 (the Python of this process)
        [*_COMMAND, *(_BARE if bare else ()), "."],
        cwd=folder,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **(_NO_PLUGINS if bare else {})},
        check=False,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        text=True,
    )
