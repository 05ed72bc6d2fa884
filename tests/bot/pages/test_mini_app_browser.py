"""The Mini App's door in a real browser: the proof stands in the fragment of its address."""

from urllib.parse import quote

import pytest
from playwright.async_api import expect

from tests.bot.pages.test_mini_app import ADA, BERT, base, env, url
from tests.bot.telegram.mini_app import opened_by
from tests.bot.test_page_browser import CHROMIUM, browser

__all__ = ["base", "browser", "env", "url"]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="there is no /usr/bin/chromium"),
]


@pytest.fixture
async def page(browser):
    page = await browser.new_page(locale="en-GB")
    page.set_default_timeout(15_000)
    yield page
    await page.close()


def launched(url: str, id: int) -> str:
    """As Telegram opens it."""
    return f"{url}#tgWebAppData={quote(opened_by(id))}&tgWebAppVersion=8.0&tgWebAppPlatform=ios"


async def test_its_owner_sees_the_album_and_stays_in(page, url):
    await page.goto(launched(url, ADA))
    await expect(page.locator(".portrait img")).to_be_visible()
    await page.reload()
    await expect(page.locator(".portrait img")).to_be_visible()
    await page.goto(url)  # the session is enough
    await expect(page.locator(".portrait img")).to_be_visible()


async def test_another_person_and_a_plain_browser_are_told_why_not(page, url):
    said = page.locator("#door [role=status]")
    await page.goto(launched(url, BERT))
    await expect(said).to_contain_text("nobody but its owner")
    await page.goto("about:blank")
    await page.goto(url)
    await expect(said).to_contain_text("opens from your chat")


async def test_a_browser_that_keeps_no_session_does_not_turn_in_a_circle(page, url):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    await page.route("**/in", lambda route: route.fulfill(status=204))
    await page.goto(launched(url, ADA))
    await expect(page.locator("#door [role=status]")).to_contain_text("opens from your chat")
    assert len([one for one in asked if one.endswith("/in")]) == 1
