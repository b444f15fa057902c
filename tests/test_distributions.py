"""A feature says which distributions it cannot do without; those that are missing keep it in quarantine."""

from importlib.metadata import version

import pytest

from petsage.distributions import missing_distributions, require_distributions
from petsage.feature import FeatureFailed

AIOHTTP = version("aiohttp")


@pytest.mark.parametrize(
    "requirement",
    ["aiohttp", "AioHTTP>=3", f"aiohttp=={AIOHTTP}", "aiohttp[speedups]>1,<99", "no-such-thing; python_version < '3'"],
)
def test_what_is_installed_is_enough(requirement: str) -> None:
    require_distributions(requirement)
    assert missing_distributions(requirement) == []


def test_all_that_is_missing_is_told_at_once_with_what_to_type() -> None:
    with pytest.raises(FeatureFailed) as raised:
        require_distributions("no-such-thing>=2", "marshmallow", "aiohttp>=99")
    assert str(raised.value) == (
        f"it needs no-such-thing>=2 (not installed), aiohttp>=99 ({AIOHTTP} is installed): "
        "pip install 'no-such-thing>=2' 'aiohttp>=99'"
    )
