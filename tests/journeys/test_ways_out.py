"""Every way by which a picture leaves the house: found in the code, walked, and both layers found.

A new place that makes a picture of bytes for a channel, or a new caller of what opens a blob, fails
here until it is walked.
"""

import ast
import io
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bot.channels import Capabilities
from bot.choices import numbered
from bot.demo import show
from bot.demo.customer import JourneyRecord
from bot.demo.options import Options
from bot.fitting import adapt
from bot.pages.pictures import OpenedPicture
from bot.playground.pictures import Pictures
from bot.preview_sheet import PreviewSheets
from handlers import chat
from handlers.chat import Incoming, Person, Said, Show
from handlers.steps.first_sight import samples
from pipeline.decoding.label_reader import read_label
from pipeline.images import label
from shop.adapters.memory import MemoryDatabase
from shop.avatars.avatars import TRAIN
from shop.catalog.signed_previews import SignedPreviews
from shop.labels import mp4
from shop.labels.hidden import SourceType, is_labelled
from shop.labels.labelling import Labelling
from shop.labels.signing import PictureKind
from shop.labels.verification import LabelVerdict, Verification, judge
from shop.photos import photos
from shop.records import Clip, Flaw, Order, OrderState, Photo, PhotoState, Portrait, Subject
from tests.doubles import DecoderDouble, LabelReaderDouble
from tests.handlers import clip_events
from tests.handlers.dialogue_harness import BOSS, START, DialogueHarness
from tests.handlers.guests import Guest
from tests.handlers.photo_findings import flawed, good
from tests.handlers.test_alive import TO_PHOTO
from tests.handlers.test_journey import TO_BILL, TO_PHOTOS
from tests.labels import PRODUCER, filmed, painted, signer, studio_keys
from tests.test_house import CHECKOUT

MAKERS = ("Picture", "OpenedPicture", "ClipFile")
OPENERS = frozenset(
    {
        *("find_jpeg", "look", "find_lora", "find_blob", "find_picture", "find_sample", "preview"),
        *("find_clip", "find_sources", "find_before", "find_joined"),
    }
)
SIGNED = {
    "bot.demo.measurements:Measurements.clip_preview",
    "bot.pages.pictures:PersonalPictures._clip",
    "bot.pages.pictures:PersonalPictures._poster",
    "bot.pages.pictures:PersonalPictures._portrait",
    "bot.pages.pictures:PersonalPictures._sample",
    "bot.pages.pictures:PersonalPictures._together",
    "handlers.groups:_find_portrait",
    "handlers.notifications.clips:_joined",
    "handlers.notifications.portraits:sample",
    "handlers.steps.clips:find_file",
    "handlers.steps.portraits:find_pictures",
    "handlers.steps.share:show_portrait",
}
"""What opens a portrait, a clip or a sample on the chat side: a SealedPicture, which opens signed
alone."""

UPLOADS = {
    "bot.pages.pictures:PersonalPictures._source",
    "bot.pages.pictures:PersonalPictures._source_as_it_came",
    "bot.playground.pictures:Pictures._held",
    "handlers.admin.commands:_held_photo",
    "handlers.notifications.clips:source_ready",
}
"""What opens a customer's own photo, held for review or about to move: no model made it, and a
label would lie."""

SHEETS = {"bot.playground.pictures:Pictures._album", "handlers.steps.album:_shown.show"}
"""What shows a customer all of their own photos as one picture, before they pay."""

_PAGES = "bot.pages.pictures:PersonalPictures"
CODES = {"bot.wechat.outbound:WechatOutbound._codes", "bot.wechat.plan:_code"}
"""What makes a picture of a code to scan: black and white squares, which no model painted."""


COPIES = {"dataclasses:replace"}
"""The same picture with a number below it."""


def functions(tree: ast.AST, above: tuple[str, ...] = ()) -> Iterator[tuple[str, ast.Call]]:
    """Every call, with the functions and classes that it stands in."""
    for node in ast.iter_child_nodes(tree):
        named = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        inside = (*above, node.name) if named else above
        if isinstance(node, ast.Call):
            yield ".".join(inside), node
        yield from functions(node, inside)


def calls(names: frozenset[str] | tuple[str, ...]) -> set[str]:
    """Where in the chat side something of these names is called: ``module:function``."""
    found = set()
    for file in sorted([*(CHECKOUT / "bot").rglob("*.py"), *(CHECKOUT / "handlers").rglob("*.py")]):
        module = ".".join(file.relative_to(CHECKOUT).with_suffix("").parts)
        for inside, call in functions(ast.parse(file.read_text("utf-8"))):
            if getattr(call.func, "attr", getattr(call.func, "id", "")) in names:
                found.add(f"{module.removesuffix('.__init__')}:{inside}")
    return found


