"""The album in a real browser, on phones and at a desk. ``PAGE_SHOTS=DIR`` keeps pictures of it."""

import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, Page, expect

from bot.container import Container
from bot.playground.passes import PATH as PASS
from shop.people import users
from shop.records import Avatar, Shoot, ShootState, User
from tests.bot.pages.albums import links, preview, somebody, with_avatar, with_set
from tests.bot.playground_requests import ticket
from tests.bot.test_page_browser import CHROMIUM, DESK, FLAGS, browser

__all__ = ["FLAGS", "browser"]

SMALL, PHONE = {"width": 360, "height": 740}, {"width": 414, "height": 896}
SETS = {
    "golden-hour": ("golden-hour", "warm-film", "studio", "low-key"),
    "noir": ("noir", "black-and-white", "low-key", "old-photo"),
    "id-blue": ("id-blue", "id-white", "id-red"),
}

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="there is no /usr/bin/chromium"),
]


@dataclass
class Visitor:
    """Anna, at her album, whose address is ``url``."""

    page: Page
    url: str
    user: User
    avatar: Avatar
    container: Container

    async def shot(self, name: str) -> None:
        """Keep a picture of the page, if somebody wants to look."""
        if folder := os.environ.get("PAGE_SHOTS"):
            width = (self.page.viewport_size or PHONE)["width"]
            await self.page.wait_for_timeout(600)
            await self.page.screenshot(path=Path(folder) / f"{name}-{width}.png")

    async def fits(self) -> None:
        """Nothing sticks out to the side, and no picture that was loaded is broken."""
        page = self.page
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert await page.evaluate(
            "[...document.querySelectorAll('.key, h1, h2, .about, #answers *')].every(one => "
            "one.getBoundingClientRect().right <= innerWidth + 1)"
        )

    async def shoots(self) -> list[Shoot]:
        async with self.container.database.begin() as tx:
            return await tx.find(Shoot, user_id=self.user.id, state=ShootState.WAITING)


@pytest.fixture(params=["small", "phone", "desk"])
async def context(request, browser) -> AsyncIterator[BrowserContext]:
    desk = request.param == "desk"
    context = await browser.new_context(
        viewport={"small": SMALL, "phone": PHONE, "desk": DESK}[request.param], locale="en-GB",
        has_touch=not desk, is_mobile=not desk, device_scale_factor=1 if desk else 2,
        color_scheme="dark" if request.param == "phone" else "light",
    )  # fmt: skip
    context.set_default_timeout(15_000)
    yield context
    await context.close()


@pytest.fixture
async def visitor(context, base, container) -> AsyncIterator[Visitor]:
    """With three sets, and 40 credits; whatever the page complains about fails the test."""
    user = await somebody(container, "anna")
    avatar = await with_avatar(container, user, 40)
    for ago, (style, names) in enumerate(SETS.items()):
        await with_set(container, avatar, [preview(one) for one in names], style, ago * 1500)
    page, complaints = await context.new_page(), []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    await page.goto(f"{base}{PASS}?ticket={ticket(container, 'anna')}")
    await page.get_by_role("button").click()
    url = links(container).address(user)
    await page.goto(url)
    await expect(page.locator(".portrait img").first).to_be_visible()
    yield Visitor(page, url, user, avatar, container)
    away = ("DISCONNECTED", "status of 410")  # offline; erased
    assert [one for one in complaints if not any(word in one for word in away)] == []


async def test_it_shows_the_sets_and_fits(visitor):
    page = visitor.page
    await expect(page.locator(".set")).to_have_count(3)
    await page.wait_for_function("document.querySelector('.portrait img').naturalWidth > 0")
    await visitor.fits()
    await visitor.shot("1-album")
    await page.evaluate("scrollTo(0, document.body.scrollHeight)")
    await visitor.shot("2-album-end")


async def test_a_portrait_is_seen_large_kept_and_left_with_keys(visitor):
    page = visitor.page
    await page.locator(".portrait").first.click()
    await expect(page.locator("#large")).to_be_visible()
    await expect(page.locator("#place")).to_have_text("1 / 4")
    await visitor.shot("3-viewer")
    await page.keyboard.press("ArrowRight")
    await expect(page.locator("#place")).to_have_text("2 / 4")
    async with page.expect_download() as kept:
        await page.get_by_role("link", name="Save the original").click()
    assert (await kept.value).suggested_filename.startswith("eider-")
    await page.keyboard.press("Escape")
    await expect(page.locator("#viewer")).to_be_hidden()


