"""Two pictures in one frame: who comes beside, their photo, both shown; and every way aside."""

from handlers.chat import Show
from handlers.session import State
from shop.records import Clip, ClipState, Relation
from tests.handlers.clip_events import JOINED
from tests.handlers.dialogue_harness import DialogueHarness
from tests.handlers.test_alive import TO_MOTIONS, clips_of, sends, state_of
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
        < 开始做了
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
        > what now?
        < Send the photo of whoever comes beside
        [Rather alone]
        < How shall it move?
        [B · Smile]
        < on its way
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
