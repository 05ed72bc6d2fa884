"""The thread is not lost: what is pressed stays in view, what was not sent is sent once, pictures
can be looked at closely and handed on, photos go up no larger than they are kept."""

import asyncio
import io
import json
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from axe_playwright_python.async_playwright import Axe
from PIL import Image
from playwright.async_api import Page, Route, expect

from bot.playground import PLAYGROUND
from bot.playground.passes import PATH
from bot.playground.routes import STATIC
from bot.playground.transcript import Transcript
from handlers.chat import Button, Picture, Say, Show, Tone
from handlers.texts import texts
from pipeline.decoding import sanitizer
from shop.records import Photo, ProcessedEvent
from tests.bot.playground_requests import portrait_of, ticket
from tests.bot.test_page_browser import (
    CHROMIUM,
    browser,
    context,
    entered,
    files,
    press,
    say,
    shot,
    to_photos,
)
from tests.doubles import photo

__all__ = ["browser", "context"]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="there is no /usr/bin/chromium"),
]

SHARES = """
window.handed = [];
navigator.canShare = ({ files }) => files.every((one) => one.type.startsWith("image/"));
navigator.share = async ({ files: [one] }) => {
  window.handed.push([one.name, one.type, one.size]);
};
"""
IN_VIEW = (  # whole, or from its top where it is taller than the window
    "(one) => { const box = one.getBoundingClientRect();"
    " const room = document.querySelector('#scroller').getBoundingClientRect();"
    " const floor = document.querySelector('footer').getBoundingClientRect().top;"
    " return box.top >= room.top - 1 && (box.bottom <= floor + 1 || box.top < room.top + 120); }"
)
KEPT = (
    "new Promise((settle) => { const open = indexedDB.open('eider'); open.onsuccess = () => {"
    " const all = open.result.transaction('mine').objectStore('mine').getAll(); all.onsuccess ="
    " () => settle([all.result.length, all.result.filter((one) => one.file || one.unsent).length]);"
    " }; })"
)


def jpeg(width: int, height: int, **how) -> bytes:
    out = io.BytesIO()
    Image.effect_noise((width, height), 40).convert("RGB").save(out, "JPEG", quality=95, **how)
    return out.getvalue()


async def portraits(container, count: int = 2, keys=()) -> None:
    portrait = await portrait_of(container, "anna")
    pictures = tuple(
        Picture(portrait.id, jpeg(64, 80), "image/jpeg", f"Noir {n}") for n in range(count)
    )
    await container.outbounds[PLAYGROUND].send("anna", Show(pictures, "Your portraits", keys))


@pytest.fixture
async def page(context, base, container) -> AsyncIterator[Page]:
    """As Anna's browser has it; what a broken line makes the browser complain about is expected."""
    async with entered(context, base, container, ("ERR_FAILED", "DISCONNECTED", "409")) as page:
        yield page


async def until(page, expression: str) -> None:
    """Asked again and again: the page's policy forbids Playwright's own way."""
    async with asyncio.timeout(20):
        while not await page.evaluate(expression):
            await page.wait_for_timeout(30)


async def stored(container, kind) -> int:
    async with container.database.begin() as tx:
        return await tx.count(kind)


async def test_the_answer_to_a_press_is_in_view_and_a_reader_is_left_alone(page, container):
    for number in range(12):
        await say(container, f"Line {number}\n" * 6)
    await say(container, "Shall we?", buttons=((Button("Yes please", "terms"),),))
    for _ in range(2):  # with the focus on the key: it is drawn anew when the answer comes
        await press(page, "Yes please")
        answer = page.locator("#log li.in").last
        await expect(answer).not_to_contain_text("Shall we?")
        await until(
            page,
            "document.querySelector('#scroller').scrollHeight > 0 &&"
            f" ({IN_VIEW})([...document.querySelectorAll('#log li.in')].at(-1))",
        )
    await page.wait_for_timeout(800)  # until it has come to rest
    await page.evaluate("document.querySelector('#scroller').scrollTop -= 60")
    await page.wait_for_timeout(100)
    stands = await page.evaluate("document.querySelector('#scroller').scrollTop")
    for percent in (10, 40, 70):
        await say(
            container,
            f"Making it: {percent}%",
            message_key="p",
            tone=Tone.PROGRESS,
            share=percent / 100,
        )
        await expect(page.locator("[role=progressbar]")).to_have_attribute(
            "aria-valuenow", str(percent)
        )
    await say(container, "And one more")
    await expect(page.locator("#unseen")).to_have_text("2")
    assert await page.evaluate("document.querySelector('#scroller').scrollTop") == stands
    await shot(page, "t1-unread")
    await page.click("#newest")
    await expect(page.locator("#newest")).to_be_hidden()
    await expect(page.locator("#unseen")).to_be_empty()


