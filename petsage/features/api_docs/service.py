"""Finds Swagger UI and keeps the files that somebody asked for; nothing is looked for before that."""

import asyncio
import hashlib
import re
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript", ".png": "image/png"}
OURS = ("petsage-docs.css", "petsage-docs.js")
THEIRS = ("favicon-32x32.png", "swagger-ui.css", "swagger-ui-bundle.js")
_OUR_FOLDER = Path(__file__).parent / "static"
_LEAST_MAJOR = 5  # the first that can show OpenAPI 3.1


class Asset(NamedTuple):
    """What is sent, with a tag that changes when it does."""

    body: bytes
    media_type: str
    tag: str


def asset(body: bytes, media_type: str) -> Asset:
    """Return these bytes with their tag."""
    return Asset(body=body, media_type=media_type, tag=hashlib.sha256(body).hexdigest()[:32])


def swagger_ui() -> Path | None:
    """Return the folder of Swagger UI, None when it is not installed or too old for OpenAPI 3.1.

    The distribution `swagger-ui-bundle` has the same import name, and Swagger UI 4 in it.
    """
    from importlib.util import find_spec  # noqa: PLC0415 (asked only by who reads the page)

    if find_spec("swagger_ui_bundle") is None:
        return None
    from swagger_ui_bundle import swagger_ui_path  # noqa: PLC0415 (an extra, and only for who reads the page)

    version = re.search(r"(\d{1,9})\.\d", swagger_ui_path.name)
    return Path(swagger_ui_path) if version and int(version.group(1)) >= _LEAST_MAJOR else None


class Assets:
    """The files that the page loads; each is read once, on first demand."""

    def __init__(self, find: Callable[[], Path | None]) -> None:
        self._find = find
        self._kept: dict[str, Asset] = {}

    @property
    def installed(self) -> bool:
        """Whether there is a Swagger UI to show."""
        return self._folder is not None

    async def get(self, name: str) -> Asset | None:
        """Return one of `OURS` or `THEIRS`, None when Swagger UI is not installed; raises KeyError for other names."""
        if (folder := self._folder) is None:
            return None
        if name not in self._kept:
            path = {**dict.fromkeys(OURS, _OUR_FOLDER), **dict.fromkeys(THEIRS, folder)}[name] / name
            self._kept[name] = asset(await asyncio.to_thread(path.read_bytes), MEDIA_TYPES[path.suffix])
        return self._kept[name]

    @cached_property
    def _folder(self) -> Path | None:
        return self._find()
