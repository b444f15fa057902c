"""Tests of the stack begin when PetSage and the shop are ready at once."""

import os

import pytest


@pytest.fixture(scope="session")
def shop_url() -> str:
    """Where docker-compose.yml publishes the shop."""
    return f"http://127.0.0.1:{os.environ.get('SHOP_PORT', '8000')}"


@pytest.fixture(scope="session")
def petsage_url(shop_url: str) -> tuple[str, ...]:
    """What `petsage_ready` waits for."""
    return f"http://127.0.0.1:{os.environ.get('PETSAGE_PORT', '8080')}", f"{shop_url}/"


@pytest.fixture(scope="session", autouse=True)
def stack(petsage_ready: tuple[str, ...]) -> None:
    """Every test begins when the stack is ready."""