async def test_a_listener_hears_the_ends_of_progress_and_not_its_ticks(page, container):
    for percent in (10, 40):
        await say(
            container,
            f"Making it: {percent}%",
            message_key="p",
            tone=Tone.PROGRESS,
            share=percent / 100,
        )
        await expect(page.locator(".percent")).to_have_text(f"{percent}%")
    await expect(page.locator("#teller")).to_have_text("Making it: 10%")
    await expect(page.locator("li.progress")).to_have_attribute("aria-live", "off")
    await say(container, "Your avatar is ready.", message_key="p")
    await expect(page.locator("#teller")).to_have_text("Your avatar is ready.")
    await say(container, "Which?", buttons=((Button("Terms please", "terms"),),))
    key = page.locator(".keys button", has_text="Terms please")
    await key.evaluate(
        "one => { one.closest('li').querySelector('article').dataset.same = 'yes'; }"
    )
    await key.click()
    await expect(page.locator("article[data-same]")).to_have_count(1)  # not read again for a press


async def test_what_is_unsent_survives_a_reload_and_is_sent_once(page, context, base, container):
    await to_photos(page)
    known = await stored(container, ProcessedEvent)
    for path in ("photo*", "say"):
        await page.route(f"**/playground/{path}", lambda route: route.abort())
    await page.set_input_files("#files", files(3))
    await page.click("#send")
    await expect(page.locator("li.album .tile")).to_have_count(3)
    await page.fill("#words", "how long does it take?")
    await page.keyboard.press("Enter")
    await page.fill("#words", "only a draft")
    await until(page, f"{KEPT}.then(([all, waiting]) => waiting === 4)")
    await page.reload()
    await expect(page.locator("li.album .tile.busy")).to_have_count(3)
    await expect(page.locator("li.out .text")).to_contain_text("how long does it take?")
    await expect(page.locator("#words")).to_have_value("only a draft")
    assert await stored(container, Photo) == 0
    lost = []

    async def deliver_but_lose_the_answer(route: Route) -> None:
        if len(lost) < 4:
            lost.append(await route.fetch())
            await route.abort()
        else:
            await route.continue_()

    for path in ("photo*", "say"):
        await page.unroute(f"**/playground/{path}")
        await page.route(f"**/playground/{path}", deliver_but_lose_the_answer)
    await context.set_offline(True)
    await expect(page.locator("#status")).to_have_text(texts("en")("page-offline"))
    await shot(page, "t2-offline")
    await context.set_offline(False)
    answered = page.locator("li.out .aside", has_text="answered")
    await expect(answered).to_have_count(2, timeout=20_000)
    await expect(page.locator("li.out .text")).to_have_count(1)
    assert await stored(container, Photo) == 3
    assert await stored(container, ProcessedEvent) == known + 4
    await until(page, f"{KEPT}.then(([all, waiting]) => all >= 4 && waiting === 0)")
    await page.set_input_files("#files", files(3))  # picked, and not sent yet
    await until(page, f"{KEPT}.then(([all, waiting]) => waiting === 3)")
    await page.reload()
    await expect(page.locator("#picked img")).to_have_count(3)
    await page.locator("#picked button").first.click()
    await until(page, f"{KEPT}.then(([all, waiting]) => waiting === 2)")
    await page.reload()
    await expect(page.locator("#count")).to_have_text("2")
    await page.click("#send")
    await expect(page.locator("li.album .tile")).to_have_count(5)
    await until(page, f"{KEPT}.then(([all, waiting]) => waiting === 0)")
    await page.reload()
    await expect(page.locator("li.album .tile")).to_have_count(5)
    await expect(page.locator("#tray")).to_be_hidden()


