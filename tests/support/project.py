"""Project folders with features, and applications started from them."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from textwrap import dedent
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestClient

from petsage.bootstrap import Loaded, load

Client = TestClient[web.Request, web.Application]
StartApp = Callable[..., Awaitable[Client]]
"""The fixture `start_app`: takes sections of the configuration, returns a client of the started application."""


class Project:
    """A folder with a `features` folder beside `config.yml`, as a user has it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.features = path / "features"
        self.features.mkdir()

    def add_feature(self, name: str, source: str) -> Path:
        """Write a feature: `orders.py`, or one file of a package such as `orders/__init__.py`."""
        path = self.features / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(source))
        return path

    def write_config(self, text: str) -> str:
        """Write `config.yml`, and return its path."""
        path = self.path / "config.yml"
        path.write_text(text)
        return str(path)

    def load(self, **sections: Any) -> Loaded:
        """Load a configuration of these sections with the features of this folder."""
        return load({"feature_paths": [str(self.features)], **sections})
