"""What the tests of checks share."""

import pytest


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the event loop stand still for as long as the machine likes: no result is doubted, no run repeated for it."""
    monkeypatch.setattr("petsage.checks.scheduler._LATE", 60)
    monkeypatch.setattr("petsage.checks.check_run.STEP_LIMIT", 60)
