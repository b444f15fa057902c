"""Fixtures of all tests."""

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_aiohttp import AiohttpClient

from petsage.app import create_app
from tests.support.project import Client, Project, StartApp


@pytest.fixture(scope="session", autouse=True)
def interruptible() -> Iterator[None]:
    """Restore SIGINT's default handler: a shell starts background jobs, and their children, with SIGINT ignored."""
    before = signal.getsignal(signal.SIGINT)
    if before is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


@pytest.fixture
def start_app(project: Project, aiohttp_client: AiohttpClient) -> StartApp:
    """Start an application with the features of `project`, and return a client of it."""

    async def start(**sections: Any) -> Client:
        return await aiohttp_client(create_app(project.load(**sections)))

    return start
