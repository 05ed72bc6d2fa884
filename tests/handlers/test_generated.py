"""A clip by the video base that the operator sells: chosen instead of the animator's, its price and
wait told first, and billed back when it fails."""

from dataclasses import replace
from datetime import timedelta

import pytest

from handlers.texts import texts
from shop.clips.filming import EMBEDDED, VIDEO
from shop.jobs import jobs
from shop.money import ledger
from shop.people import users
from shop.people.users import LANGUAGES
from shop.records import Clip, ClipState, Job, JobState, UserId, Worker
from tests.handlers.dialogue_harness import DialogueHarness
from tests.handlers.guests import Guest, buttons
from tests.handlers.test_alive import TO_MOTIONS, clips_of

BASE = "wan22-ti2v-5b"
GENERATED = "[Generated instead]"


@pytest.fixture
def selling(harness: DialogueHarness) -> DialogueHarness:
    harness.rebuild(settings=harness.settings.model_copy(update={"video_base": BASE}))
    return harness


async def give(harness: DialogueHarness, guest: Guest, credits: int) -> UserId:
    async with harness.database.begin() as tx:
        user = await harness.user_in(tx, guest)
        await users.lock(tx, user.id)
        await ledger.grant(tx, user.id, credits, f"test:{guest.name}", harness.now)
    return user.id


async def balance(harness: DialogueHarness, user: UserId) -> int:
    async with harness.database.snapshot() as tx:
        return await ledger.balance(tx, user)


async def test_where_none_is_sold_none_is_offered(harness: DialogueHarness) -> None:
    guest = harness.guest("anna")
    await harness.play(guest, TO_MOTIONS + "! Generated")
    await harness.send_action(guest, "video:smile")
    (clip,) = await clips_of(harness)
    assert clip.state is ClipState.READY
    assert "How shall it move?" in guest.text


async def test_nothing_is_held_for_what_no_machine_can_make(harness: DialogueHarness) -> None:
    demanding = {"video_base": BASE, "sales_need": frozenset({"studio"})}
    harness.rebuild(settings=harness.settings.model_copy(update=demanding))
    guest = harness.guest("anna")
    await harness.play(guest, TO_MOTIONS)
    user = await give(harness, guest, 100)
    await harness.play(guest, GENERATED + "\n[Smile]\n< No machine that generates clips is at work")
    assert await balance(harness, user) == 100
    async with harness.database.begin() as tx:
        await tx.add(Worker("v1", (VIDEO.name,), harness.now))
    await harness.play(guest, "[Smile]\n! No machine")
    (clip,) = await clips_of(harness)
    assert (clip.state, clip.engine) == (ClipState.WAITING, BASE)


async def test_the_walk_in_chinese(selling: DialogueHarness) -> None:
    guest = selling.guest("li", "zh-hans")
    await selling.play(
        guest,
        """
        > 你好
        > 让照片动起来
        > 我同意
        [who:dead]
        + 1 photo
        * the photo is looked at
        < 怎么动
        [改用生成的]
        < 有些地方是编出来的
        < 生成一段要 60 点，你有 0 点
        < 做不出来，点数全部退回
        < 现在没有机器在做这件事
        [微笑]
        < 点
        """,
    )
    (clip,) = await clips_of(selling)
    assert clip.state is ClipState.READY, "nothing is owed that nobody can pay"
    user = await give(selling, guest, 100)
    await selling.play(
        guest,
        """
        [微笑]
        < “微笑”
        < 预扣 60 点
        < 有些地方会是编出来的
        [微笑]
        < 预扣 60 点
        """,
    )
    (clip,) = await clips_of(selling)
    assert (clip.engine, clip.gift, clip.credits) == (BASE, False, 60)
    assert await balance(selling, user) == 40
    async with selling.database.snapshot() as tx:
        owed = await tx.find(Job, ref=clip.id, state=JobState.WAITING)
    assert [one.kind for one in owed] == [VIDEO.name]
    await selling.play(guest, "* the clip is made\n< (clip of 5 s)\n< 这一段是生成的")
    assert await balance(selling, user) == 40
    (done,) = await clips_of(selling)
    assert done.state is ClipState.DONE


