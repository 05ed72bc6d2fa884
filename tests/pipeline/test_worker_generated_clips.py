"""Clips by a video base through a worker: what it is asked for, and what a failed one costs."""

import asyncio

import pytest

from pipeline.engine.engine import BaseMissing, EngineCrashed, NothingDecent, OrderError
from pipeline.engine.video import Camera
from pipeline.worker.app import STUDIO, roles
from pipeline.worker.host_health import Verdict
from pipeline.worker.video_handler import seed_of
from shop.clips.filming import FILM, VIDEO
from shop.clips.sources import PREPARE
from shop.jobs.jobs import MAX_FAILURES
from shop.money import ledger
from shop.records import Clip, ClipState, Currency, Job, JobState, Worker
from tests.doubles import QuickEngine
from tests.pipeline.worker_harness import CATALOG, all_of, loop_of, send_source, want_clip, work_off

BASE = "wan22-ti2v-5b"
PRICE = CATALOG.video_credits


@pytest.fixture
def engine() -> QuickEngine:
    return QuickEngine()


async def waiting(deps, engine, motion: str = "smile") -> Clip:
    sent = await send_source(deps, "p1")
    await work_off(deps, engine, PREPARE)
    return await want_clip(deps, sent, motion, BASE, credits=PRICE)


async def the_clip(deps) -> Clip:
    [clip] = await all_of(deps, Clip)
    return clip


async def credits_of(deps, clip: Clip) -> tuple[int, int]:
    """What its customer has, and what is held for it."""
    async with deps.database.snapshot() as tx:
        held = await tx.total(ledger.held_account(clip.user_id), Currency.CREDITS)
        return await ledger.balance(tx, clip.user_id), held


async def test_a_motion_is_told_by_its_words_and_paid(deps, engine):
    clip = await waiting(deps, engine, "push-in")
    assert await credits_of(deps, clip) == (0, PRICE)
    await work_off(deps, engine, FILM)
    assert engine.animated == [], "the animator made a clip that was not its own"
    await work_off(deps, engine, VIDEO)
    [asked] = engine.generated
    told = CATALOG.video_words["push-in"]
    assert (asked.base, asked.words, asked.camera) == (BASE, told.words, Camera.PUSH_IN)
    assert (asked.effect, asked.content_id, asked.seed) == ("", clip.id, seed_of(clip.id))
    assert asked.seconds == CATALOG.motion("push-in").motion.seconds
    assert asked.photo == engine.prepared[0]
    assert asked.people is None, "as many as the picture shows"
    done = await the_clip(deps)
    assert (done.state, done.engine, done.source_key_id) == (ClipState.DONE, BASE, None)
    assert await credits_of(deps, clip) == (0, 0)


async def test_an_effect_is_asked_for_by_its_name(deps, engine):
    await waiting(deps, engine, "hug")
    await work_off(deps, engine, VIDEO)
    [asked] = engine.generated
    assert (asked.effect, asked.words, asked.camera) == ("hug", "", None)
    assert asked.seconds == CATALOG.video_bases[BASE].seconds


@pytest.mark.parametrize("error", [NothingDecent("2 clips"), OrderError("of two people")])
async def test_a_clip_that_fails_costs_nothing(deps, engine, error):
    clip = await waiting(deps, engine)
    engine.spoiled[clip.id] = error
    await work_off(deps, engine, VIDEO)
    failed = await the_clip(deps)
    assert (failed.state, failed.source_key_id) == (ClipState.FAILED, None)
    assert await credits_of(deps, clip) == (PRICE, 0)


async def test_a_clip_whose_worker_breaks_is_made_by_the_next_try(deps):
    engine = QuickEngine((None, EngineCrashed("killed")))
    clip = await waiting(deps, engine)
    await work_off(deps, engine, VIDEO)
    assert (await the_clip(deps)).state is ClipState.DONE
    assert {one.seed for one in engine.generated} == {seed_of(clip.id)}


class OneBaseAlone:
    """A host that is well, and has no base but its own."""

    fault = None
    pause = 0.0

    async def examine(self, base: str = "") -> Verdict:
        return Verdict.UNABLE if base else Verdict.WELL


async def test_a_studio_without_the_weights_takes_no_such_clip_again(deps):
    """It says so in the database, so that nobody is told that a machine is there."""
    engine = QuickEngine((None, BaseMissing("no weights")))
    clip = await waiting(deps, engine)
    loop = loop_of(deps, engine, (FILM, VIDEO), host=OneBaseAlone())
    for _ in range(3):
        await asyncio.gather(*await loop.look())
        deps.database.clock.forward(seconds=60)
    assert engine.generated == []
    [worker] = await all_of(deps, Worker)
    assert worker.kinds == (FILM.name,)
    assert (await the_clip(deps)).state is ClipState.WAITING
    other = loop_of(deps, engine, (FILM, VIDEO), name="w2")
    await asyncio.gather(*await other.look())
    assert (await the_clip(deps)).state is ClipState.DONE
    assert [one.content_id for one in engine.generated] == [clip.id]


async def test_a_host_without_the_weights_hands_the_clip_back(deps):
    engine = QuickEngine((None, *[BaseMissing("no weights")] * (MAX_FAILURES + 1)))
    clip = await waiting(deps, engine)
    await work_off(deps, engine, VIDEO)
    [job] = [one for one in await all_of(deps, Job) if one.kind == VIDEO.name]
    assert (job.state, job.failures) == (JobState.WAITING, 0)
    assert await credits_of(deps, clip) == (0, PRICE)


def test_a_studio_generates_clips():
    assert VIDEO in roles()[STUDIO]


def test_every_clip_has_its_own_seed():
    seeds = {seed_of(str(number)) for number in range(100)}
    assert len(seeds) == 100
    assert all(0 <= seed < 2**31 for seed in seeds)