async def test_an_erasure_elsewhere_and_another_person_leave_nothing_here(page, base, container):
    await page.route("**/playground/say", lambda route: route.abort())
    await page.fill("#words", "my secret")
    await page.keyboard.press("Enter")
    await until(page, f"{KEPT}.then(([all, waiting]) => waiting === 1)")
    address = page.url
    await page.goto("about:blank")
    await Transcript(container.redis).forget("anna", datetime.now(UTC) + timedelta(seconds=1))
    await page.goto(address)
    await until(page, f"{KEPT}.then(([all]) => all === 0)")
    await page.wait_for_timeout(1100)  # words from after the erasure
    await page.fill("#words", "another secret")
    await page.keyboard.press("Enter")
    await until(page, f"{KEPT}.then(([all, waiting]) => waiting === 1)")
    await page.goto(f"{base}{PATH}?ticket={ticket(container, 'bert')}")
    await page.unroute("**/playground/say")
    said: list[str] = []
    page.on(
        "request",
        lambda one: said.append(one.post_data or "") if one.url.endswith("/say") else None,
    )
    await page.get_by_role("button").click()
    await expect(page.locator("#log li.in").first).to_be_visible()
    await until(page, f"{KEPT}.then(([all]) => all === 0)")
    assert not any("secret" in one for one in said)


async def test_an_erasure_empties_what_was_being_written_and_a_command_is_no_caption(
    page, container
):
    await page.set_input_files("#files", files(2))
    await page.fill("#words", "/help")
    await page.keyboard.press("Enter")
    await expect(page.locator("li.out .text", has_text="/help")).to_be_visible()
    await expect(page.locator("#picked img")).to_have_count(2)
    await page.fill("#words", "my secret")
    await Transcript(container.redis).forget("anna", datetime.now(UTC) + timedelta(seconds=1))
    await expect(page.locator("#tray")).to_be_hidden()
    await expect(page.locator("#words")).to_have_value("")
    await until(page, f"{KEPT}.then(([all]) => all === 0)")
    await page.wait_for_timeout(1100)  # words from after the erasure
    await page.fill("#words", "a new draft")
    await page.reload()
    await expect(page.locator("#words")).to_have_value("a new draft")


async def test_nothing_goes_up_as_somebody_who_came_in_by_another_window(
    page, context, base, container
):
    other = await context.new_page()
    await other.goto(f"{base}{PATH}?ticket={ticket(container, 'bert')}")
    await other.get_by_role("button").click()
    await expect(other.locator("#log li.in").first).to_be_visible()
    async with page.expect_navigation():
        await page.fill("#words", "for Anna's chat alone")
        await page.keyboard.press("Enter")
    await expect(page.locator("#log li.in").first).to_be_visible()
    await expect(page.locator("li.out")).to_have_count(0)


async def test_a_press_whose_answer_was_lost_counts_once(page, container):
    events = []

    async def lose(route: Route) -> None:
        events.append(route.request.post_data_json["event"])
        if len(events) == 1:
            await route.fetch()
            await route.abort()
        else:
            await route.continue_()

    await page.route("**/playground/press", lose)
    await press(page, "Portraits of me")
    await expect(page.locator("#log li.in", has_text=texts("en")("page-unheard"))).to_have_count(1)
    await press(page, "Portraits of me")
    await expect(page.locator(".keys button[aria-busy]")).to_have_count(0)
    assert len(events) == 2
    assert len(set(events)) == 1


async def test_a_picture_can_be_shared_and_otherwise_downloaded(page, container):
    await page.add_init_script(SHARES)
    await page.reload()
    portrait = await portrait_of(container, "anna")
    which = Say("Which one?", ((Button("Picture 1", share=portrait.id),),))
    await container.outbounds[PLAYGROUND].send("anna", which)
    await page.locator(".keys a", has_text="Picture 1").click()
    await until(page, "window.handed.length === 1")
    name, kind, size = (await page.evaluate("window.handed"))[0]
    assert (name.endswith(".jpg"), kind, size > 100) == (True, "image/jpeg", True)
    await page.evaluate(
        "void (navigator.share = async () => { throw new DOMException('', 'NotAllowedError'); })"
    )
    async with page.expect_download():
        await page.locator(".keys a", has_text="Picture 1").click()
    await portraits(container)
    await expect(page.locator("li.pictures")).to_have_count(2)  # the samples stand above
    await page.locator("li.pictures").last.locator(".tile").first.click()
    await expect(page.get_by_role("link", name="Share")).to_be_visible()


