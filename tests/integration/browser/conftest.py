"""A real Chromium, Debian's, that writes down what it complains about."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.require import require, require_program
from tests.support.server_process import Server, serving

if TYPE_CHECKING:
    from playwright.async_api import Page

ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
Browse = Callable[[str], "AbstractAsyncContextManager[tuple[Page, list[str]]]"]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(cwd=tmp_path_factory.mktemp("home")) as server:
        yield server


@pytest.fixture
def browse(server: Server) -> Browse:
    """Open a URL in a browser of its own; `http://petsage:8080` is the server, so that pictures of it are alike."""
    chromium = require_program("chromium", "chromium")
    require(find_spec("playwright"), "Playwright is not installed: pip install playwright")

    @asynccontextmanager
    async def opened(url: str) -> AsyncIterator[tuple["Page", list[str]]]:
        from playwright.async_api import async_playwright  # noqa: PLC0415 (it may be missing)

        arguments = [*ARGUMENTS, f"--host-resolver-rules=MAP petsage:8080 127.0.0.1:{server.port}"]
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=Path(chromium), args=arguments)
            page = await browser.new_page(viewport={"width": 1200, "height": 900}, locale="en-GB", timezone_id="UTC")
            complaints: list[str] = []
            page.on("console", lambda message: complaints.append(f"{message.type}: {message.text}"))
            page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
            page.on("requestfailed", lambda request: complaints.append(f"failed: {request.url}"))
            await page.goto(url)
            yield page, complaints
            await browser.close()

    return opened
