"""The checkout page in a real browser, at a phone's width and at a desk. ``PAGE_SHOTS=DIR`` keeps
pictures of it."""

import os
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from playwright.async_api import expect

from bot.wechat.pay.checkout_link import CheckoutLink
from shop.people.users import LANGUAGES
from shop.records import User
from tests.bot.test_page_browser import CHROMIUM, FLAGS, browser
from tests.bot.wechat.pay.agents import ANDROID, DESK, IPHONE
from tests.bot.wechat.pay.purchases import billed
from tests.bot.wechat.pay.test_checkout import CODE, says
from tests.wechatpay.stand import PAYER

__all__ = ["FLAGS", "browser"]

PHONE, WIDE = {"width": 360, "height": 740}, {"width": 1280, "height": 800}
BRIDGE = """
window.asked = [];
window.WeixinJSBridge = { call: (name) => window.asked.push([name]),
  invoke: (name, given, then) => {
  window.asked.push([name, given]);
  then({ err_msg: `get_brand_wcpay_request:${window.outcome || "ok"}` });
} };
"""

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="there is no /usr/bin/chromium"),
]


@pytest.fixture
async def order(container, base):
    return await billed(container)


@pytest.fixture
def links(container):
    return CheckoutLink(container.settings.signing_key, container.settings.public_url)


@pytest.fixture
async def visit(browser):
    """Opens an address in a browser of its own, which must run without an error."""
    contexts = []

    async def open_page(url, agent, size=PHONE, script=""):
        context = await browser.new_context(user_agent=agent, viewport=size, locale="en")
        contexts.append(context)
        page = await context.new_page()
        errors = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda one: errors.append(one.text) if one.type == "error" else None)
        if script:
            await page.add_init_script(script)
        await page.goto(url)
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert errors == []
        return page

    yield open_page
    for context in contexts:
        await context.close()


async def shot(page, name):
    if folder := os.environ.get("PAGE_SHOTS"):
        await page.screenshot(path=Path(folder) / f"{name}.png")


async def test_the_button_hands_the_payment_to_wechat_and_the_shop_confirms(
    visit, links, order, wechat, double
):
    says(wechat, PAYER)
    page = await visit(links.url(order.id, code=CODE, state="1"), ANDROID, script=BRIDGE)
    await shot(page, "pay")
    await page.evaluate("window.outcome = 'cancel'")
    await page.locator("#pay").click()
    await expect(page.locator("#said")).to_contain_text("Nothing was paid")
    await page.evaluate("window.outcome = 'fail'")
    await page.locator("#pay").click()
    await expect(page.locator("#said")).to_contain_text("could not open")
    await expect(page.locator("#pay")).to_be_enabled()
    await page.evaluate("window.outcome = 'ok'")
    await page.locator("#pay").click()
    await expect(page.locator("#said")).to_contain_text("Being confirmed")
    await expect(page.locator("#pay")).to_be_disabled()
    asked = await page.evaluate("window.asked")
    assert [name for name, _ in asked] == ["getBrandWCPayRequest"] * 3
    double.pay(asked[-1][1]["package"].removeprefix("prepay_id="), PAYER)
    await double.notices.post_due()
    await expect(page.locator(".outcome.paid")).to_be_visible(timeout=30_000)
    assert "code=" not in page.url
    await shot(page, "paid")
    await page.get_by_role("button", name="Back to the chat").press("Space")
    assert (await page.evaluate("window.asked"))[-1] == ["closeWindow"]


async def test_a_bridge_that_comes_late_is_waited_for(visit, links, order, wechat):
    says(wechat, PAYER)
    page = await visit(links.url(order.id, code=CODE, state="1"), ANDROID)
    await page.locator("#pay").click()
    await expect(page.locator("#said")).to_contain_text("Opening WeChat Pay")
    await page.evaluate(BRIDGE)
    await page.evaluate("document.dispatchEvent(new Event('WeixinJSBridgeReady'))")
    await expect(page.locator("#said")).to_contain_text("Being confirmed")


async def test_a_bridge_that_never_comes_is_given_up_with_a_word(visit, links, order, wechat):
    says(wechat, PAYER)
    page = await visit(
        links.url(order.id, code=CODE, state="1"), ANDROID,
        script="const wait = window.setTimeout;"
        "window.setTimeout = (use, ms, ...more) => wait(use, ms === 8000 ? 50 : ms, ...more);",
    )  # fmt: skip
    for _ in range(2):
        await page.locator("#pay").click()
        await expect(page.locator("#said")).to_contain_text("did not respond")
        await expect(page.locator("#pay")).to_be_enabled()
    await shot(page, "absent")
    await page.evaluate(BRIDGE)
    await page.evaluate("document.dispatchEvent(new Event('WeixinJSBridgeReady'))")
    assert await page.evaluate("window.asked") == [], "what was given up is not paid later"
    await page.locator("#pay").click()
    await expect(page.locator("#said")).to_contain_text("Being confirmed")


@pytest.mark.parametrize("size", [PHONE, WIDE], ids=["phone", "desk"])
async def test_the_code_on_the_page_can_be_scanned(visit, links, order, double, size):
    page = await visit(links.url(order.id), DESK, size)
    await shot(page, f"scan-{size['width']}")
    data = await page.locator(".code").screenshot()
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    text, _, _ = cv2.QRCodeDetector().detectAndDecode(cv2.resize(picture, None, fx=2, fy=2))
    assert text == double.trades.trades[order.bill].code
    double.pay(text, PAYER)
    await double.notices.post_due()
    await expect(page.locator(".outcome.paid")).to_be_visible(timeout=30_000)


async def test_every_language_fits_a_phone(visit, container, links, order, wechat):
    for language in LANGUAGES:
        async with container.database.begin() as tx:
            owner = await tx.get(User, order.user_id)
            await tx.put(replace(owner, language=language))
        says(wechat, PAYER)
        page = await visit(links.url(order.id, code=CODE, state="1"), ANDROID, script=BRIDGE)
        await shot(page, f"pay-{language}")
        page = await visit(links.url(order.id), IPHONE)
        await shot(page, f"ios-{language}")
