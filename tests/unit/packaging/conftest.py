"""Distributions built once."""

from importlib.util import find_spec

import pytest

from tests.support.distributions import Built, build
from tests.support.require import require

TOOLS = ("build", "hatchling", "twine")


@pytest.fixture(scope="session")
def tools() -> None:
    missing = [name for name in TOOLS if find_spec(name) is None]
    require(not missing, f"not installed: pip install {' '.join(missing)}")


@pytest.fixture(scope="session")
def built(tools: None, tmp_path_factory: pytest.TempPathFactory) -> Built:
    return build(tmp_path_factory.mktemp("built"))
