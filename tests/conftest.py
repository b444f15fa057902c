"""What all tests share."""

import signal
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from pytest_aiohttp import AiohttpClient

from petsage.app import create_app
from petsage.bootstrap import load_core
from petsage.core.container import Core

Client = TestClient[web.Request, web.Application]


@pytest.fixture(scope="session", autouse=True)
def interruptible() -> Iterator[None]:
    """Let SIGINT reach what the tests start: a shell has it ignored in whatever it puts into the background."""
    before = signal.getsignal(signal.SIGINT)
    if before is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


class Home:
    """A folder with a `features` folder, as a user has it beside `config.yml`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.features = path / "features"
        self.features.mkdir()

    def drop(self, name: str, source: str) -> Path:
        """Write a feature: `orders.py`, or a file of a package such as `orders/__init__.py`."""
        path = self.features / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(source))
        return path

    def core(self, **sections: Any) -> Core:
        """Configure with these sections and the features of this folder."""
        return load_core({"feature_paths": [str(self.features)], **sections})


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


Open = Callable[..., Awaitable[Client]]


@pytest.fixture
def open_house(home: Home, aiohttp_client: AiohttpClient) -> Open:
    """Start an application with the features of `home`, and return a client of it."""

    async def opened(**sections: Any) -> Client:
        return await aiohttp_client(create_app(home.core(**sections)))

    return opened