class Departures:
    """The pictures that were made for a channel, by the place in the code that made them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.by_place: dict[str, list[bytes]] = {}
        for kind in (chat.Picture, chat.ClipFile, OpenedPicture):
            self._watch(kind, monkeypatch)

    def _watch(self, kind: type, monkeypatch: pytest.MonkeyPatch) -> None:
        original = kind.__init__

        def init(one: object, *args: object, **named: object) -> None:
            original(one, *args, **named)
            frame = sys._getframe(1)
            inside = frame.f_code.co_qualname.replace(".<locals>", "")
            inside = ".".join(part for part in inside.split(".") if not part.startswith("<"))
            place = f"{frame.f_globals['__name__']}:{inside}"
            files = [one.data, *filter(None, [getattr(one, "poster", b"")])]  # type: ignore[attr-defined]
            self.by_place.setdefault(place, []).extend(files)

        monkeypatch.setattr(kind, "__init__", init)


@pytest.fixture
def house(tmp_path: Path) -> DialogueHarness:
    database = MemoryDatabase(lambda: harness.now)
    harness = DialogueHarness(tmp_path, database)
    trust = studio_keys().trust
    harness.labelling = Labelling(signer(), LabelReaderDouble(trust.anchors), trust, PRODUCER)
    harness.painted = painted
    harness.joined = painted()
    made = filmed()
    harness.filmed = made.mp4, made.poster, made.preview
    harness.rebuild()
    return harness


def judged(data: bytes) -> Verification:
    trust = studio_keys().trust
    return judge(read_label(data, trust.anchors), trust, PRODUCER)


def require_both_layers(data: bytes, original: bytes | None = None) -> None:
    """The hidden label, and credentials that say the same; the visible mark is in the pixels, which
    are those of the ``original``."""
    is_clip = mp4.media_type(data) is not None
    hidden, seen = mp4.read_label(data) if is_clip else label.read_label(data), judged(data)
    assert hidden is not None
    assert seen.verdict is LabelVerdict.OURS
    assert seen.source == hidden.source_type
    if original is not None:
        before, after = (np.asarray(Image.open(io.BytesIO(one))) for one in (original, data))
        assert np.array_equal(before, after)


async def test_every_way_out_is_walked_and_labelled(house, monkeypatch) -> None:
    departures = Departures(monkeypatch)
    uploads = await walk_the_review(house) | {clip_events.BEFORE, clip_events.AFTER}
    await walk_the_studio(house)
    await walk_the_clips(house)
    assert departures.by_place.keys() - COPIES == calls(MAKERS) - CODES
    drawn = drawn_previews(house)
    for place, pictures in departures.by_place.items():
        assert pictures, place
        for data in pictures:
            if data in uploads or place in SHEETS:
                assert judged(data).verdict is LabelVerdict.NONE
            elif data not in drawn:
                require_both_layers(data)
    shown = departures.by_place["handlers.steps.clips:find_file.opened"]
    assert {judged(one).kind for one in shown} == {PictureKind.CLIP, PictureKind.POSTER}
    for place in ("handlers.notifications.clips:_joined.show", f"{_PAGES}._together"):
        frames = [one for one in departures.by_place[place] if one not in uploads]
        assert [judged(one).kind for one in frames] == [PictureKind.TOGETHER]
    originals = departures.by_place["handlers.steps.portraits:find_pictures.opened"]
    require_both_layers(originals[0], painted())
    assert not uploads & set(originals)


def test_no_blob_is_opened_but_by_those_that_sign() -> None:
    assert calls(OPENERS) == UPLOADS | SIGNED


async def walk_the_review(house: DialogueHarness) -> set[bytes]:
    """An admin looks at held photos, in a chat and at the playground; the photos' bytes."""
    guest, boss = house.guest("bea"), house.guest(BOSS)
    house.verdict = lambda number: flawed(number, Flaw.MINOR)
    await house.play(guest, TO_PHOTOS + "\n+ 2 photos\n* the photos are checked")
    await house.play(boss, "> hello\n> /review")
    house.verdict = good
    async with house.database.begin() as tx:
        held = await tx.find(Photo, state=PhotoState.HELD)
        sealed = [await photos.find_jpeg(tx, house.cipher, one) for one in held]
    await at_the_playground(house).open(BOSS, f"held:{held[0].id}")
    return {await one.open(house.blobs) for one in sealed}


async def walk_the_studio(house: DialogueHarness) -> None:
    """A customer's way past everything that shows a picture of a model's."""
    guest, page = house.guest("anna"), at_the_playground(house)
    await house.play(guest, TO_BILL)
    album = next(one for one in guest.heard if isinstance(one, Show))
    await page.open("anna", album.pictures[0].id)
    await house.play(guest, "[Pay here in the chat]")
    await house.lease(TRAIN)
    await house.sample()
    async with house.database.begin() as tx:
        (order,) = await tx.find(Order, state=OrderState.PAID)
    await page.open("anna", f"sample:{order.id}")
    await house.train()
    await house.paint()
    for words in ("originals", "styles", "/start t-noir"):
        await house.type(guest, words)
    async with house.database.begin() as tx:
        portrait = (await tx.find(Portrait))[0].id
    await house.type(guest, f"/start p-{portrait}")
    await page.open("anna", portrait)
    await page.open("anna", "preview:noir")
    assert (
        judged((await page.open("anna", "preview:first-fr-woman")).data).kind is PictureKind.PREVIEW
    )
    await sheet_of(house, guest)
    person = Person("playground", "anna")
    await house.dispatcher.handle(Incoming("playground:g", person, START, Said("/portrait"), "-1"))


