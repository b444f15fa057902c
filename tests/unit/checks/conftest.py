"""Fixtures of the tests of checks."""

import pytest


@pytest.fixture
def no_stall_detection(monkeypatch: pytest.MonkeyPatch) -> None:
    """Turn stall detection off: on a slow machine, no result is discarded and no run repeated."""
    monkeypatch.setattr("petsage.checks.scheduler._LATE_SECONDS", 60)
    monkeypatch.setattr("petsage.checks.check_run.MAX_STEP_SECONDS", 60)
