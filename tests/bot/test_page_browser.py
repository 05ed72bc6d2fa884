"""The page in a real browser: what a person sees and does, on a phone and at a desk.

``PAGE_SHOTS=DIR`` keeps pictures of the page, to be looked at.
"""

import io
import os
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import BrowserContext, Page, async_playwright, expect

from bot.playground import PLAYGROUND
from bot.playground.hub import STREAMS_PER_PERSON
from bot.playground.passes import PATH
from handlers.chat import Button, Picture, Say, Show, Tone
from tests.bot.playground_requests import portrait_of, ticket
from tests.doubles import photo

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 860}

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="there is no /usr/bin/chromium"),
]


@pytest.fixture
async def browser():
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        await browser.close()


@pytest.fixture(params=["phone", "desk"])
async def context(request, browser) -> AsyncIterator[BrowserContext]:
    phone = request.param == "phone"
    context = await browser.new_context(
        viewport=PHONE if phone else DESK, locale="en-GB", has_touch=phone,
        color_scheme="light" if phone else "dark", device_scale_factor=2 if phone else 1,
    )  # fmt: skip
    context.set_default_timeout(15_000)
    yield context
    await context.close()


@pytest.fixture
async def page(context, base, container) -> AsyncIterator[Page]:
    """The page as Anna's browser has it; whatever it complains about fails the test."""
    page, complaints = await context.new_page(), []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    await page.goto(f"{base}{PATH}?ticket={ticket(container, 'anna')}")
    await page.get_by_role("button").click()
    await expect(page.locator("#log li.in").first).to_be_visible()
    yield page
    assert [one for one in complaints if "DISCONNECTED" not in one] == []


async def shot(page: Page, name: str) -> None:
    """Keep a picture of the page, if somebody wants to look."""
    if folder := os.environ.get("PAGE_SHOTS"):
        width = (page.viewport_size or PHONE)["width"]
        await page.wait_for_timeout(500)
        await page.screenshot(path=Path(folder) / f"{name}-{width}.png")


async def fits(page: Page) -> None:
    """Nothing sticks out to the side."""
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert await page.evaluate(
        "[...document.querySelectorAll('#log li, .keys button')].every("
        "one => one.getBoundingClientRect().right <= innerWidth + 1)"
    )


async def press(page: Page, label: str) -> None:
    await page.locator(".keys button", has_text=label).last.click()


async def to_photos(page: Page) -> None:
    for label in ("Portraits of me", "Yes, and I", "Yes, make my avatar", "Woman"):
        await press(page, label)
        await expect(page.locator(".keys button[aria-busy]")).to_have_count(0)
    await expect(page.locator("#log li.in").last).to_contain_text("photos")


def files(count: int) -> list[dict]:
    return [
        {"name": f"IMG_{number}.jpg", "mimeType": "image/jpeg", "buffer": photo(number)}
        for number in range(count)
    ]


async def say(container, text: str, **how) -> None:
    """As the outbox worker, from another process, would."""
    await container.outbounds[PLAYGROUND].send("anna", Say(text, **how))


async def test_an_old_window_gives_way_to_newer_ones_until_it_is_looked_at(page, context):
    """As many windows as may be, and one: the first waits, and does not push out another."""
    newer = [await context.new_page() for _ in range(STREAMS_PER_PERSON)]
    for one in newer:
        await one.goto(page.url)
        await expect(one.locator("#status")).to_have_text("online")
    await expect(page.locator("#status")).to_contain_text("paused")
    for one in newer:
        await expect(one.locator("#status")).to_have_text("online")
    await page.mouse.click(5, 5)
    await expect(page.locator("#status")).to_have_text("online")
    await expect(newer[0].locator("#status")).to_contain_text("paused")


async def test_what_is_written_beside_photos_is_part_of_them(page):
    """It is said once they have come: what asks for nothing is passed over, a language is done."""
    await to_photos(page)
    for words, answer in (("me in Lisbon", "received"), ("français", "continuons en français")):
        await page.set_input_files("#files", files(3))
        await page.locator("#words").fill(words)
        await page.keyboard.press("Enter")
        await expect(page.locator("#log li.out", has_text=words)).to_be_visible()
        await expect(page.locator("#log")).to_contain_text(answer)
    await expect(page.locator("#log")).not_to_contain_text("didn’t understand")


async def test_a_newcomer_is_greeted_and_can_agree(page):
    await fits(page)
    await expect(page.locator("#status")).to_have_text("online")
    await shot(page, "1-welcome")
    await to_photos(page)
    await fits(page)
    await shot(page, "2-agreed")


