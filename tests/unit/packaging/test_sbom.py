"""The bill of materials lists what the distributions install."""

import json
import sys
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from petsage import __version__
from tests.support.checkout import CHECKOUT, copy_to
from tests.support.distributions import locked_versions, run

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(900)]


def test_make_dist_builds_what_is_published_and_lists_what_it_installs(tmp_path: Path) -> None:
    clone = copy_to(tmp_path / "clone")
    run("make", "dist", f"PYTHON={sys.executable}", cwd=clone, within=600)
    assert sorted(path.name for path in (clone / "dist").iterdir()) == [
        f"petsage-{__version__}-py3-none-any.whl",
        f"petsage-{__version__}.tar.gz",
        "petsage.cdx.json",
    ]
    listed = json.loads((clone / "dist" / "petsage.cdx.json").read_text())
    assert (listed["bomFormat"], listed["metadata"]["component"]["name"]) == ("CycloneDX", "petsage")
    expected: dict[str, str] = {}
    for lock in (CHECKOUT / "locks").glob("image*.txt"):
        expected |= {name: found[0][0] for name, found in locked_versions(lock).items() if "win32" not in found[0][1]}
    found = {canonicalize_name(part["name"]): part["version"] for part in listed["components"]}
    assert found.items() <= expected.items()
    assert {"aiohttp", "dependency-injector", "marshmallow", "asyncpg", "uvloop"} <= found.keys()
