"""Two pictures in one frame: who comes beside, their photo, both shown; and every way aside."""

import pytest

from handlers.chat import Pressed, Show
from handlers.session import State
from handlers.steps.links import leads_anybody
from handlers.texts import texts
from shop import admin_reviews
from shop.money import ledger
from shop.people import users
from shop.people.users import LANGUAGES
from shop.records import Clip, ClipState, Relation
from tests.handlers.clip_events import BEFORE, JOINED
from tests.handlers.dialogue_harness import DialogueHarness
from tests.handlers.guests import Guest
from tests.handlers.test_alive import TO_MOTIONS, TO_RELATION, clips_of, sends, state_of
from tests.handlers.test_journey import TO_STUDIO

TO_SECOND = TO_MOTIONS + "[Together with somebody]\n[Somebody living, who agreed]"


async def the_clip(harness: DialogueHarness) -> Clip:
    return (await clips_of(harness))[-1]


async def test_two_who_were_apart_lean_together(harness: DialogueHarness) -> None:
    guest = harness.guest("anna", "zh_CN")
    await harness.play(
        guest,
        """
        > 你好
        [让照片动起来]
        [可以，我已成年]
        [已经过世的人]
        + 1 photo
        * the photo is looked at
        < 想让它怎么动？
        [和另一个人同框]
        < 另一位是谁？
        < 各人是各人的脸
        > 嗯？
        < 先选另一位是谁
        [是我自己]
        < 现在发要放在旁边的那张你自己的照片
        + 1 photo
        < 正在看这张照片
        * the second photo is looked at
        < (1 pictures)
        < 两个人同框了
        < 想让它怎么动？
        ! 和另一个人同框
        [B · 微笑]
        < 排上了
        * the clip is made
        < (clip of 5 s)
        < 你发来的两张照片，密钥已经销毁
        """,
    )
    clip = await the_clip(harness)
    assert (clip.relation, clip.relation_beside) == (Relation.DEAD, Relation.SELF)
    assert (clip.state, clip.pictures, clip.sources) == (ClipState.DONE, 2, ())
    shown = [one for one in guest.all_heard if isinstance(one, Show)][-1]
    assert [one.data for one in shown.pictures] == [JOINED]
    assert [path async for path in harness.blobs.walk("sources")] == []


async def test_somebody_comes_beside_a_portrait(harness: DialogueHarness) -> None:
    guest = harness.guest("anna")
    await harness.play(
        guest,
        TO_STUDIO
        + """
        [Bring it alive]
        [Picture 2]
        [Yes, bring it alive]
        [Together with somebody]
        < Who comes beside?
        [Somebody who has died]
        < Now send the photo of whoever comes beside
        + 1 photo
        * the second photo is looked at
        < Both in one frame
        [B · Smile]
        * the clip is made
        < the key of the photo you sent is destroyed
        """,
    )
    assert (await the_clip(harness)).pictures == 2


async def test_a_second_photo_that_does_not_fit_is_told_and_another_may_come(
    harness: DialogueHarness,
) -> None:
    guest = harness.guest("anna")
    await harness.play(
        guest,
        TO_SECOND
        + """
        + 1 photo
        * the second photo does not fit
        < The edge of the picture cuts the face. Receipt: the key of that second photo is destroyed
        < Send the photo of whoever comes beside, or go on with the first alone
        """,
    )
    await sends(harness, guest, 3)
    await harness.play(guest, "* the second photo is looked at\n< Both in one frame")


async def test_beside_a_picture_without_room_nobody_comes(harness: DialogueHarness) -> None:
    guest = harness.guest("anna")
    await harness.play(
        guest,
        TO_SECOND
        + """
        + 1 photo
        * nobody fits beside the first
        < too little room around the face
        > hmm
        < How shall it move?
        """,
    )
    assert (await the_clip(harness)).pictures == 1


