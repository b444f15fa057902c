"""Swagger UI's files: looked for and read at the first request, then kept in memory."""

import asyncio
import hashlib
import re
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript", ".png": "image/png"}
OWN_FILES = ("petsage-docs.css", "petsage-docs.js")
SWAGGER_FILES = ("favicon-32x32.png", "swagger-ui.css", "swagger-ui-bundle.js")
_OWN_FOLDER = Path(__file__).parent / "static"
_MIN_MAJOR = 5  # the first that can show OpenAPI 3.1


class Asset(NamedTuple):
    """Body and media type of a response, with an entity tag derived from the body."""

    body: bytes
    media_type: str
    tag: str


def make_asset(body: bytes, media_type: str) -> Asset:
    """Return an asset of these bytes, with its entity tag."""
    return Asset(body=body, media_type=media_type, tag=hashlib.sha256(body).hexdigest()[:32])


def swagger_ui_folder() -> Path | None:
    """Return the folder of Swagger UI; None when it is not installed or too old for OpenAPI 3.1.

    The distribution `swagger-ui-bundle` has the same import name, and contains Swagger UI 4.
    """
    from importlib.util import find_spec  # noqa: PLC0415 (only for a request of the page)

    if find_spec("swagger_ui_bundle") is None:
        return None
    from swagger_ui_bundle import swagger_ui_path  # noqa: PLC0415 (an extra, and only for a request of the page)

    version = re.search(r"(\d{1,9})\.\d", swagger_ui_path.name)
    return Path(swagger_ui_path) if version and int(version.group(1)) >= _MIN_MAJOR else None


class Assets:
    """Files that the page loads; each is read once, at its first request."""

    def __init__(self, find_folder: Callable[[], Path | None]) -> None:
        self._find_folder = find_folder
        self._loaded: dict[str, Asset] = {}

    @property
    def installed(self) -> bool:
        """Whether Swagger UI is installed."""
        return self._folder is not None

    async def get(self, name: str) -> Asset | None:
        """Return one of `OWN_FILES` or `SWAGGER_FILES`; None when Swagger UI is not installed.

        Raises KeyError for other names.
        """
        if (folder := self._folder) is None:
            return None
        if name not in self._loaded:
            path = {**dict.fromkeys(OWN_FILES, _OWN_FOLDER), **dict.fromkeys(SWAGGER_FILES, folder)}[name] / name
            self._loaded[name] = make_asset(await asyncio.to_thread(path.read_bytes), MEDIA_TYPES[path.suffix])
        return self._loaded[name]

    @cached_property
    def _folder(self) -> Path | None:
        return self._find_folder()