async def test_photos_are_picked_seen_dropped_sent_and_counted(page, container):
    await to_photos(page)
    await page.set_input_files("#files", files(7))
    await expect(page.locator("#picked li")).to_have_count(7)
    await expect(page.locator("#count")).to_have_text("7")
    await page.locator("#picked li button").first.click()
    await expect(page.locator("#count")).to_have_text("6")
    await shot(page, "3-picked")
    await page.click("#send")
    await expect(page.locator("li.album .tile")).to_have_count(6)
    await expect(page.locator("#log li.album")).to_have_count(1)
    await expect(page.locator("li.album .ring")).to_have_count(0)
    await expect(page.locator("li.album .aside").last).to_have_text("answered")
    await expect(page.locator("#log li.in").last).to_contain_text("received")
    await fits(page)
    await shot(page, "4-sent")
    await page.reload()
    await expect(page.locator("li.album .tile img")).to_have_count(6)


async def test_what_cannot_be_a_photo_is_marked_and_not_sent(page):
    wrong = {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"hello"}
    await page.set_input_files("#files", [*files(1), wrong])
    await expect(page.locator("#picked li.wrong")).to_have_text("Not a picture")
    await expect(page.locator("#count")).to_have_text("1")


async def test_photos_can_be_dropped_and_pasted(page):
    carry = (
        "(kind) => { const data = new DataTransfer();"
        " data.items.add(new File([new Uint8Array(9)], 'a.jpg', {type: 'image/jpeg'}));"
        " const event = kind === 'paste'"
        " ? new ClipboardEvent('paste', {clipboardData: data, bubbles: true})"
        " : new DragEvent(kind, {dataTransfer: data, bubbles: true, cancelable: true});"
        " document.body.dispatchEvent(event); }"
    )
    await page.evaluate(carry, "dragenter")
    await expect(page.locator("#drop")).to_be_visible()
    await page.evaluate(carry, "drop")
    await expect(page.locator("#drop")).to_be_hidden()
    await expect(page.locator("#picked li")).to_have_count(1)
    await page.evaluate(carry, "paste")
    await expect(page.locator("#picked li")).to_have_count(2)


async def test_own_words_stay_in_the_browser_and_survive_a_reload(page, container):
    await page.fill("#words", "a word of my own 🦆")
    await page.keyboard.press("Enter")
    await expect(page.locator("li.out")).to_contain_text("a word of my own")
    await expect(page.locator("li.out .aside").last).to_have_text("answered")
    await page.reload()
    await expect(page.locator("li.out")).to_contain_text("a word of my own")
    for key in await container.redis.keys("eider:*"):
        assert b"my own" not in (await container.redis.dump(key) or b"")


async def test_progress_glides_in_one_bubble(page, container):
    for percent in (1, 30, 65):
        await say(
            container, f"Making your avatar: {percent}%.\nLearning what you look like.",
            message_key="progress:1", tone=Tone.PROGRESS, share=percent / 100,
        )  # fmt: skip
        bar = page.locator("[role=progressbar]")
        await expect(bar).to_have_attribute("aria-valuenow", str(percent))
    await expect(page.locator("li.progress")).to_have_count(1)
    await expect(page.locator(".percent")).to_have_text("65%")
    await shot(page, "5-progress")
    await page.reload()
    await expect(page.locator("[role=progressbar]")).to_have_attribute("aria-valuenow", "65")


async def test_portraits_open_large_and_can_be_kept(page, container):
    for _ in range(4):
        portrait = await portrait_of(container, "anna")
    out = io.BytesIO()
    Image.new("RGB", (64, 80), "plum").save(out, "JPEG")
    pictures = tuple(
        Picture(portrait.id, out.getvalue(), "image/jpeg", f"Noir {n}") for n in range(4)
    )
    keys = ((Button("More like me", "more:1"), Button("More beautiful", "fairer:1")),)
    show = Show(pictures, "Your first portraits: Noir. Likeness 80%.", keys)
    await container.outbounds[PLAYGROUND].send("anna", show)
    tiles = page.locator("li.pictures", has_text="Likeness 80%").locator(".tile")
    await expect(tiles).to_have_count(4)
    await shot(page, "6-portraits")
    await tiles.nth(1).click()
    await expect(page.locator("#lightbox")).to_be_visible()
    await expect(page.locator("#place")).to_have_text("2 / 4")
    await page.keyboard.press("ArrowRight")
    await expect(page.locator("#place")).to_have_text("3 / 4")
    assert await page.locator("#large").evaluate("one => one.decode().then(() => one.naturalWidth)")
    await shot(page, "7-lightbox")
    async with page.expect_download() as waiting:
        await page.click("#download")
    assert (await (await waiting.value).path()).read_bytes().startswith(b"\xff\xd8")
    await page.keyboard.press("Escape")
    await expect(page.locator("#lightbox")).to_be_hidden()
    await expect(tiles.nth(1)).to_be_focused()


async def test_a_portrait_to_share_is_a_file_to_keep(page, container):
    portrait = await portrait_of(container, "anna")
    which = Say("Which one?", ((Button("Picture 1", share=portrait.id),),))
    await container.outbounds[PLAYGROUND].send("anna", which)
    async with page.expect_download() as waiting:
        await page.locator(".keys a", has_text="Picture 1").click()
    assert (await (await waiting.value).path()).read_bytes().startswith(b"\xff\xd8")
    await fits(page)


