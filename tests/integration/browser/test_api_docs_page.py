"""GET /docs in a real browser. PETSAGE_SCREENSHOT=1 renews the picture of the README."""

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.integration.browser.conftest import Browse
from tests.support.prefix_proxy import behind_prefix
from tests.support.server_process import Server

if TYPE_CHECKING:
    from playwright.async_api import Page

pytestmark = [pytest.mark.integration, pytest.mark.slow]

SERVER = "http://petsage:8080"
PICTURE = Path(__file__).parents[3] / "docs" / "api-docs.png"
MARGIN = 8  # pixels below what the picture shows
MAX_TABS = 40
OK = {"status": "ok", "feature": "smoke_test", "message": "PetSage builder is functional!"}
VIOLATIONS = """
    async () => {
        const violated = [];
        document.addEventListener("securitypolicyviolation", (event) => violated.push(event.effectiveDirective));
        const script = document.createElement("script");
        script.textContent = "window.stranger = true";
        document.body.append(script);
        await fetch("https://stranger.invalid/").catch(() => null);
        const image = new Image();
        const failed = new Promise((resolve) => { image.onerror = resolve; });
        image.src = "https://stranger.invalid/";
        await failed;
        await new Promise((resolve) => setTimeout(resolve));
        return [window.stranger, violated.sort()];
    }
"""


async def answer(page: "Page") -> tuple[str, object]:
    """Return the URL that "Execute" asked, and the JSON that it got."""
    live = page.locator(".live-responses-table .highlight-code code").first
    await live.wait_for()
    return await page.locator(".request-url pre").inner_text(), json.loads(await live.inner_text())


async def picture(page: "Page", path: Path) -> None:
    """Take the page from its top to the end of the answer's body; the date that follows always differs."""
    box = await page.locator(".live-responses-table .highlight-code").first.bounding_box()
    assert box is not None
    height = box["y"] + box["height"] + await page.evaluate("() => scrollY") + MARGIN
    await page.screenshot(path=path, full_page=True, clip={"x": 0, "y": 0, "width": 1200, "height": height})


async def tab_to(page: "Page", name: str) -> None:
    """Press Tab until the focus is on the control of this name."""
    control = page.get_by_role("button", name=name)
    for _ in range(MAX_TABS):
        await page.keyboard.press("Tab")
        if await control.count() and await control.first.evaluate("(one) => one === document.activeElement"):
            return
    raise AssertionError(f"{MAX_TABS} times Tab and no '{name}'")


async def test_the_smoke_test_is_shown_and_tried_out(browse: Browse, tmp_path: Path) -> None:
    async with browse(f"{SERVER}/docs") as (page, errors):
        health = page.locator(".opblock-tag-section", has=page.get_by_role("heading", name="System Health"))
        await health.locator("#operations-System_Health-get_smoke_test").get_by_role("button").first.click()
        assert "Perform a System Smoke Test" in await health.inner_text()
        await page.get_by_role("button", name="Try it out").click()
        await page.get_by_role("button", name="Execute").click()
        assert await answer(page) == (f"{SERVER}/smoke-test", OK)
        assert await page.title() == "PetSage API"
        await picture(page, PICTURE if os.environ.get("PETSAGE_SCREENSHOT") == "1" else tmp_path / "api-docs.png")
        assert errors == []


async def test_a_keyboard_is_enough(browse: Browse) -> None:
    async with browse(f"{SERVER}/docs/") as (page, errors):
        await page.get_by_role("button", name="GET /smoke-test").first.wait_for()
        for name in ("GET /smoke-test", "Try it out", "Execute"):
            await tab_to(page, name)
            assert await page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle") != "none"
            await page.keyboard.press("Enter")
        assert await answer(page) == (f"{SERVER}/smoke-test", OK)
        assert errors == []


@pytest.mark.parametrize("path", ["/docs", "/docs/"])
async def test_behind_a_path_prefix_it_tries_out_what_is_behind_the_prefix(
    server: Server, browse: Browse, path: str
) -> None:
    async with behind_prefix(server.url) as url, browse(url + path) as (page, errors):
        await page.get_by_role("button", name="GET /smoke-test").first.click()
        await page.get_by_role("button", name="Try it out").click()
        await page.get_by_role("button", name="Execute").click()
        assert await answer(page) == (f"{url}/smoke-test", OK)
        assert errors == []


async def test_the_policy_blocks_an_injected_script(browse: Browse) -> None:
    async with browse(f"{SERVER}/docs") as (page, errors):
        await page.get_by_role("button", name="GET /smoke-test").first.wait_for()
        assert errors == []
        assert await page.evaluate(VIOLATIONS) == [None, ["connect-src", "img-src", "script-src-elem"]]
        assert [one for one in errors if not re.search("Content Security Policy|stranger", one)] == []
