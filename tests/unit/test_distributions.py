"""A feature says which distributions it cannot do without; those that are missing keep it in quarantine."""

from importlib.metadata import version
from pathlib import Path

import pytest

from petsage.distributions import missing_distributions
from petsage.feature import FeatureFailed, require_distributions

AIOHTTP = version("aiohttp")


@pytest.mark.parametrize(
    "requirement",
    ["aiohttp", "AioHTTP>=3", f"aiohttp=={AIOHTTP}", "aiohttp[speedups]>1,<99", "no-such-thing; python_version < '3'"],
)
def test_what_is_installed_is_enough(requirement: str) -> None:
    require_distributions(requirement)
    assert missing_distributions(requirement) == []


def test_all_missing_distributions_are_reported_together_with_the_command() -> None:
    with pytest.raises(FeatureFailed) as raised:
        require_distributions("no-such-thing>=2", "marshmallow", "aiohttp>=99")
    assert str(raised.value) == (
        f"it needs no-such-thing>=2 (not installed), aiohttp>=99 ({AIOHTTP} is installed): "
        "pip install 'no-such-thing>=2' 'aiohttp>=99'"
    )


@pytest.mark.parametrize("metadata", [None, b"Name: bare\n", b"Name: bare\nVersion: a lot\n", b"Version: \xff\n"])
def test_a_version_that_cannot_be_read_satisfies_nothing_that_asks_for_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, metadata: bytes | None
) -> None:
    folder = tmp_path / "bare-1.0.dist-info"
    folder.mkdir()
    if metadata is not None:
        (folder / "METADATA").write_bytes(metadata)
    monkeypatch.syspath_prepend(tmp_path)
    assert missing_distributions("bare") == []
    assert missing_distributions("bare>=1") == [("bare>=1", "its version cannot be read")]
