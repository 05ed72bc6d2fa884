"""The journey, as transcripts."""

from pathlib import Path

from handlers.chat import Pressed, Show
from handlers.intents import Intent, action
from shop.adapters.database import SqlDatabase
from shop.jobs import worker_faults
from shop.records import Shoot
from tests.handlers.dialogue_harness import DialogueHarness
from tests.handlers.guests import buttons

TO_PHOTOS = """
> hello
< For ¥9.90, once
[Portraits of me]
< What happens to your photos, in plain words
[Yes, and I’m an adult]
< Do you agree that I train a digital avatar
[Yes, make my avatar]
< What should I call the person
[Woman]
< 20 is best, 12 is the least
"""
TO_BILL = (
    TO_PHOTOS
    + """
+ 20 photos
< 1 photo received
* the photos are checked
< 20 photos received, 20 usable
< That’s plenty
[Use these]
< (bill: Eider · one digital avatar)
< ¥9.90, once
< · 5 more sets in other styles (credits: 40)
< [Pay here in the chat]
"""
)
TO_STUDIO = (
    TO_BILL
    + """
[Pay here in the chat]
< ¥9.90 received, thank you
< · Nov 22, 2026 · Eider · one digital avatar
< You’re next
* a worker trains
< Making your avatar: 40%
< minutes to go
* a sample is painted
< A first try for you to peek at
* the avatar is made
< Your avatar is ready; making it took 4 minutes
< Receipt of erasure: all 20 photos
< the training’s interim files too: none is left
* the portraits are painted
< (4 pictures)
< Your first portraits
< [More like me · 8 credits]
< [More beautiful · 8 credits]
"""
)


async def test_from_hello_to_portraits(harness: DialogueHarness) -> None:
    anna = harness.guest("anna")
    await harness.play(anna, TO_STUDIO)
    await harness.play(
        anna,
        """
        < “More like me” next: strength 9 of 12, retouching 0%
        < “More beautiful” next: strength 8 of 12, retouching 65%
        [More like me]
        < strength 8 → 9 of 12, retouching 30% → 0%
        < Credits held: 8; left: 32
        * a worker paints
        < 50%
        * the portraits are painted
        < Strength 9 of 12, retouching 0%
        < “More beautiful” next: strength 8 of 12, retouching 30%
        > more beautiful
        < Another set of “
        < , 4 portraits, costs 8 credits; you have 32. Shall I?
        ! Credits held
        [More beautiful · 8 credits]
        < retouching 0% → 30%, strength 9 → 8 of 12
        < Credits held: 8
        * the portraits are painted
        < Strength 8 of 12, retouching 30%
        [Another set]
        < Credits held: 8
        * the painting fails
        < 8 credits are back
        [Original files]
        < The original files, 64 × 64 pixels
        < (4 pictures)
        [My avatar]
        < Learned in 100 steps, taking 4 minutes
        < Strength: 8 of 12 (a setting
        > my orders
        < digital avatar · ¥9.90 · done
        > my data
        < uploaded photos, with the first try: 0
        < checkpoints of a training under way: 0
        < portraits: 12
        > /credits
        < You have 24 credits
        [60 credits · ¥6.00]
        < (bill: Eider · 60 credits)
        < that is 7 sets or 6 clips
        [Pay here in the chat]
        < 60 credits added; you now have 84
        > erase everything
        < Erase everything about you?
        [Keep it]
        < nothing was erased
        < What shall we shoot?
        > /erase
        [Erase everything]
        < Receipt of erasure
        < portraits: 12
        < nothing is left
        > start
        < For ¥9.90, once
        """,
    )


async def test_the_way_over_sql(tmp_path: Path, sqlite_url: str) -> None:
    """The steps ask nothing of memory that SQL would not give."""
    database = SqlDatabase(sqlite_url)
    harness = DialogueHarness(tmp_path, database)
    anna, boss = harness.guest("anna"), harness.guest("boss")
    await harness.play(
        anna, TO_STUDIO + "\n[More like me]\n< strength 8 → 9 of 12\n* the portraits are painted"
    )
    await harness.play(anna, "> /credits\n[60 credits · ¥6.00]\n> my orders\n< waiting for payment")
    await harness.play(boss, "> /stats\n> /queue\n> /review\n> /order 00000000\n< find that")
    await harness.play(
        anna, "> /cancel\n> /mydata\n> /erase\n[Erase everything]\n< nothing is left"
    )
    await harness.till.close()
    await database.close()


