"""Every page, for everybody: in light and dark, on a phone and at a desk, with large text, for who
listens to it, and with a way back to the chat. ``PAGE_SHOTS=DIR`` keeps pictures of all of it."""

from collections.abc import AsyncIterator
from itertools import product

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, expect

from bot.playground import PLAYGROUND
from bot.playground.passes import PATH
from handlers.chat import Button, Picture, Say, Show, Tone
from handlers.texts import texts
from tests.bot.pages.albums import links, preview, somebody, with_avatar, with_set
from tests.bot.playground_requests import portrait_of, ticket
from tests.bot.sandbox_purchases import billed
from tests.bot.test_page_browser import CHROMIUM, browser, entered, files, say, shot
from tests.bot.wechat.pay.agents import ANDROID

__all__ = ["browser"]

BROKEN = """() => {
  const range = document.createRange();
  const said = [...document.querySelectorAll("h1, p:not(.aside), a, button, bdi")]
    .filter((one) => one.checkVisibility());
  return said.flatMap((one) => [...one.childNodes]
    .filter((node) => node.nodeType === Node.TEXT_NODE)
    .flatMap((node) => [...node.data.matchAll(/[\\p{L}\\p{N}¥.’]+/gu)].filter((found) => {
      range.setStart(node, found.index);
      range.setEnd(node, found.index + found[0].length);
      const at = [...range.getClientRects()];
      const { right } = one.getBoundingClientRect();
      return new Set(at.map(({ top }) => top)).size > 1 || at.some((box) => box.right > right + 1);
    }).map(([word]) => word)));
}"""
SIZES = ({"width": 390, "height": 844}, {"width": 1280, "height": 800})
ARABIC = "مرحبا، كم تستغرق الصور؟"
EN = texts("en")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="there is no /usr/bin/chromium"),
]


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    context = await browser.new_context(
        viewport=SIZES[0], locale="en-GB", reduced_motion="reduce", device_scale_factor=2
    )
    context.set_default_timeout(15_000)
    yield await context.new_page()
    await context.close()


@pytest.fixture
async def chat(browser: Browser, base, container) -> AsyncIterator[Page]:
    """Anna's chat with a message of every kind in it."""
    context = await browser.new_context(viewport=SIZES[0], locale="en-GB", reduced_motion="reduce")
    context.set_default_timeout(15_000)
    async with entered(context, base, container, ("400", "DISCONNECTED")) as page:
        await page.set_input_files("#files", files(3))
        await page.fill("#words", ARABIC)
        await page.keyboard.press("Enter")
        await expect(page.locator("li.album .tile.busy")).to_have_count(0)
        portrait = await portrait_of(container, "anna")
        pictures = tuple(
            Picture(portrait.id, preview(one), "image/jpeg", one) for one in ("noir", "id-blue")
        )
        keys = ((Button("More like me", "more:1"), Button("More beautiful", "fairer:1")),)
        to_chat = container.outbounds[PLAYGROUND].send
        await to_chat("anna", Show(pictures, "Your first portraits", keys))
        await to_chat("anna", Say("Which one?", ((Button("Picture 1", share=portrait.id),),)))
        await say(container, "All of it is erased.", tone=Tone.RECEIPT)
        await say(container, "One photo is blurred.", tone=Tone.TROUBLE)
        await say(container, "Making it: 40%", message_key="p", tone=Tone.PROGRESS, share=0.4)
        await expect(page.locator("[role=progressbar]")).to_be_visible()
        yield page
    await context.close()


async def clean(page: Page, name: str) -> None:
    """axe finds nothing, and nothing sticks out, at both sizes in both schemes."""
    found = []
    for scheme, size in product(("light", "dark"), SIZES):
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        await page.set_viewport_size(size)
        await page.wait_for_timeout(400)  # colours glide
        await shot(page, f"{name}-{scheme}")
        if await page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append(f"{name} {scheme} {size['width']}: sticks out")
        result = await Axe().run(page)
        found += [
            f"{name} {scheme} {size['width']}: {one['id']} {node['target']} {node['html'][:160]} "
            + "; ".join(said["message"] for said in (*node["any"], *node["all"], *node["none"]))
            for one in result.response["violations"]
            for node in one["nodes"]
        ]
    assert found == []


async def grows(page: Page, words: str) -> None:
    """Who sets their browser's text to 200 % gets it; on a phone nothing sticks out, and no word is
    broken."""
    size = f"parseFloat(getComputedStyle(document.querySelector('{words}')).fontSize)"
    await page.set_viewport_size(SIZES[0])
    before = await page.evaluate(size)
    await page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert await page.evaluate(size) == pytest.approx(2 * before, rel=0.01)
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await shot(page, f"large-{words.strip('#.').replace(' ', '-')}")
    assert await page.evaluate(BROKEN) == []