async def test_rather_alone(harness: DialogueHarness) -> None:
    """From the question, and while the photo is awaited."""
    guest = harness.guest("anna")
    await harness.play(
        guest,
        TO_MOTIONS
        + """
        [Together with somebody]
        > cancel
        < How shall it move?
        [Together with somebody]
        [Rather alone]
        < How shall it move?
        [Together with somebody]
        [It’s me]
        > lovely weather
        < Send the photo of whoever comes beside
        [Rather alone]
        < How shall it move?
        [B · Smile]
        < in the queue
        """,
    )
    assert (await the_clip(harness)).pictures == 1


async def test_never_mind_erases_both(harness: DialogueHarness) -> None:
    guest = harness.guest("anna")
    await harness.play(
        guest,
        TO_SECOND
        + """
        + 1 photo
        * the second photo is looked at
        [Never mind]
        < Both photos are being erased
        < the two photos that were to come alive are gone
        """,
    )
    assert [path async for path in harness.blobs.walk("sources")] == []


async def test_old_buttons_do_no_harm(harness: DialogueHarness) -> None:
    """Together pressed again after the clip is owed, or is gone."""
    guest = harness.guest("anna")
    await harness.play(guest, TO_SECOND)
    assert await state_of(harness, guest) is State.CLIP
    await harness.play(guest, "[Never mind]\n[Together with somebody]\n< no photo waiting any more")
    await harness.play(guest, "[Rather alone]\n< no photo waiting any more")


async def test_another_second_photo_takes_the_second_s_place(harness: DialogueHarness) -> None:
    """Never the first one's, of whom something else was said."""
    guest = harness.guest("anna")
    await harness.play(guest, TO_SECOND + "\n+ 1 photo\n* the second photo is looked at")
    before = await the_clip(harness)
    await sends(harness, guest, 3)
    again = await the_clip(harness)
    assert (again.id, again.relation, again.relation_beside) == (
        before.id, Relation.DEAD, Relation.LIVING,
    )  # fmt: skip
    assert (again.state, again.sources[0]) == (ClipState.PREPARING, before.sources[0])
    await harness.play(guest, "* the second photo is looked at\n< Both in one frame")
    assert len([path async for path in harness.blobs.walk("sources")]) == 5


async def test_a_second_photo_is_held_for_a_person_s_look(harness: DialogueHarness) -> None:
    guest = harness.guest("anna")
    await harness.play(
        guest,
        TO_SECOND
        + """
        + 1 photo
        * somebody looks young
        < a member of staff will look at it first
        * the photo is approved
        < How shall it move?
        """,
    )


@pytest.mark.parametrize("way", ["/start together", "together"])
async def test_a_link_and_a_word_lead_there(harness: DialogueHarness, way: str) -> None:
    """Whoever has no picture yet sends the first one first; after it, straight to the second."""
    guest = harness.guest("anna")
    await harness.play(guest, "> hello\n[Bring a photo alive]\n[Yes, and I’m an adult]\n> cancel")
    await harness.play(
        guest,
        f"""
        > {way}
        < first comes the picture of one
        < who is in it?
        [It’s me]
        + 1 photo
        * the photo is looked at
        > {way}
        < Who comes beside?
        [Somebody living, who agreed]
        > {way}
        < Now send the photo of whoever comes beside
        [Rather alone]
        < How shall it move?
        [Together with somebody]
        [Somebody living, who agreed]
        + 1 photo
        * the second photo is looked at
        > {way}
        < How shall it move?
        """,
    )
    assert (await the_clip(harness)).pictures == 2
    assert leads_anybody(harness.catalog, "together")


async def with_credits(harness: DialogueHarness, guest: Guest, credits: int) -> None:
    async with harness.database.begin() as tx:
        user = await users.lock(tx, (await harness.user_in(tx, guest)).id)
        await ledger.grant(tx, user.id, credits, f"grant:{credits}", harness.now)