async def test_the_same_in_words_alone(harness: DialogueHarness) -> None:
    await harness.play(
        harness.guest("li", "zh-hans"),
        """
        > 你好
        < 一次付 ¥9.90
        > 照片会怎样
        < 说白话
        > 我同意
        < 训练一个只属于你的数字分身
        > 同意
        < 照片里的你是：
        > 女
        < 20 张最好，最少 12 张
        + 12 photos
        > 就这些
        < 还有 12 张正在看
        * the photos are checked
        < 收到 12 张，能用的 12 张
        < 还差 8 张
        > 好了
        < 说实话：能用的是 12 张
        [就这些，去付款]
        < ¥9.90，一次付清
        > 付款
        < (bill: 绒鸭 · 数字分身一个)
        [在聊天里付款]
        < 收到 ¥9.90
        < 下一个就是你
        * the avatar is made
        * the portraits are painted
        < 第一组写真
        > 更像我
        < 4 张）要 8 点，你有 40 点。要拍吗？
        [更像我]
        < 分身强度 8 → 9（最高 12），修饰 30% → 0%
        * the portraits are painted
        > 换风格
        < 风格（第 1 页
        > 我的分身
        < 分身强度：9（最高 12
        """,
    )


async def test_a_style_that_the_base_cannot_show(harness: DialogueHarness) -> None:
    anna = harness.guest("anna")
    await harness.play(anna, TO_STUDIO)
    await harness.type(anna, "styles")
    while "[Next]" in anna.text:
        await harness.press(anna, "Next")
    assert "need a larger image model" in anna.text
    await harness.type(anna, "Qing Palace")
    assert "won’t take your credits" in anna.text
    await harness.type(anna, "Film noir")
    assert "[Shoot this set · 8 credits]" in anna.text
    assert "Credits held" not in anna.text
    await harness.press(anna, "Shoot this set")
    assert "Credits held: 8" in anna.text


async def test_a_training_that_fails_gives_the_money_back(harness: DialogueHarness) -> None:
    anna = harness.guest("anna")
    await harness.play(
        anna,
        TO_BILL
        + """
        [Pay here in the chat]
        * the training fails
        < the fault is mine. ¥9.90 is on its way back
        < ¥9.90 has been returned
        < Receipt of erasure: all 20 photos
        < the training’s interim files too: none is left
        > /orders
        < refunded
        > continue
        < What should I call the person
        """,
    )


async def test_cancelling_in_time_and_too_late(harness: DialogueHarness) -> None:
    anna, ben = harness.guest("anna"), harness.guest("ben")
    await harness.play(
        anna,
        TO_BILL
        + """
        [Pay here in the chat]
        > cancel
        < Work hasn’t started, so you can cancel and get all ¥9.90 back
        [Cancel it]
        < ¥9.90 is on its way back
        < ¥9.90 has been returned
        """,
    )
    await harness.play(
        ben,
        TO_BILL
        + """
        [Pay here in the chat]
        * a worker trains
        > cancel
        < cancelling is no longer possible
        < work stops and everything is erased, but the ¥9.90 you paid is not refunded
        > /revoke
        < Withdraw your consent
        < It stops, everything is erased, and the ¥9.90 you paid is not refunded
        [Withdraw and erase]
        < Withdrawn
        < The ¥9.90 paid for it is not refunded
        ! returned
        < Receipt of erasure
        > continue
        < make studio portraits from an avatar
        [Portraits of me]
        < Do you agree that I train
        """,
    )


async def test_cancelling_before_paying(harness: DialogueHarness) -> None:
    anna = harness.guest("anna")
    await harness.play(
        anna,
        TO_BILL
        + """
        > never mind
        < Nothing has been charged
        [Don’t cancel]
        < (bill:
        > cancel
        [Cancel it]
        < nothing was charged
        < Receipt of erasure: all 20 photos
        > /cancel
        < nothing to cancel
        """,
    )
    assert "interim files" not in "\n".join(anna.lines), "there was no training"