async def test_the_chat_is_for_everybody(chat):
    log = chat.get_by_role("log")
    await expect(log.get_by_role("list")).to_have_count(1)
    await expect(log.get_by_role("listitem").nth(7)).to_be_attached()
    own = chat.locator("li.out .text", has_text=ARABIC)
    await expect(own).to_have_css("direction", "rtl")
    await expect(chat.locator("li.in .text").first).to_have_css("direction", "ltr")
    await clean(chat, "chat")
    await chat.click("#menu-button")
    await clean(chat, "chat-menu")
    await chat.keyboard.press("Escape")
    await chat.locator("li.pictures").last.locator(".tile").first.click()
    await expect(chat.locator("#large")).to_be_visible()
    await clean(chat, "lightbox")
    await chat.keyboard.press("Escape")
    await expect(chat.locator("#lightbox")).to_be_hidden()
    await chat.route("**/playground/say", lambda route: route.fulfill(status=400))
    await chat.fill("#words", "what fails can be tried again")
    await chat.keyboard.press("Enter")
    await expect(chat.locator("li.out.failed")).to_be_visible()
    await chat.set_input_files("#files", files(4))
    await clean(chat, "chat-failed")
    await grows(chat, "li.in .text")
    field = await chat.locator("#words").bounding_box()
    assert field["width"] > SIZES[0]["width"] / 3
    assert field["height"] > 60  # a whole line of that size


async def test_the_bill_and_the_cashier_are_for_everybody_and_lead_back(chat, container):
    order = await billed(container, "anna")
    await chat.goto(f"{container.settings.public_url}/till/sandbox/{order.bill}")
    await clean(chat, "cashier")
    await grows(chat, "button.pay")
    await chat.get_by_role("link", name=EN("way-back")).click()
    await expect(chat.locator("#log li.album")).to_be_visible()
    await chat.goto(f"{container.settings.public_url}/till/sandbox/{order.bill}")
    await chat.locator("button.pay").click()
    await expect(chat.locator(".outcome.paid")).to_be_visible()
    await clean(chat, "cashier-paid")
    await chat.get_by_role("link", name=EN("way-back")).click()
    await expect(chat.locator("#log li.album")).to_be_visible()


@pytest.mark.parametrize(
    ("app", "agent", "asked"),
    [
        (
            "window.asked = []; window.TelegramWebviewProxy = "
            "{ postEvent: (...said) => window.asked.push(said) };",
            "", ["web_app_close", "{}"],
        ),
        (
            "window.asked = []; window.WeixinJSBridge = "
            "{ call: (...said) => window.asked.push(said) };",
            ANDROID, ["closeWindow"],
        ),
    ],
    ids=["telegram", "wechat"],
)  # fmt: skip
async def test_an_app_around_the_cashier_is_asked_to_close_it(
    browser, base, container, app, agent, asked
):
    order = await billed(container, "anna")
    context = await browser.new_context(**({"user_agent": agent} if agent else {}))
    page = await context.new_page()
    await page.add_init_script(app)
    await page.goto(f"{base}/till/sandbox/{order.bill}")
    address = page.url
    await page.locator("#back").click()
    assert await page.evaluate("window.asked") == [asked]
    assert page.url == address
    await context.close()


async def test_the_album_is_for_everybody(page, base, container):
    user = await somebody(container, "anna")
    avatar = await with_avatar(container, user, 40)
    for ago, style in enumerate(("golden-hour", "noir")):
        await with_set(container, avatar, [preview(style), preview("studio")], style, ago * 1500)
    await page.goto(f"{base}{PATH}?ticket={ticket(container, 'anna')}")
    await clean(page, "pass")
    await grows(page, "h1")
    await page.get_by_role("button").click()
    await expect(page.locator("#log li.in").first).to_be_visible()
    await page.goto(f"{base}{PATH}?ticket=used")
    await clean(page, "pass-gone")
    await page.goto(links(container).address(user))
    await expect(page.locator(".portrait img").first).to_be_visible()
    await clean(page, "album")
    await page.locator("#menu-button").click()
    await clean(page, "album-menu")
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Other style").click()
    await expect(page.locator(".cards .card")).to_have_count(6)
    await clean(page, "album-styles")
    await page.keyboard.press("Escape")
    await page.locator(".portrait").first.click()
    await expect(page.locator("#large")).to_be_visible()
    await clean(page, "album-viewer")
    await page.keyboard.press("Escape")
    await grows(page, ".about")


async def test_the_page_that_verifies_is_for_everybody(page, base):
    await page.goto(f"{base}/verify")
    await clean(page, "verify")
    await page.set_input_files("#file", files(1))
    await page.get_by_role("button").last.click()
    await expect(page.locator("#verdict")).to_contain_text("No label")
    await clean(page, "verify-told")
    await grows(page, "#verdict")
