"""Clips through a worker: what a crash, a refusal or an end meanwhile leads to."""

import asyncio

import pytest

from pipeline.engine.engine import (
    BadPhotos,
    BadSource,
    EngineCrashed,
    NothingDecent,
)
from pipeline.worker.app import LOOKS, STUDIO, roles
from shop import privacy
from shop.avatars.avatars import TRAIN
from shop.avatars.portraits import PAINT
from shop.clips import clips, endings
from shop.clips.delivery import find_clip
from shop.clips.filming import EMBEDDED, FILM, VIDEO
from shop.clips.sources import PREPARE
from shop.labels.signing import NoCredentials
from shop.money import ledger
from shop.people import users
from shop.photos.comparison import COMPARE
from shop.photos.photos import CHECK
from shop.records import (
    Clip,
    ClipState,
    Job,
    JobState,
    Portrait,
    SealedKey,
)
from tests.doubles import QuickEngine
from tests.pipeline.worker_harness import (
    all_of,
    buy,
    erase_what_is_due,
    loop_of,
    send_beside,
    send_source,
    want_clip,
    want_portrait_alive,
    work_off,
)


@pytest.fixture
def engine() -> QuickEngine:
    return QuickEngine()


async def the_clip(deps) -> Clip:
    [clip] = await all_of(deps, Clip)
    return clip


async def paths(deps, prefix: str) -> list[str]:
    return [path async for path in deps.blobs.walk(prefix)]


async def waiting(deps, engine) -> Clip:
    sent = await send_source(deps, "p1")
    await work_off(deps, engine, PREPARE)
    return await want_clip(deps, sent)


async def test_a_picture_comes_alive_and_is_erased(deps, engine):
    clip = await waiting(deps, engine)
    await work_off(deps, engine, FILM)
    done = await the_clip(deps)
    assert (done.state, done.source_key_id) == (ClipState.DONE, None)
    [asked] = engine.animated
    assert asked.photo == engine.prepared[0], "what was made of it, here the same"
    assert (asked.motion.id, asked.content_id, asked.second) == ("nod", clip.id, None)
    async with deps.database.snapshot() as tx:
        files = await find_clip(tx, deps.cipher, done)
    video = await files.video.open(deps.blobs, NoCredentials())
    assert video[4:8] == b"ftyp"
    await erase_what_is_due(deps)
    assert await privacy.uploads_left(deps.database, deps.blobs) == 0
    assert len(await paths(deps, "clips")) == 3
    async with deps.database.begin() as tx:
        assert set((await tx.totals()).values()) <= {0}


async def test_a_portrait_moves_as_it_was_painted(deps, engine):
    await buy(deps, "p1")
    await work_off(deps, engine, TRAIN)
    await work_off(deps, engine, PAINT)
    [portrait, *_] = await all_of(deps, Portrait, order="created_at")
    await want_portrait_alive(deps, portrait)
    await work_off(deps, engine, FILM)
    assert (await the_clip(deps)).state is ClipState.DONE
    assert engine.animated[0].photo[:2] == b"\xff\xd8"


@pytest.mark.parametrize("kind", [FILM, VIDEO])
async def test_two_move_in_one_frame_and_both_are_erased(deps, engine, kind):
    """Also by a video base, which gets both."""
    await send_source(deps, "p1")
    await work_off(deps, engine, PREPARE)
    await send_beside(deps, await the_clip(deps))
    await work_off(deps, engine, PREPARE)
    assert engine.joined == [(engine.prepared[1], engine.prepared[0])]
    chosen = ("wan22-ti2v-5b", 100) if kind is VIDEO else (EMBEDDED, 0)
    await want_clip(deps, await the_clip(deps), "nod", *chosen)
    await work_off(deps, engine, kind)
    [asked] = engine.generated if kind is VIDEO else engine.animated
    assert (asked.photo, asked.second) == tuple(engine.prepared)
    assert (await the_clip(deps)).state is ClipState.DONE
    await erase_what_is_due(deps)
    assert await privacy.uploads_left(deps.database, deps.blobs) == 0


async def test_somebody_comes_beside_a_portrait(deps, engine):
    await buy(deps, "p1")
    await work_off(deps, engine, TRAIN)
    await work_off(deps, engine, PAINT)
    [portrait, *_] = await all_of(deps, Portrait, order="created_at")
    await want_portrait_alive(deps, portrait, "")
    await send_beside(deps, await the_clip(deps))
    await work_off(deps, engine, PREPARE)
    [(photo, beside)] = engine.joined
    assert (photo, beside[:2]) == (engine.prepared[-1], b"\xff\xd8")
    await want_clip(deps, await the_clip(deps))
    await work_off(deps, engine, FILM)
    assert engine.animated[0].second == photo
    await erase_what_is_due(deps)
    assert await paths(deps, "sources") == []