async def test_one_that_fails_costs_nothing_and_takes_no_gift(selling: DialogueHarness) -> None:
    guest = selling.guest("anna")
    await selling.play(guest, TO_MOTIONS)
    user = await give(selling, guest, 60)
    await selling.play(
        guest,
        GENERATED
        + """
        < parts are invented
        < costs 60 credits; you have 60
        [Wave]
        < 60 credits are held
        * the clip fails
        < 60 credits are back with you
        """,
    )
    assert await balance(selling, user) == 60
    await selling.play(guest, "[Another photo]\n[It’s me]\n+ 1 photo\n* the photo is looked at")
    await selling.play(guest, "< first clip is a gift\n[B · Smile]\n< It’s a gift")
    assert {one.engine for one in await clips_of(selling)} == {BASE, EMBEDDED}


async def test_the_way_back_to_the_animator(selling: DialogueHarness) -> None:
    guest = selling.guest("anna")
    await selling.play(guest, TO_MOTIONS + GENERATED + "\n[Move the picture itself]")
    await selling.play(guest, "< How shall it move?\n[B · Smile]\n< It’s a gift")
    await selling.send_action(guest, "video:smile")
    (clip,) = await clips_of(selling)
    assert clip.engine == EMBEDDED
    assert "It’s a gift" in guest.text, "what is being made is said, and nothing is owed twice"


async def test_only_what_the_picture_can_is_offered(selling: DialogueHarness) -> None:
    guest = selling.guest("anna")
    await selling.play(guest, TO_MOTIONS + GENERATED)
    offered = {one.action for one in buttons(guest.heard[-1])}
    assert {"video:wave", "video:smile", "video:orbit"} <= offered
    assert "video:hug" not in offered, "it takes two"
    await give(selling, guest, 60)
    await selling.send_action(guest, "video:hug")
    (clip,) = await clips_of(selling)
    assert clip.state is ClipState.READY


async def test_the_wait_is_what_was_measured(selling: DialogueHarness) -> None:
    """With a worker that was seen and nothing measured, nobody knows; then what others took."""
    guest = selling.guest("anna")
    await selling.play(guest, TO_MOTIONS)
    async with selling.database.begin() as tx:
        await tx.add(Worker("v1", (VIDEO.name,), selling.now + timedelta(minutes=11)))
    await selling.play(guest, GENERATED + "\n! likely to take")
    assert texts("en")("generated-wait", known="no", span="") in guest.text
    async with selling.database.begin() as tx:
        for number in range(6):
            job = await jobs.enqueue(tx, VIDEO, f"other{number}", UserId(f"u{number}"), selling.now)
            leased = await jobs.lease(tx, job.id, "v1", selling.now, 600)
            assert leased is not None
            ended = selling.now + timedelta(minutes=10)
            await jobs.end(tx, leased, JobState.DONE, ended)
    selling.now += timedelta(minutes=11)
    await selling.play(guest, "[Move the picture itself]\n" + GENERATED)
    assert "likely to take" in guest.text
    assert "minutes" in guest.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_effect_and_motion_has_a_name(language: str, harness: DialogueHarness) -> None:
    for faces in (0, 1, 2):
        for motion in harness.catalog.video_motions(BASE, faces):
            entry = harness.catalog.motions.get(motion.id)
            names = entry.names if entry else harness.catalog.effect_names[motion.id]
            assert names[language]


async def test_the_price_of_a_clip_is_the_kinds(selling: DialogueHarness) -> None:
    guest = selling.guest("anna")
    dear = replace(selling.catalog, video_credits=75)
    selling.rebuild(catalog=dear)
    await selling.play(guest, TO_MOTIONS + GENERATED + "\n< costs 75 credits")
    user = await give(selling, guest, 80)
    await selling.play(guest, "[Smile]\n< 75 credits are held")
    assert await balance(selling, user) == 5
    (clip,) = await clips_of(selling)
    assert isinstance(clip, Clip)
