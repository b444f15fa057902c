"""Fixtures of all tests."""

import signal
from collections.abc import Callable, Iterator
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
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str | bytes], Path]:
    """Return what writes `config.yml` into the working directory and names it as a user there would."""
    monkeypatch.chdir(tmp_path)

    def written(content: str | bytes) -> Path:
        path = Path("config.yml")
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return written


@pytest.fixture
def start_app(project: Project, aiohttp_client: AiohttpClient) -> StartApp:
    """Start an application with the features of `project`, and return a client of it."""

    async def start(**sections: Any) -> Client:
        return await aiohttp_client(create_app(project.load(**sections)))

    return start
