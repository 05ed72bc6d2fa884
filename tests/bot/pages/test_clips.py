"""Clips on pages: opened by their owner alone, in parts as players ask for them."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.pages.album.album import Album
from bot.pages.album.markup import album_sets
from bot.pages.pictures import OpenedPicture, PersonalPictures
from handlers.texts import texts
from shop.catalog import Catalog
from shop.catalog.signed_previews import SignedPreviews
from shop.errors import NotFound
from shop.labels.signing import NoCredentials
from shop.records import Clip
from tests.handlers.clip_events import AFTER, BEFORE, MP4, POSTER
from tests.handlers.dialogue_harness import DialogueHarness
from tests.handlers.test_alive import TO_CLIP, TO_PHOTO

DATA = bytes(range(200))


@pytest.fixture
async def client() -> AsyncIterator[TestClient]:
    async def answer(request: web.Request) -> web.Response:
        return OpenedPicture(DATA, "video/mp4", "eider.mp4").answer(request, {"X-Own": "1"})

    app = web.Application()
    app.router.add_get("/", answer)
    async with TestClient(TestServer(app)) as client:
        yield client


@pytest.mark.parametrize(
    ("wanted", "status", "part", "told"),
    [
        ("", 200, DATA, None),
        ("bytes=0-", 206, DATA, "bytes 0-199/200"),
        ("bytes=0-1", 206, DATA[:2], "bytes 0-1/200"),
        ("bytes=150-900", 206, DATA[150:], "bytes 150-199/200"),
        ("bytes=-10", 206, DATA[190:], "bytes 190-199/200"),
        ("bytes=200-", 416, None, "bytes */200"),
        ("frames=1-2", 200, DATA, None),
    ],
)
async def test_a_player_gets_the_bytes_that_it_asks_for(client, wanted, status, part, told):
    answer = await client.get("/", headers={"Range": wanted} if wanted else {})
    assert (answer.status, answer.headers.get("Content-Range")) == (status, told)
    if part is not None:
        assert await answer.read() == part
        assert answer.headers["Accept-Ranges"] == "bytes"
        assert answer.headers["X-Own"] == "1"


async def test_a_download_has_a_name(client):
    answer = await client.get("/?download=1")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="eider.mp4"'


def opener(harness: DialogueHarness) -> PersonalPictures:
    signer = NoCredentials()
    return PersonalPictures(
        harness.database, harness.cipher, harness.blobs, signer,
        SignedPreviews(Catalog.load(), signer),
    )  # fmt: skip


async def newest(harness: DialogueHarness) -> Clip:
    async with harness.database.snapshot() as tx:
        return (await tx.find(Clip, order="-created_at"))[0]


async def test_a_clip_its_poster_and_its_source_are_their_owners_alone(tmp_path):
    harness = DialogueHarness(tmp_path)
    await harness.play(harness.guest("anna"), TO_PHOTO + "\n+ 1 photo\n* the old photo is mended")
    pages = opener(harness)
    async with harness.database.begin() as tx:
        anna, bert = [await harness.user_in(tx, harness.guest(name)) for name in ("anna", "bert")]
    clip = await newest(harness)
    sent = {f"source:{clip.id}": AFTER, f"came:{clip.id}": BEFORE}
    for id, data in sent.items():
        assert (await pages.open(anna, id)).data == data
    await harness.play(harness.guest("anna"), "[B · Smile]\n* the clip is made")
    made = {clip.id: (MP4, "video/mp4"), f"poster:{clip.id}": (POSTER, "image/jpeg")}
    for id, told in made.items():
        opened = await pages.open(anna, id)
        assert (opened.data, opened.media_type) == told
    for id in sent:
        with pytest.raises(NotFound):  # erased, for its owner too
            await pages.open(anna, id)
    for id in (*sent, *made):
        with pytest.raises(NotFound):
            await pages.open(bert, id)


async def test_the_moving_samples_are_everybodys(tmp_path):
    pages = opener(DialogueHarness(tmp_path))
    sampler = Catalog.load().motion_sampler()
    assert (await pages.open_preview("motions")).data == sampler.data
    assert (await pages.open_preview("motions", still=True)).data == sampler.poster


@pytest.mark.parametrize("language", ["zh_CN", "en"])
async def test_the_album_plays_clips_beside_portraits(tmp_path, language):
    harness = DialogueHarness(tmp_path)
    await harness.play(harness.guest("anna"), TO_CLIP)
    clip, words = await newest(harness), texts(language)
    album = Album((), False, 0, 4, False, (clip,))
    shown = album_sets(words, "/album/x", harness.catalog, album)
    assert f'src="/album/x/picture/{clip.id}"' in shown
    assert f'poster="/album/x/picture/poster:{clip.id}"' in shown
    assert words("album-clips") in shown
    assert words("album-empty") not in shown
    assert album.revision != Album((), False, 0, 4, False).revision