async def test_a_deep_link_is_followed_once_in_a_tab(page, base):
    await page.goto(f"{base}/playground?start=t-noir")
    await expect(page.locator("#log li.in", has_text="“Film noir” it is")).to_have_count(1)
    await page.reload()
    await expect(page.locator("#status")).to_have_text("online")
    await page.fill("#words", "/help")
    await page.keyboard.press("Enter")
    await expect(page.locator("#log li.in").last).to_contain_text("/invite")
    await expect(page.locator("#log li.in", has_text="“Film noir” it is")).to_have_count(1)
    assert page.url.endswith("?start=t-noir")


async def test_an_invitation_is_a_link_to_this_page(page):
    await page.fill("#words", "/invite")
    await page.keyboard.press("Enter")
    link = page.locator(".keys a", has_text="My invitation link")
    await expect(link).to_have_attribute("href", re.compile(r"^/playground\?start=r-[0-9a-f]{32}$"))
    await expect(page.locator(".keys", has_text="Send to a friend")).to_have_count(0)


async def test_an_answer_comes_down_below_what_was_pressed(page, container):
    await say(container, "An old question", message_key="language")
    await say(container, "Something newer")
    await page.fill("#words", "/language")
    await page.keyboard.press("Enter")
    await expect(page.locator("#log li.in").last).to_contain_text("Which language")
    await expect(page.locator("#log li.in", has_text="An old question")).to_have_count(0)
    order = await page.locator("#log li").evaluate_all("all => all.map(one => one.className)")
    assert order.index(next(one for one in order if one.startswith("out"))) == len(order) - 2


async def test_the_page_follows_a_change_of_language(page):
    await page.fill("#words", "/language")
    await page.keyboard.press("Enter")
    await press(page, "Français")
    await expect(page.locator("#words")).to_have_attribute("placeholder", "Message")
    await expect(page.locator("#status")).to_have_text("en ligne")
    assert await page.evaluate("document.documentElement.lang") == "fr"
    await page.reload()
    await expect(page.locator("#status")).to_have_text("en ligne")


async def test_the_menu_opens_by_keyboard_and_sends_a_command(page):
    await page.focus("#menu-button")
    await page.keyboard.press("Enter")
    await expect(page.locator("#menu")).to_be_visible()
    await shot(page, "8-menu")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Escape")
    await expect(page.locator("#menu")).to_be_hidden()
    await expect(page.locator("#menu-button")).to_be_focused()
    await page.keyboard.press("Enter")
    await page.locator("#menu button", has_text="/mydata").click()
    await expect(page.locator("li.out")).to_contain_text("/mydata")
    await expect(page.locator("#log li.in").last).to_contain_text("uploaded photos")


async def test_erasing_clears_the_page_and_leaves_the_receipt(page, container):
    await page.fill("#words", "my secret word")
    await page.keyboard.press("Enter")
    await expect(page.locator("li.out")).to_have_count(1)
    await page.fill("#words", "/erase")
    await page.keyboard.press("Enter")
    await press(page, "Erase everything")
    await expect(page.locator("li.receipt")).to_contain_text("Receipt of erasure")
    async with container.database.begin() as tx:
        from shop.records import OutboxMessage

        outbox_handlers = await tx.find(OutboxMessage, name="drop_session")
    for message in outbox_handlers:
        await container.outbox_handlers.answer({"message": message.id})
    await expect(page.locator("li.out")).to_have_count(0)
    await expect(page.locator("#log li.in")).to_have_count(1)
    await expect(page.locator("li.receipt")).to_be_visible()
    await shot(page, "9-erased")
    kept = await page.evaluate(
        "new Promise((settle) => { const open = indexedDB.open('eider');"
        " open.onsuccess = () => { const all = open.result.transaction('mine')"
        ".objectStore('mine').getAll(); all.onsuccess = () => settle(all.result.length); }; })"
    )
    assert kept == 0


async def test_a_lost_line_is_told_and_taken_up_again(page, context, container):
    await context.set_offline(True)
    await page.fill("#words", "into the void")
    await page.keyboard.press("Enter")
    await expect(page.locator("li.out.failed")).to_have_count(1)
    await context.set_offline(False)
    await page.locator("button.again").click()
    await expect(page.locator("li.out .aside").last).to_have_text("answered")


async def test_everything_has_a_name_and_the_log_is_live(page):
    await expect(page.locator("#log")).to_have_attribute("aria-live", "polite")
    nameless = await page.evaluate(
        "[...document.querySelectorAll('button, textarea, a, img, [role=menu], dialog')]"
        ".filter(one => !one.getAttribute('aria-label') && !one.textContent.trim()"
        " && one.getAttribute('alt') === null).map(one => one.outerHTML)"
    )
    assert nameless == []
