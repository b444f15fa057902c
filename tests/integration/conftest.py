"""What all tests of real servers share."""

import pytest

SLOW_TO_START = {"mysql"}
"""Fixtures that take more than two seconds."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave what needs a server that is slow to start to `make test-all`."""
    for item in items:
        if SLOW_TO_START & {*getattr(item, "fixturenames", ())}:
            item.add_marker(pytest.mark.slow)
