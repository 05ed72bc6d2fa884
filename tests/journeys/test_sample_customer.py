"""The demo's customer, in a small house within this process: however late the chat's words come."""

import asyncio
import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from bot.demo.customer import Customer, JourneyRecord, TooFew
from bot.demo.measurements import Measurements
from bot.demo.playground_chat import PlaygroundChat
from bot.demo.screen import Screen
from bot.demo.show import shown_photos
from bot.playground import driver
from bot.playground.driver import PlaygroundClient
from bot.playground.routes import LARGEST
from handlers.texts import texts
from pipeline.decoding.pool import DecoderPool
from shop.records import Shoot, ShootKind, Subject
from tests.doubles import photo
from tests.journeys.conftest import Studio
from tests.pipeline.decoding.test_sanitizer import HEIC

WORDS = texts("en")
LATE = ("done:go", "pay:", "s:", "erase:yes-")
"""What the journey looks for right after a press."""


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the pauses that are for people who watch."""
    monkeypatch.setattr("bot.demo.customer.BREATH_SECONDS", 0.1)


@pytest.fixture
def album(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    return folder


def fill(folder: Path, count: int) -> None:
    for number in range(count):
        (folder / f"{number:02d}.jpg").write_bytes(photo(number))


async def visit(studio: Studio, album: Path, out: Path) -> tuple[JourneyRecord, str]:
    """The whole journey with the files of ``album``; what came of it, and what was shown."""
    told, record = io.StringIO(), JourneyRecord()
    screen = Screen(Console(file=told, width=200), WORDS)
    async with studio.enter() as chat:
        measurements = Measurements(studio.container)
        customer = Customer(PlaygroundChat(chat), screen, WORDS, measurements, out, record)
        try:
            await customer.visit(sorted(album.iterdir()), Subject.WOMAN)
        except TooFew:
            return record, f"{told.getvalue()}\nTOO FEW"
    return record, told.getvalue()


@pytest.fixture
def late_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages with the buttons that are looked for come later than the answers to the presses
    that caused them: the stream of these waits until the post has long been answered."""
    answered, read = asyncio.Event(), driver.read
    post = PlaygroundClient.press

    async def press(self: PlaygroundClient, what: str) -> None:
        answered.clear()
        await post(self, what)
        answered.set()

    async def late(content):  # type: ignore[no-untyped-def]
        async for name, data in read(content):
            actions = [one.get("action", "") for row in data.get("buttons", ()) for one in row]
            if any(action.startswith(LATE) for action in actions):
                await answered.wait()
                await asyncio.sleep(0.2)
            yield name, data

    monkeypatch.setattr(PlaygroundClient, "press", press)
    monkeypatch.setattr(driver, "read", late)


@pytest.mark.timeout(120)
async def test_the_journey_waits_for_what_the_chat_offers(studio, album, tmp_path, late_words):
    """Fewer photos than asked for, and so a warning before the bill; a style, an expression that
    is another picture, more like me."""
    fill(album, 14)
    record, told = await visit(studio, album, tmp_path / "out")
    assert "TOO FEW" not in told
    kinds = [one.kind for one in record.shoots]
    assert kinds == [
        ShootKind.FIRST, ShootKind.STYLE, ShootKind.EXPRESSION, ShootKind.MORE_LIKE_ME
    ]  # fmt: skip
    first, style, expression, _ = record.shoots
    assert (first.expression, expression.expression) == ("soft_smile", "neutral")
    assert style.template != first.template
    assert len(record.expressions) == len(expression.seeds)
    (clip,) = record.clips
    saved = Path(clip.path)
    assert (saved.suffix, saved.with_suffix(".jpg").exists()) == (".mp4", True)
    assert (clip.frames, clip.seconds) > (0, 0.0)
    assert json.loads(clip.label)["Label"] == "1"  # read back from the file that was saved
    assert "Receipt of erasure" in told


async def test_too_few_photos_and_those_that_the_page_does_not_take_are_told(
    studio, album, tmp_path
):
    fill(album, 3)
    (album / "huge.jpg").write_bytes(bytes(LARGEST + 1))
    (album / "gone.jpg").symlink_to(tmp_path / "nothing")
    record, told = await visit(studio, album, tmp_path / "out")
    assert told.endswith("TOO FEW")
    assert "larger than 20 MB: gone.jpg, huge.jpg" in told
    said = " ".join(told.translate({ord("│"): " "}).split())  # a bubble breaks its lines
    assert "Only 3 usable so far; I need at least 12. Send 9 more, then we can go on." in said
    assert record.tally is not None
    assert (record.tally.sent, record.tally.accepted) == (3, 3)
    async with studio.container.database.begin() as tx:
        assert not await tx.find(Shoot)


async def test_an_album_of_which_nothing_can_be_sent_is_too_few(studio, album, tmp_path):
    (album / "huge.jpg").write_bytes(bytes(LARGEST + 1))
    record, told = await visit(studio, album, tmp_path / "out")
    assert told.endswith("TOO FEW")
    assert record.tally is None


async def test_the_sheet_shows_what_the_product_itself_can_open(album):
    """As it opens it: in the sandbox. A telephone's HEIC is shown, what is broken is left out."""
    (album / "1.heic").write_bytes(HEIC)
    (album / "2.jpg").write_bytes(photo(1)[:900])
    (album / "3.jpg").write_text("no picture, for all its name")
    (album / "4.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(99))
    (album / "5.jpg").write_bytes(photo(5))
    files = [*sorted(album.iterdir()), album / "gone.jpg"]
    async with DecoderPool(1) as pool:
        shown = await shown_photos(pool, files)
        assert len(shown) == 2
        assert all(one.startswith(b"\xff\xd8\xff") for one in shown)
        assert len(await shown_photos(pool, [album / "5.jpg"] * 20)) == 8
