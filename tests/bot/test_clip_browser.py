"""A stranger brings a photo alive in a real browser, on a phone and at a desk: the clip plays where
it stands, is opened, kept as a file, and told by ``/verify``."""

import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import Locator, Page, async_playwright, expect

from bot.container import Container
from bot.playground.passes import PATH
from pipeline.animation import animate
from pipeline.clips.clip import EncodedClip, encode_clip
from pipeline.engine.messages import LabelText
from pipeline.images import photo as pictures
from shop.catalog import Catalog
from shop.clips import filming
from shop.clips.delivery import PreparedPicture, RenderedClip, deliver_clip, deliver_source
from shop.clips.verdict import SourceFindings
from shop.labels.authority import issue
from shop.records import Clip, ClipState, OutboxMessage, OutboxState
from tests.bot.playground_requests import ticket
from tests.bot.test_page_browser import CHROMIUM, DESK, FLAGS, PHONE, fits, press, shot

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="there is no /usr/bin/chromium"),
]
PHOTO = Path("deploy/demo/customer/03-front.jpg")
SIDE = 360  # pixels: a small one is made sooner
FACTS = (
    "one => ({state: one.readyState, duration: one.duration, muted: one.muted, loop: one.loop,"
    " paused: one.paused, controls: one.controls, width: one.videoWidth, height: one.videoHeight,"
    " shown: one.clientWidth, played: one.currentTime})"
)


@pytest.fixture(scope="module")
def made() -> EncodedClip:
    """What a worker would make of that photo."""
    motion = Catalog.load().motion("smile").motion
    frames = animate(pictures.decode(PHOTO.read_bytes()), motion, SIDE)
    return encode_clip(frames, motion.fps, LabelText())


@pytest.fixture
def env(env: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Of a studio that signs."""
    folder = tmp_path_factory.mktemp("labels")
    issue(folder / "keys", folder / "root", "Eider", datetime.now(UTC))
    return env | {"EIDER_LABEL_KEYS": str(folder / "keys")}


@pytest.fixture(params=["phone", "desk"])
async def page(request, base, container) -> AsyncIterator[Page]:
    """A stranger's; whatever it complains about fails the test."""
    phone, complaints = request.param == "phone", []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        context = await browser.new_context(
            viewport=PHONE if phone else DESK, locale="en-GB", has_touch=phone,
            color_scheme="light" if phone else "dark", device_scale_factor=2 if phone else 1,
        )  # fmt: skip
        context.set_default_timeout(15_000)
        page = await context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda one: complaints.append(one.text) if one.type == "error" else None)
        await page.goto(f"{base}{PATH}?ticket={ticket(container, 'anna')}")
        await page.get_by_role("button").click()
        yield page
        await browser.close()
    gone = (
        "DISCONNECTED",
        "404",
    )  # the photo that was sent is erased, and no more behind its links
    assert [one for one in complaints if not any(word in one for word in gone)] == []


async def delivered(container: Container) -> None:
    """The courier has done all that is owed."""
    for _ in range(8):
        async with container.database.snapshot() as tx:
            waiting = await tx.find(OutboxMessage, state=OutboxState.WAITING, queue="chat")
        for message in waiting:
            await container.outbox_handlers.answer({"message": message.id})


async def looked_at(container: Container) -> None:
    """A worker has looked at the photo."""
    async with container.database.snapshot() as tx:
        [clip] = await tx.find(Clip, state=ClipState.PREPARING)
    small = io.BytesIO()
    before = Image.open(PHOTO).convert("RGB")
    before.thumbnail((320, 320))
    before.save(small, "JPEG")
    found = SourceFindings(people=1, faces=1, indecency=0.0, youth=0.0, done=("scratches",))
    picture = PreparedPicture(PHOTO.read_bytes(), small.getvalue(), found)
    await deliver_source(container.database, container.cipher, container.blobs, clip, picture)
    await delivered(container)


async def filmed(container: Container, made: EncodedClip) -> None:
    """A worker has made the clip."""
    async with container.database.snapshot() as tx:
        [clip] = await tx.find(Clip, state=ClipState.WAITING)
    async with container.database.begin() as tx:
        now = await tx.now()
        mine = await filming.begin_work(tx, container.cipher, clip.id, now)
    rendered = RenderedClip(
        made.mp4, made.poster, made.preview, made.seconds, made.frames, made.width, made.height
    )
    await deliver_clip(container.database, container.cipher, container.blobs, mine, rendered)
    await delivered(container)