async def test_two_hug_where_a_video_base_is_sold(harness: DialogueHarness) -> None:
    """By the base, for its own price; what it does with one person is offered for one."""
    sells = harness.settings.model_copy(update={"video_base": "wan22-ti2v-5b"})
    harness.rebuild(settings=sells)
    guest = harness.guest("anna", "zh_CN")
    price = harness.catalog.video_credits
    await harness.play(
        guest,
        f"""
        > 你好
        [让照片动起来]
        [可以，我已成年]
        [已经过世的人]
        + 1 photo
        * the photo is looked at
        [改用生成的]
        < 生成一段要 {price} 点
        < [挥手]
        ! [拥抱]
        [和另一个人同框]
        [是我自己]
        + 1 photo
        * the second photo is looked at
        [改用生成的]
        ! [挥手]
        [拥抱]
        < 点
        """,
    )
    assert (await the_clip(harness)).state is ClipState.READY, "too few credits"
    await with_credits(harness, guest, price)
    await harness.play(guest, "> 同框\n[改用生成的]\n[拥抱]\n< 拥抱")
    hug = await the_clip(harness)
    assert (hug.state, hug.engine, hug.motion) == (ClipState.WAITING, "wan22-ti2v-5b", "hug")
    assert (hug.credits, hug.gift) == (price, False)


async def test_no_hug_without_a_video_base(harness: DialogueHarness) -> None:
    guest = harness.guest("anna")
    await harness.play(guest, TO_SECOND + "\n+ 1 photo\n* the second photo is looked at\n! Hug")
    await harness.send(guest, Pressed("motion:hug"))
    assert (await the_clip(harness)).state is ClipState.READY


async def test_the_price_of_two_is_said_before_it_is_paid(harness: DialogueHarness) -> None:
    """The gift was used; the balance tells both prices."""
    guest = harness.guest("anna")
    await harness.play(guest, TO_MOTIONS + "[B · Smile]\n* the clip is made")
    await with_credits(harness, guest, 40)
    two = harness.catalog.together_credits
    assert two > harness.catalog.film_credits
    await harness.play(
        guest,
        f"""
        > credits
        < one of two people brought together {two}
        > together
        [It’s me]
        + 1 photo
        * the photo is looked at
        < The clip costs 10 credits; you have 40
        [Together with somebody]
        [Somebody who has died]
        + 1 photo
        * the second photo is looked at
        < The clip costs {two} credits; you have 40
        [B · Smile]
        < {two} credits are held for it
        * the clip fails
        < {two} credits are back with you
        < the key of the two photos you sent is destroyed
        """,
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_to_be_chosen_is_named_as_its_button_is(language: str) -> None:
    say = texts(language)
    assert say("together-button") in say("together-begin")


async def test_an_old_print_beside_is_shown_as_it_came_too(harness: DialogueHarness) -> None:
    guest = harness.guest("anna")
    await harness.play(
        guest,
        TO_SECOND
        + """
        + 1 photo
        * the second photo is mended
        < (2 pictures)
        < Before and after: cropped from its paper.
        """,
    )
    [shown] = [one for one in guest.heard if isinstance(one, Show)]
    assert [one.data for one in shown.pictures] == [BEFORE, JOINED]


async def test_the_first_picture_of_who_says_to_be_a_minor_waits_too_once_it_stands_alone(
    harness: DialogueHarness,
) -> None:
    guest = harness.guest("anna")
    await harness.play(
        guest,
        TO_RELATION
        + """
        [It’s me]
        + 1 photo
        * the photo is looked at
        [Together with somebody]
        [Somebody who has died]
        + 1 photo
        > I'm 17
        * the photo is looked at
        """,
    )
    clip = await the_clip(harness)
    assert clip.state is ClipState.HELD
    async with harness.database.begin() as tx:  # of the second alone, which was shown
        await admin_reviews.reject_source(tx, "playground:boss", clip.id, harness.now)
    assert (await the_clip(harness)).state is ClipState.COLLECTING
    await harness.send_action(guest, "together:no")
    assert (await the_clip(harness)).state is ClipState.HELD