async def test_a_day_without_payment(harness: DialogueHarness) -> None:
    await harness.play(
        harness.guest("anna"),
        TO_BILL
        + """
        * a day passes
        < 24 hours went by without a payment
        < Receipt of erasure: all 20 photos
        [Start again]
        < What should I call the person
        """,
    )


async def test_a_second_avatar(harness: DialogueHarness) -> None:
    await harness.play(
        harness.guest("anna"),
        TO_STUDIO
        + """
        > new avatar
        < another ¥9.90
        [Yes, start over]
        < What should I call the person
        > cancel
        < What shall we shoot?
        > /avatar
        [New avatar]
        [Yes, start over]
        [Neither / rather not say]
        < 20 is best
        # the old avatar still works meanwhile
        > more like me
        < costs 8 credits; you have 40
        [More like me]
        < strength 8 → 9 of 12, retouching 30% → 0%
        > new avatar
        < already have an order under way
        """,
    )


async def test_expressions_go_round_and_stay(harness: DialogueHarness) -> None:
    """From the template's soft smile on, by those that the base paints otherwise: to this one a
    smile is the soft smile, and the same pictures are not sold twice. What makes a set again keeps
    its expression."""
    anna = harness.guest("anna")
    await harness.play(
        anna,
        TO_STUDIO
        + """
        [Another expression]
        < Next, a calm face.
        < Credits held: 8
        [Another expression]
        < is being made already
        * the portraits are painted
        [More like me]
        < Done: strength 8 → 9 of 12
        * the portraits are painted
        > another expression
        < costs 8 credits
        [Another expression]
        < Next, a soft smile.
        """,
    )
    async with harness.database.begin() as tx:
        shoots = await tx.find(Shoot, order="created_at")
    told = [(one.kind.value, one.expression) for one in shoots]
    assert told == [
        ("first", "soft_smile"),
        ("expression", "neutral"),
        ("liker", "neutral"),
        ("expression", "soft_smile"),
    ]
    assert len({one.seeds for one in shoots}) == 1, "the same picture with another face"


async def test_a_style_with_one_expression_offers_no_other(harness: DialogueHarness) -> None:
    """Its button is not there; whoever types it is told, and nothing is spent."""
    anna = harness.guest("anna")
    await harness.play(anna, TO_STUDIO)
    await harness.send(anna, Pressed(action(Intent.STYLE, "id-blue")))
    await harness.play(anna, "* the portraits are painted")
    portraits = [one for one in anna.heard if isinstance(one, Show)][-1]
    shown = [one.action for one in buttons(portraits)]
    assert any(one.startswith("again:") for one in shown)
    assert not any(one.startswith("face:") for one in shown)
    async with harness.database.begin() as tx:
        before = await tx.find(Shoot)
    await harness.play(anna, "> another expression\n< with one expression only")
    async with harness.database.begin() as tx:
        assert await tx.find(Shoot) == before


async def test_withdrawing_erases_a_finished_avatar(harness: DialogueHarness) -> None:
    await harness.play(
        harness.guest("anna"),
        TO_STUDIO
        + """
        > /revoke
        [Withdraw and erase]
        < they are being erased
        > my data
        < digital avatars: 0
        < portraits: 0
        > more like me
        < You have no avatar yet
        """,
    )


async def test_while_no_worker_is_there_no_time_is_promised(harness: DialogueHarness) -> None:
    """Such as where the only ones are broken, and out of service. One that works is counted."""
    anna = harness.guest("anna")
    await harness.play(
        anna,
        TO_BILL
        + """
        [Pay here in the chat]
        < ¥9.90 received, thank you
< · Nov 22, 2026 · Eider · one digital avatar
        < No machine is at work on this just now
        < Your money and your place in the queue are kept
        * a worker trains
        ! No machine is at work
        < minutes to go
        """,
    )


async def test_admins_are_told_what_is_wrong_with_a_worker(harness: DialogueHarness) -> None:
    boss = harness.guest("boss")
    await harness.type(boss, "hello")
    async with harness.database.begin() as tx:
        for _ in range(2):
            await worker_faults.report(
                tx, "studio@gpu7", "master_key", {"playground:boss"}, harness.now
            )
    boss.heard.clear()
    await harness.deliver()
    (told,) = [reply for reply in boss.heard if "studio@gpu7" in reply.text]
    assert "its master key is not this installation’s" in told.text
    assert "No order is lost" in told.text