async def sheet_of(house: DialogueHarness, guest: Guest) -> None:
    """A page of styles as WeChat shows it."""
    pages = [
        one
        for one in guest.all_heard
        if isinstance(one, Show) and one.message_key and not one.passing
    ]
    [numbered_page], _ = numbered(pages[:1], scannable=True)
    assert isinstance(numbered_page, Show)
    [sheet] = await PreviewSheets(house.labelling.signer).gathered(numbered_page.pictures)
    assert judged(sheet.data).kind is PictureKind.PREVIEW


async def walk_the_clips(house: DialogueHarness) -> None:
    """A photo is mended, shown before and after, moved, and shown by every channel that there is:
    also by one that plays none."""
    guest, page = house.guest("clara"), at_the_playground(house)
    await house.play(guest, TO_PHOTO + "\n+ 1 photo\n* the old photo is mended")
    async with house.database.begin() as tx:
        (clip,) = await tx.find(Clip)
    for id in (f"source:{clip.id}", f"came:{clip.id}"):
        await page.open("clara", id)
    await house.play(guest, "> together\n[It’s me]\n+ 1 photo\n* the second photo is mended")
    for id in (f"together:{clip.id}", f"came-beside:{clip.id}"):
        await page.open("clara", id)
    await house.play(guest, "[B · Smile]\n* the clip is made\n[Original file]")
    for id in (clip.id, f"poster:{clip.id}", "preview:motions", "poster:preview:motions"):
        await page.open("clara", id)
    clips = [reply for reply in guest.all_heard if isinstance(reply, chat.ShowClip)]
    assert len(adapt(clips, Capabilities(video=0))) == len(clips) > 1


def at_the_playground(house: DialogueHarness) -> Pictures:
    """What opens pictures for its page, by their ids."""
    sign = house.labelling.signer
    previews = SignedPreviews(house.catalog, sign)

    async def sheet(language: str, subject: Subject) -> chat.Picture:
        base = house.settings.base
        shown = await samples(house.catalog, previews, base, subject, language)
        return await PreviewSheets(sign).of(shown)

    return Pictures(
        house.database, house.cipher, house.blobs, sign, previews, house.settings.admins,
        house.deps.decoder, sheet,
    )  # fmt: skip


def drawn_previews(house: DialogueHarness) -> set[bytes]:
    """Silhouettes of styles that no base here can paint: drawn by hand, and not labelled."""
    every = {one.preview.read_bytes() for one in house.catalog.templates}
    return {data for data in every if not is_labelled(data)}


async def test_the_demo_s_files_are_labelled_too(tmp_path: Path) -> None:
    """What is painted for comparison, and the contact sheet, on which real photos stand."""
    portrait = tmp_path / "portrait.jpg"
    portrait.write_bytes(painted())
    options = Options(
        once=True, photos=tmp_path, out=tmp_path / "out", language="en", subject=Subject.WOMAN,
        channel="playground", json=False,
    )  # fmt: skip
    options.out.mkdir()
    record = JourneyRecord(portraits=[portrait])
    await show.keep_pictures(signer(), DecoderDouble(), options, record, [portrait], PRODUCER)
    require_both_layers(portrait.read_bytes(), painted())
    sheet = options.out / show.SHEET
    require_both_layers(sheet.read_bytes())
    assert (judged(sheet.read_bytes()).source, judged(sheet.read_bytes()).kind) == (
        SourceType.RETOUCHED, PictureKind.SHEET
    )  # fmt: skip


def test_the_demo_writes_no_picture_elsewhere() -> None:
    """Nor does anything else of the chat side: portraits are saved as its page hands them out. An
    operator's code to scan is no picture of a model's."""
    assert calls(frozenset({"write_bytes"})) == {
        "bot.demo.show:_keep", "bot.demo.customer:Customer._keep", "bot.demo.clips:save_clip",
        "bot.wechat.command:_make_code",
    }  # fmt: skip


async def test_previews_are_signed_once_and_keep_their_version(house) -> None:
    previews = SignedPreviews(house.catalog, house.labelling.signer)
    first, again = await previews.get("noir"), await previews.get("noir")
    elsewhere = await SignedPreviews(house.catalog, house.labelling.signer).get("noir")
    assert first is again
    assert judged(first.data).kind is PictureKind.PREVIEW
    assert (first.version, first.data) != (elsewhere.version, elsewhere.data)
    assert first.version == elsewhere.version
    drawn = next(
        one.id for one in house.catalog.templates if not is_labelled(one.preview.read_bytes())
    )
    assert judged((await previews.get(drawn)).data).verdict is LabelVerdict.NONE
