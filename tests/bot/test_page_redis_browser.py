"""The page finds back by itself after Redis was away."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright, expect

from tests.bot.test_page_browser import CHROMIUM, DESK, FLAGS
from tests.redis_server import RedisServer

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="there is no /usr/bin/chromium"),
]


@pytest.fixture
async def server(tmp_path: Path):
    async with RedisServer(tmp_path) as server:
        yield server


@pytest.fixture
def valkey(server: RedisServer) -> str:
    """This test's own, for the container."""
    return server.url


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        page = await browser.new_page(viewport=DESK, locale="en-GB")
        page.set_default_timeout(30_000)
        yield page
        await browser.close()


async def test_the_stream_comes_back_and_what_was_typed_meanwhile_is_answered(page, base, server):
    await page.goto(f"{base}/playground")
    await expect(page.locator("#log li.in").first).to_be_visible()
    await expect(page.locator("#status")).to_have_attribute("data-word", "page-online")
    await server.stop()
    await expect(page.locator("#status")).to_have_attribute("data-word", "page-connecting")
    await page.fill("#words", "/help")
    await page.keyboard.press("Enter")
    await server.start()
    await expect(page.locator("#status")).to_have_attribute(
        "data-word", "page-online", timeout=60_000
    )
    await expect(page.locator("#log li.in", has_text="/mydata").first).to_be_visible(timeout=60_000)
