"""A folder of its own for each test, and a writer of its config.yml."""

from collections.abc import Callable
from pathlib import Path

import pytest

Write = Callable[[str | bytes], Path]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Return what writes `config.yml` into the working directory and names it as a user there would."""
    monkeypatch.chdir(tmp_path)

    def written(content: str | bytes) -> Path:
        path = Path("config.yml")
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return written