async def test_more_like_me_is_asked_for_once_and_comes_by_itself(visitor):
    page = visitor.page
    button = page.locator(".set").first.get_by_role("button", name="More like me · 8 credits")
    await button.or_(page.locator(".set .key.main").first).first.dblclick()
    await expect(page.locator("#answers")).to_contain_text("Done: strength")
    await visitor.fits()
    await visitor.shot("4-answer")
    assert len(await visitor.shoots()) == 1
    await page.keyboard.press("Escape")
    await expect(page.locator(".set .about").first).to_contain_text("Being made")
    await expect(page.locator(".balance")).to_have_text("32 credits")
    await visitor.shot("5-painting")


async def test_another_style_is_chosen_by_its_picture(visitor):
    page = visitor.page
    await page.get_by_role("button", name="Other style").click()
    await expect(page.locator(".cards .card")).to_have_count(6)
    await visitor.fits()
    await visitor.shot("6-styles")
    await page.locator(".card").nth(1).click()
    await expect(page.locator("#answers")).to_contain_text("Credits held")
    assert len(await visitor.shoots()) == 1


async def test_the_menu_and_an_erasure_whose_receipt_stays(visitor):
    page = visitor.page
    await page.locator("#menu-button").click()
    await expect(page.locator("#menu")).to_be_visible()
    await visitor.shot("7-menu")
    await page.get_by_role("button", name="Erase everything").click()
    await expect(page.locator("#answers")).to_contain_text("Erase")
    await visitor.shot("8-erase")
    await page.locator("#answers .key.danger").click()
    await expect(page.locator("#answers .receipt")).to_be_visible()
    await expect(page.locator(".portrait")).to_have_count(0)
    await expect(page.locator("#answers .receipt")).to_be_visible()
    await visitor.shot("9-erased")
    await page.locator("#sheet .close").click()
    await expect(page.get_by_role("heading")).to_have_text("There is nothing here any more")


async def test_without_a_connection_nothing_is_lost_and_nothing_done_twice(visitor, context):
    page, again = visitor.page, visitor.page.locator("#answers .key")
    await context.set_offline(True)
    await page.locator(".set .key.main").first.click()
    await expect(page.locator("#answers .trouble")).to_contain_text("No connection")
    await again.click()
    await expect(page.locator("#answers .trouble")).to_contain_text("No connection")
    await context.set_offline(False)
    await again.click()
    await expect(page.locator("#answers")).to_contain_text("Done: strength")
    assert len(await visitor.shoots()) == 1


async def test_nothing_jumps_while_the_pictures_come(visitor):
    page = visitor.page
    await page.wait_for_function(
        "[...document.querySelectorAll('.portrait img')].slice(0, 4).every(one => one.complete)"
    )
    moved = await page.evaluate(
        """() => new Promise(done => {
          let sum = 0;
          new PerformanceObserver(list => list.getEntries().forEach(one => { sum += one.value; }))
            .observe({ type: "layout-shift", buffered: true });
          requestAnimationFrame(() => setTimeout(() => done(sum), 100));
        })"""
    )
    assert moved < 0.01


async def test_it_is_used_by_keys_and_names_alone(visitor):
    """What a screen reader says of it, and the way of a keyboard through it."""
    page = visitor.page
    await expect(page.get_by_role("heading", name="Your portraits")).to_be_visible()
    await expect(page.get_by_role("region", name="Golden hour")).to_be_visible()
    names = [one.strip() for one in await page.locator("button:visible").all_inner_texts()]
    pictures = await page.locator(".portrait img").evaluate_all("all => all.map(one => one.alt)")
    assert pictures[:2] == ["Golden hour, picture 1", "Golden hour, picture 2"]
    assert "More like me\n8 credits" in names
    await page.get_by_role("button", name="Golden hour, picture 1").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#large")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("button", name="Golden hour, picture 1")).to_be_focused()
    await page.get_by_role("button", name="Other style").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#answers")).to_be_focused()


async def test_credits_are_bought_at_the_till(visitor):
    page = visitor.page
    await page.locator("button.balance").click()
    await expect(page.locator("#answers")).to_contain_text("40")
    await visitor.shot("10-credits")
    await page.locator("#answers [data-action^='buy:']").first.click()
    await expect(page.locator("#answers a.key.main")).to_contain_text("Pay ¥")
    await visitor.shot("11-bill")


@pytest.mark.parametrize("language", ["zh_CN", "fr", "ko"])
async def test_other_languages_and_large_text_fit(visitor, language):
    async with visitor.container.database.begin() as tx:
        await users.set_language(tx, visitor.user, language)
    page = visitor.page
    await page.goto(visitor.url)
    await visitor.fits()
    await visitor.shot(f"12-{language}")
    await page.evaluate("document.documentElement.style.fontSize = '200%'")
    await visitor.fits()
    await visitor.shot(f"13-{language}-large")