async def test_a_picture_that_cannot_be_read_is_refused(deps):
    await send_source(deps, "p1")
    await work_off(deps, QuickEngine((BadPhotos("?"),)), PREPARE)
    refused = await the_clip(deps)
    assert (refused.state, refused.reason) == (ClipState.REFUSED, "unreadable")
    await erase_what_is_due(deps)
    assert await paths(deps, "") == []


@pytest.mark.parametrize(
    ("error", "reason"),
    [(BadSource("profile"), "profile"), (NothingDecent("a frame"), "indecent")],
)
async def test_a_picture_that_cannot_move_costs_nothing(deps, engine, error, reason):
    clip = await waiting(deps, engine)
    engine.spoiled[clip.id] = error
    await work_off(deps, engine, FILM)
    failed = await the_clip(deps)
    assert (failed.state, failed.reason, failed.key_id) == (ClipState.FAILED, reason, None)
    [job] = await all_of(deps, Job, kind=FILM.name)
    assert (job.state, job.error, job.failures) == (JobState.FAILED, type(error).__name__, 0)
    await erase_what_is_due(deps)
    assert await paths(deps, "") == []
    assert await all_of(deps, SealedKey) == []


async def test_a_worker_that_dies_costs_a_try(deps, engine):
    await waiting(deps, engine)
    engine.trouble = [EngineCrashed("died")]
    await work_off(deps, engine, FILM)
    assert (await the_clip(deps)).state is ClipState.DONE
    assert len(engine.animated) == 1
    assert len(await paths(deps, "clips")) == 3


async def test_one_that_kills_its_worker_again_and_again_fails_for_our_fault(deps, engine):
    await waiting(deps, engine)
    engine.trouble = [EngineCrashed("died")] * 3
    await work_off(deps, engine, FILM)
    failed = await the_clip(deps)
    assert (failed.state, failed.reason) == (ClipState.FAILED, "broken")


@pytest.mark.parametrize("kind", [PREPARE, FILM])
@pytest.mark.parametrize("how", ["erased", "withdrawn", "given up"])
async def test_what_ends_while_a_worker_has_it_leaves_nothing(deps, engine, kind, how):
    sent = await send_source(deps, "p1")
    if kind is FILM:
        await work_off(deps, engine, PREPARE)
        await want_clip(deps, sent)
    engine_began, go_on = asyncio.Event(), asyncio.Event()

    class Paused(QuickEngine):
        async def prepare_source(self, request):
            engine_began.set()
            await go_on.wait()
            return await super().prepare_source(request)

        async def animate(self, orders, report):
            engine_began.set()
            await go_on.wait()
            return await super().animate(orders, report)

    began = await loop_of(deps, Paused(), (kind,)).look()
    await engine_began.wait()
    async with deps.database.begin() as tx:
        user, now = await users.lock(tx, sent.user_id), deps.database.clock()
        match how:
            case "erased":
                await privacy.erase(tx, user, now)
            case "withdrawn":
                await endings.withdraw_consent(tx, user, now)
            case _:
                await clips.give_up(tx, await tx.get(Clip, sent.id), now)
    go_on.set()
    await asyncio.gather(*began)
    await erase_what_is_due(deps)
    assert await paths(deps, "") == []
    assert await all_of(deps, SealedKey) == []
    assert (await the_clip(deps)).state in (ClipState.ERASED, ClipState.GIVEN_UP)
    async with deps.database.begin() as tx:
        assert set((await tx.totals()).values()) <= {0}
        assert await tx.total(ledger.held_account(sent.user_id), "credits") == 0


async def test_films_are_made_beside_a_training_one_by_one(deps, engine):
    for name in ("p1", "p2"):
        sent = await send_source(deps, name)
        await work_off(deps, engine, PREPARE)
        await want_clip(deps, sent)
    await buy(deps, "p3")
    training = QuickEngine(pause=3600)
    loop = loop_of(deps, training, (TRAIN, PAINT, FILM), background_batch=2, interactive_batch=4)
    began = await loop.look()
    assert [len(training.animated), await count(deps, TRAIN), await count(deps, FILM)] == [0, 1, 1]
    for task in began:
        task.cancel()
    await asyncio.gather(*began, return_exceptions=True)


async def count(deps, kind) -> int:
    return len(await all_of(deps, Job, kind=kind.name, state=JobState.RUNNING))


def test_what_is_looked_at_at_once_has_one_process_and_the_rest_another():
    assert set(roles()[LOOKS]) == {CHECK, COMPARE, PREPARE}
    assert {TRAIN, PAINT, FILM} <= set(roles()[STUDIO])
    assert not set(roles()[LOOKS]) & set(roles()[STUDIO])


async def test_nobody_waits_for_a_clip_of_nobody(deps, engine):
    """The clip was removed with everything else of a database that was restored."""
    clip = await waiting(deps, engine)
    async with deps.database.begin() as tx:
        await users.lock(tx, clip.user_id)
        await tx.remove(Clip, id=clip.id)
    await work_off(deps, engine, FILM)
    assert engine.animated == []