async def bring_alive(page: Page, container: Container, made: EncodedClip) -> Locator:
    """From hello to the clip that plays."""
    for label in ("Bring a photo alive", "Yes, and I", "Somebody who has died"):
        await press(page, label)
    await expect(page.locator("#log li.in").last).to_contain_text("photo")
    await page.set_input_files("#files", PHOTO)
    await page.click("#send")
    await expect(page.locator("#log li.in").last).to_contain_text("looking at the photo")
    await looked_at(container)
    await press(page, "Smile")
    await expect(page.locator("#log li.in", has_text="is in the queue")).to_have_count(1)
    await filmed(container, made)
    both = page.locator("li.clip video")
    await expect(both).to_have_count(2)  # the first shows how the motions move
    return both.last


async def facts(video: Locator) -> dict:
    return await video.evaluate(FACTS)


async def test_a_stranger_sees_the_clip_play_where_it_stands(page, container, made):
    video = await bring_alive(page, container, made)
    await video.scroll_into_view_if_needed()
    await video.evaluate(
        "one => new Promise(done => one.currentTime > 0.2 ? done() :"
        " one.addEventListener('timeupdate', () => one.currentTime > 0.2 && done()))"
    )
    seen = await facts(video)
    assert seen["state"] >= 3  # enough to go on playing
    assert seen["duration"] == pytest.approx(made.seconds, abs=0.1)
    assert (seen["width"], seen["height"]) == (made.width, made.height)
    assert (seen["muted"], seen["loop"], seen["paused"]) == (True, True, False)
    assert not seen["controls"], "they would lie over the label"
    poster = await page.evaluate(
        "async url => { const it = new Image(); it.src = url; await it.decode();"
        " return [it.naturalWidth, it.naturalHeight]; }",
        await video.get_attribute("poster"),
    )
    assert poster == [made.width, made.height]
    await fits(page)
    assert seen["shown"] <= page.viewport_size["width"]
    await shot(page, "20-clip")

    await video.click()
    assert (await facts(video))["controls"]
    await shot(page, "21-clip-touched")
    ends = await video.evaluate(  # over again, by itself
        "one => { one.currentTime = one.duration - 0.2; one.play(); return new Promise(done =>"
        " one.addEventListener('timeupdate', () => one.currentTime < 2 && done(one.ended))); }"
    )
    assert ends is False


async def test_a_clip_plays_while_it_is_looked_at_also_after_a_reload(page, container, made):
    video = await bring_alive(page, container, made)
    await page.reload()
    await video.scroll_into_view_if_needed()
    await until(video, "play", "!one.paused")
    await page.evaluate("document.querySelector('#log li').scrollIntoView()")
    await until(video, "pause", "one.paused")


async def until(video: Locator, event: str, true: str) -> None:
    await video.evaluate(
        f"one => ({true}) || new Promise(done => one.addEventListener('{event}', () => done()))"
    )


async def test_the_file_is_kept_and_verify_knows_it(page, container, made):
    await bring_alive(page, container, made)
    await press(page, "Original file")
    async with page.expect_download() as waiting:
        await page.locator("li.originals .files a[download]").click()
    kept = Path(await (await waiting.value).path()).read_bytes()
    assert kept[4:8] == b"ftyp"
    await shot(page, "22-clip-file")

    await page.fill("#words", "/verify")
    await page.keyboard.press("Enter")
    await expect(page.locator("#log li.in").last).to_contain_text("file")
    clip = {"name": "clip.mp4", "mimeType": "video/mp4", "buffer": kept}
    await page.set_input_files("#files", clip)
    await expect(page.locator("#picked li")).to_have_count(1)
    await expect(page.locator("#picked li.wrong")).to_have_count(0)
    await shot(page, "23-clip-picked")
    await page.click("#send")
    await expect(page.locator("#log li.in").last).to_contain_text("Yes: this file is ours")
    await expect(page.locator("#log li.in").last).to_contain_text("a clip from our studio")
    await shot(page, "24-clip-verified")
    await fits(page)