async def test_back_closes_the_lightbox_and_taps_and_fingers_look_closer(page, container):
    await portraits(container)
    await expect(page.locator("li.pictures")).to_have_count(2)  # the samples stand above
    tile = page.locator("li.pictures").last.locator(".tile").first
    await tile.click()
    large, box = page.locator("#large"), page.locator("#lightbox")
    await expect(box).to_be_visible()
    await large.evaluate("one => one.decode()")
    await large.dblclick()
    zoom = "new DOMMatrix(getComputedStyle(document.querySelector('#large')).transform)"
    assert await page.evaluate(f"{zoom}.a") == 2.5
    before = await page.evaluate(f"{zoom}.f")
    at = await page.locator("#frame").bounding_box()
    x, y = at["x"] + at["width"] / 2, at["y"] + at["height"] / 2
    await page.mouse.move(x, y)
    await page.mouse.down()
    await page.mouse.move(x, y + 90, steps=4)
    await page.mouse.up()
    assert await page.evaluate(f"{zoom}.f") > before
    await expect(page.locator("#place")).to_have_text("1 / 2")  # moved, not turned over
    await shot(page, "t3-zoomed")
    await large.dblclick()
    assert await page.evaluate(f"{zoom}.a") == 1
    await page.evaluate(
        "([x, y]) => { const frame = document.querySelector('#frame');"
        " const go = (kind, id, dx) => (kind === 'pointerdown' ? frame : window).dispatchEvent("
        "new PointerEvent(kind, { pointerId: id, clientX: x + dx, clientY: y, bubbles: true }));"
        " go('pointerdown', 7, -30); go('pointerdown', 8, 30); go('pointermove', 8, 90);"
        " go('pointerup', 7, -30); go('pointerup', 8, 90); }",
        [x, y],
    )
    assert await page.evaluate(f"{zoom}.a") == 2
    await page.keyboard.press("ArrowRight")  # moves within the picture
    await expect(page.locator("#place")).to_have_text("1 / 2")
    await page.keyboard.press("0")
    await page.keyboard.press("ArrowRight")
    await expect(page.locator("#place")).to_have_text("2 / 2")
    address = page.url
    await page.evaluate("history.back()")
    await expect(box).to_be_hidden()
    await expect(tile).to_be_focused()
    assert page.url == address
    await tile.click()
    await page.keyboard.press("Escape")
    await expect(box).to_be_hidden()
    await until(page, "history.state === null")  # Back leaves the page again


async def test_photos_go_up_as_large_as_they_are_kept_and_labels_stay_on(page, container):
    turned = Image.Exif()
    turned[274] = 6  # to be turned by a quarter, clockwise
    turned[271] = "A maker of cameras"
    sent: dict[str, bytes] = {}
    small, strip = photo(1), jpeg(600, 3300)
    labelled = jpeg(2600, 400 * 4, comment=b"AIGC")
    given = {
        "large.jpg": jpeg(3000, 2250, exif=turned), "small.jpg": small, "strip.jpg": strip,
        "labelled.jpg": labelled, "odd.heic": b"not to be decoded here",
    }  # fmt: skip

    async def keep(route: Route) -> None:
        sent[str(len(sent))] = route.request.post_data_buffer or b""
        await route.fulfill(status=200, body=json.dumps({"language": "en"}))

    await page.route("**/playground/photo*", keep)
    for count, (name, data) in enumerate(given.items(), 1):
        kind = "image/heic" if name.endswith("heic") else "image/jpeg"
        await page.set_input_files("#files", [{"name": name, "mimeType": kind, "buffer": data}])
        await page.click("#send")
        await expect(page.locator("li.album")).to_have_count(count)
        await expect(page.locator("li.album .tile.busy")).to_have_count(0)
    large = Image.open(io.BytesIO(sent["0"]))
    assert large.size == (1536, 2048)
    assert not large.getexif()
    assert len(sent["0"]) < len(given["large.jpg"])
    assert [sent[str(n)] for n in range(1, 5)] == [*given.values()][1:]


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing(page, container, scheme: str):
    await page.emulate_media(color_scheme=scheme)
    await portraits(container)
    await say(container, "Making it: 40%", message_key="p", tone=Tone.PROGRESS, share=0.4)
    await expect(page.locator("[role=progressbar]")).to_be_visible()
    await page.wait_for_timeout(600)  # until nothing fades in any more
    found = (await Axe().run(page)).response["violations"]
    told = [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in found]
    assert told == []


def test_the_page_knows_what_the_studio_keeps_of_a_photo():
    script = (STATIC / "limits.js").read_text()
    for name in ("MAX_SIDE", "STRIP_SIDE", "MAX_STRIP"):
        said = re.search(rf"{name} = (\d+);", script)
        assert said
        assert int(said[1]) == getattr(sanitizer, name)
