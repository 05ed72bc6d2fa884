"""A picture in one's own words: what was heard and what was not, before anything costs."""

from typing import TypeVar

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from handlers.chat import Said
from handlers.session import State
from handlers.steps.wishes import EXAMPLES
from handlers.texts import texts
from handlers.wish_phrases import read_wish
from shop import blob_erasure, privacy
from shop.avatars import portraits, prompts
from shop.avatars.portraits import NOTHING_PASSED
from shop.catalog import wishes
from shop.catalog.wishes import MOST_LETTERS
from shop.money import ledger
from shop.people import users
from shop.people.users import LANGUAGES
from shop.records import (
    Clip,
    Job,
    JobState,
    Portrait,
    Prompt,
    PromptState,
    SealedKey,
    Shoot,
    ShootKind,
    ShootState,
    User,
)
from tests.handlers.dialogue_harness import DialogueHarness
from tests.handlers.guests import Guest, buttons
from tests.handlers.test_journey import TO_STUDIO

Record = TypeVar("Record", Clip, Job, Portrait, Prompt, Shoot)
MINI = wishes.vocabulary("mini")
TO_ZH_STUDIO = """
> 你好
> 照片会怎样
> 我同意
> 同意
> 女
+ 20 photos
* the photos are checked
> 就这些
[在聊天里付款]
* the avatar is made
* the portraits are painted
< 第一组写真
"""
TO_TERMS = """
> hello
[Paint my words]
[Yes, and I’m an adult]
"""


async def user_of(harness: DialogueHarness, guest: Guest) -> User:
    async with harness.database.begin() as tx:
        return await harness.user_in(tx, guest)


async def give(harness: DialogueHarness, guest: Guest, credits: int) -> None:
    user = await user_of(harness, guest)
    async with harness.database.begin() as tx:
        await users.lock(tx, user.id)
        await ledger.grant(tx, user.id, credits, f"test:{guest.name}:{credits}", harness.now)


async def balance(harness: DialogueHarness, guest: Guest) -> int:
    user = await user_of(harness, guest)
    async with harness.database.snapshot() as tx:
        return await ledger.balance(tx, user.id)


async def found(harness: DialogueHarness, kind: type[Record]) -> list[Record]:
    async with harness.database.snapshot() as tx:
        return await tx.find(kind)


async def in_own_words(harness: DialogueHarness) -> list[Shoot]:
    return sorted(
        (one for one in await found(harness, Shoot) if one.prompt_id),
        key=lambda one: one.created_at,
    )


async def state_of(harness: DialogueHarness, guest: Guest) -> State:
    session = await harness.sessions.load("playground", guest.name)
    assert session is not None
    return session.state


async def test_the_whole_walk_with_an_avatar(harness: DialogueHarness) -> None:
    guest = harness.guest("li", "zh-hans")
    await harness.play(guest, TO_ZH_STUDIO)
    await give(harness, guest, 40)
    before = await balance(harness, guest)
    await harness.play(
        guest,
        """
        > 请画我微笑，蓝色背景，骑着龙
        < 我认识：微笑和蓝色背景。
        < 这些我不认识，画不出来，会略过：骑着龙。
        < 画的是你，用你的分身。
        < 画 4 张要 8 点
        < [就这样画 · 8 点]
        """,
    )
    assert await balance(harness, guest) == before, "nothing costs before the yes"
    assert await in_own_words(harness) == []
    await harness.play(
        guest,
        """
        [就这样画 · 8 点]
        < “你自己的话”排上了，预扣 8 点，还剩
        [就这样画 · 8 点]
        < “你自己的话”排上了，预扣 8 点，还剩
        * a worker paints
        < 正在拍“你自己的话”：50%
        * the portraits are painted
        < (4 pictures)
        < 你自己的话。分身强度 8
        < [更像我 · 8 点]
        [就这样画 · 8 点]
        < 这个已经画过了，没有多扣。
        """,
    )
    (shoot,) = await in_own_words(harness)
    assert (shoot.credits, shoot.state, len(shoot.seeds)) == (8, ShootState.DONE, 4)
    assert await balance(harness, guest) == before - 8
    await harness.play(
        guest,
        """
        > 更像我
        < 再拍一组“你自己的话”（4 张）要 8 点
        [更像我 · 8 点]
        < 分身强度 8 → 9
        * the portraits are painted
        < 你自己的话。分身强度 9
        [再来一组 · 8 点]
        * the painting fails
        < 8 点
        [原图文件]
        < 原图文件
        [让它动起来]
        < 哪
        """,
    )
    kinds = [one.kind for one in await in_own_words(harness)]
    assert kinds == [ShootKind.STYLE, ShootKind.MORE_LIKE_ME, ShootKind.ANOTHER]
    liker = (await in_own_words(harness))[1]
    assert liker.seeds == shoot.seeds
    assert await balance(harness, guest) == before - 16, "the failed one came back"


async def test_without_an_avatar_in_french(harness: DialogueHarness) -> None:
    """Terms, words, the price, no credits, a pack, four pictures of nobody, and a clip of one."""
    guest = harness.guest("lea", "fr")
    await harness.play(
        guest,
        """
        > peins-moi en aquarelle, à vélo
        < je ne l’ai pas gardé
        [Oui, et je suis majeur(e)]
        < Dites avec vos mots
        < quelqu’un qui n’existe pas
        > en Aquarelle, l’air étonné, à Vélo
        < Aquarelle et étonné
        < Je ne connais pas ceci, et je le laisse de côté\u202f: Vélo.
        < quelqu’un qui n’existe pas
        < vous en avez 0
        [Peindre · 8 crédits]
        """,
    )
    assert await in_own_words(harness) == []
    await give(harness, guest, 18)
    await harness.play(
        guest,
        """
        [Peindre · 8 crédits]
        < 8
        > où en suis-je
        < Avec vos mots
        * the portraits are painted
        < (4 pictures)
        < Cette personne n’existe pas
        ! Plus ressemblant
        """,
    )
    (shoot,) = await in_own_words(harness)
    assert (shoot.avatar_id, shoot.state) == (None, ShootState.DONE)
    painted = await found(harness, Portrait)
    assert {one.prompt_id for one in painted} == {shoot.prompt_id}
    await harness.send_action(guest, f"more:{shoot.id}")
    assert "personne de réel" in guest.text
    await harness.send_action(guest, f"orig:{shoot.id}")
    assert "(4 pictures)" in guest.text
    await harness.send_action(guest, f"alive:{painted[0].id}")
    await harness.send_action(guest, "who:self")
    await harness.send_action(guest, "motion:smile")
    (clip,) = await found(harness, Clip)
    assert clip.portrait_id == painted[0].id
    await harness.play(guest, "* the clip is made\n< (clip of 5 s)")
    assert await balance(harness, guest) == 10


async def test_an_unknown_word_never_costs_before_it_was_named(harness: DialogueHarness) -> None:
    """Whatever is typed: a sentence with words that are not known is told with each of them, or
    there is nothing to be paid for; and only that message's own button spends."""
    guest = harness.guest("anna")
    await harness.play(guest, TO_TERMS)
    await give(harness, guest, 8_000)
    assert MINI is not None
    pieces = st.sampled_from(
        ["smile", "old photo", "dragon", "vélo", "骑着龙", "微笑", "모자", "웃는", "a", "xylophone",
         "neon", "blue background", "(", "{subject}", "watercolour"]
    )  # fmt: skip

    async def typed(sentence: str) -> None:
        spent = await balance(harness, guest)
        await harness.send_action(guest, "paint")
        await harness.type(guest, sentence)
        assert await balance(harness, guest) == spent
        wish = wishes.read(sentence, MINI)
        for word in (*wish.unknown, *wish.left_out):
            assert word in guest.text
        yes = [one for one in buttons(guest.heard[-1]) if one.action.startswith("wish:")]
        assert bool(yes) == bool(wish.known)
        if yes:
            await harness.press(guest, yes[0].action)
            await harness.press(guest, yes[0].action)
            assert await balance(harness, guest) == spent - 8
            (shoot,) = [
                one for one in await in_own_words(harness) if one.state is ShootState.WAITING
            ]
            async with harness.database.begin() as tx:
                prompt = await tx.get(Prompt, shoot.prompt_id or "")
                assert prompt is not None
                kept = await prompts.find_wish(tx, harness.cipher, prompt)
            assert (kept.known, kept.prompt, kept.unknown) == (wish.known, wish.prompt, ())
            await harness.fail_painting()
            assert await balance(harness, guest) == spent

    sentences: list[str] = []

    @hypothesis_settings(
        max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    @given(st.lists(pieces, min_size=1, max_size=5).map(" , ".join))
    def collect(sentence: str) -> None:
        sentences.append(sentence)

    collect()
    assert len(sentences) >= 20
    for sentence in sentences:
        await typed(sentence)


@pytest.mark.parametrize(
    ("sentence", "why"),
    [
        ("paint me n.u.d.e", "nothing naked"),
        ("paint a picture of a child", "adults only"),
        ("draw me as Taylor Swift", "nobody famous"),
        ("画一张血腥的", "no violence"),
        ("paint me with a swastika", "hatred"),
        ("paint me for a fake passport", "deceive"),
    ],
)
async def test_a_refusal_is_explained_and_nothing_kept(
    harness: DialogueHarness, sentence: str, why: str
) -> None:
    guest = harness.guest("anna")
    await harness.play(guest, TO_TERMS)
    await harness.type(guest, sentence)
    assert why in guest.text
    assert "Nothing was charged" in guest.text
    assert "smiling, in black and white" in guest.text, "examples to tap"
    assert await found(harness, Prompt) == []
    assert not any(one.action.startswith("wish:") for one in buttons(guest.heard[-1]))


async def test_a_refused_sentence_ends_what_was_told_before(harness: DialogueHarness) -> None:
    guest = harness.guest("anna")
    await harness.play(guest, TO_TERMS + "> smiling, sepia\n< I know: smiling and sepia")
    await give(harness, guest, 8)
    await harness.play(guest, "> smiling, nude\n< nothing naked\n> yes\n< Say in your own words")
    (prompt,) = await found(harness, Prompt)
    assert (prompt.state, prompt.key_id, prompt.sealed) == (PromptState.ENDED, None, b"")
    await harness.play(guest, "[wish:-]".replace("wish:-", f"wish:{prompt.id}"))
    assert await in_own_words(harness) == []
    assert await balance(harness, guest) == 8


async def test_nothing_of_the_words_is_in_the_clear(
    harness: DialogueHarness, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Not in any record, session, blob or log; what was not known is not kept sealed either once it
    was ordered."""
    guest = harness.guest("anna")
    await harness.play(guest, TO_TERMS)
    await give(harness, guest, 16)
    await harness.play(
        guest,
        """
        > watercolour with a xylophone
        < xylophone
        [Paint it · 8 credits]
        * a worker paints
        * the portraits are painted
        """,
    )
    async with harness.database.snapshot() as tx:
        for kind in (Prompt, Shoot, Portrait, Job, User, SealedKey):
            for record in await tx.find(kind):
                assert "xylophone" not in repr(record)
                assert "watercolour" not in repr(record)
        (prompt,) = await tx.find(Prompt)
        assert b"xylophone" not in prompt.sealed
        assert b"watercolour" not in prompt.sealed
        kept = await prompts.find_wish(tx, harness.cipher, prompt)
    assert (kept.known, kept.unknown) == (("watercolour",), ())
    session = await harness.sessions.load("playground", "anna")
    assert session is not None
    assert "watercolour" not in repr(session.data)
    said = capfd.readouterr()
    assert "xylophone" not in said.out + said.err + caplog.text
    assert "watercolour" not in said.out + said.err + caplog.text


async def test_an_order_that_was_not_given_is_forgotten(harness: DialogueHarness) -> None:
    guest = harness.guest("anna")
    await harness.play(guest, TO_TERMS + "> sepia\n[Never mind]\n< I have forgotten your words")
    await harness.play(guest, "> paint me\n> noir\n< I know: noir")
    harness.now = harness.now.replace(year=harness.now.year + 1)
    async with harness.database.begin() as tx:
        (stale,) = await prompts.stale(tx, harness.now)
        assert await prompts.expire(tx, stale, harness.now, harness.now)
        assert not await prompts.expire(tx, stale, harness.now, harness.now)
        assert await tx.count(SealedKey) == 0
    assert {one.state for one in await found(harness, Prompt)} == {PromptState.ENDED}


async def test_erased_with_everything_else(harness: DialogueHarness) -> None:
    guest = harness.guest("anna")
    await harness.play(guest, TO_TERMS)
    await give(harness, guest, 16)
    await harness.play(
        guest,
        """
        > sepia
        [Paint it · 8 credits]
        * the portraits are painted
        > /mydata
        < pictures in your own words: what I heard, encrypted: 1
        < portraits: 4
        [Another set]
        """,
    )
    user = await user_of(harness, guest)
    assert await blob_erasure.sweep_blobs(harness.database, harness.blobs) == 0
    assert await privacy.count_remaining(harness.database, harness.blobs, user.id) == 5
    await harness.play(guest, "> /erase\n[Erase everything]\n< nothing is left")
    assert await privacy.count_remaining(harness.database, harness.blobs, user.id) == 0
    assert [path async for path in harness.blobs.walk("portraits")] == []
    assert await found(harness, Portrait) == []
    assert not [one for one in await found(harness, Job) if one.state is JobState.WAITING]


async def test_a_withdrawn_consent_ends_what_was_painted_of_the_avatar(
    harness: DialogueHarness,
) -> None:
    guest = harness.guest("anna")
    await harness.play(guest, TO_STUDIO)
    await harness.play(guest, "> paint me in sepia\n[Paint it · 8 credits]")
    await harness.play(guest, "* the portraits are painted\n< In your own words. Strength")
    await harness.play(guest, "> /revoke\n[revoke:yes-]")
    (prompt,) = await found(harness, Prompt)
    assert (prompt.state, prompt.sealed) == (PromptState.ENDED, b"")
    assert await found(harness, Portrait) == []


async def test_a_sentence_of_which_the_end_could_not_be_told_is_not_ordered(
    harness: DialogueHarness,
) -> None:
    """Of one that is longer than is read, the words beyond would cost without having been named."""
    guest = harness.guest("anna")
    await harness.play(guest, TO_TERMS + "> noir\n< I know: noir")
    await give(harness, guest, 8)
    longest = ("sepia, " * MOST_LETTERS)[:MOST_LETTERS]
    await harness.type(guest, f"{longest} dragon")
    assert f"I read {MOST_LETTERS} signs at most" in guest.text
    assert not any(one.action.startswith("wish:") for one in buttons(guest.heard[-1]))
    assert {one.state for one in await found(harness, Prompt)} == {PromptState.ENDED}
    await harness.type(guest, longest)
    assert "I know: sepia" in guest.text


@pytest.mark.parametrize(
    ("why", "said"),
    [(NOTHING_PASSED, "passed my own check"), ("EngineTimeout", "in your own words failed")],
)
async def test_why_nothing_came_of_the_words_is_said(
    harness: DialogueHarness, why: str, said: str
) -> None:
    guest = harness.guest("anna")
    await harness.play(guest, TO_TERMS)
    await give(harness, guest, 8)
    await harness.play(guest, "> sepia\n[Paint it · 8 credits]")
    guest.heard.clear()
    async with harness.database.begin() as tx:
        for shoot in await tx.find(Shoot, state=ShootState.WAITING):
            await portraits.fail(tx, shoot, why, harness.now)
    await harness.deliver()
    assert said in guest.text
    await harness.play(guest, "< 8 credits are back with you\n< [Other words]")
    assert await balance(harness, guest) == 8


async def test_another_persons_button_orders_nothing(harness: DialogueHarness) -> None:
    anna, ben = harness.guest("anna"), harness.guest("ben")
    await harness.play(anna, TO_TERMS + "> sepia\n< I know: sepia")
    await harness.play(ben, TO_TERMS)
    await give(harness, ben, 8)
    (prompt,) = await found(harness, Prompt)
    await harness.send_action(ben, f"wish:{prompt.id}")
    assert await in_own_words(harness) == []
    assert await balance(harness, ben) == 8


async def test_words_of_the_state_and_ways_out(harness: DialogueHarness) -> None:
    guest = harness.guest("anna")
    await harness.play(guest, TO_TERMS)
    assert await state_of(harness, guest) is State.WISH
    await harness.play(
        guest,
        """
        < smiling, in black and white
        + 1 photo
        < I’m waiting for words here
        > Noir
        < I know: Noir
        > woman
        < I know: woman
        > old photo
        < I know: old photo
        + sticker
        < I’m waiting for your yes
        [paint:2]
        < I know: watercolour and blue background
        > no
        < I have forgotten your words
        < What shall it be
        > /paint
        < Say in your own words
        > cancel
        < nothing is painted for now
        > /start paint
        < Say in your own words
        """,
    )


async def test_a_second_delivery_of_the_same_update_names_the_words_again(
    harness: DialogueHarness,
) -> None:
    guest = harness.guest("anna")
    await harness.play(guest, TO_TERMS)
    for _ in range(2):
        await harness.send(guest, Said("sepia, xylophone"), event="playground:same")
        assert "leave it out: xylophone" in guest.text
    assert len(await found(harness, Prompt)) == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_base_hears_all_of_every_example(language: str) -> None:
    for number in range(1, EXAMPLES + 1):
        example = texts(language)(f"paint-example-{number}")
        wish = wishes.read(example, MINI)
        assert wish.known
        assert (wish.unknown, wish.left_out, wishes.blocked(example)) == ((), (), "")


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("Please paint me smiling, riding a dragon!", "smiling, riding a dragon"),
        ("请画我微笑,蓝色背景", "微笑,蓝色背景"),
        ("Pouvez-vous dessine moi souriant ?", "souriant"),
        ("파란 배경에서 웃는 저를 그려 주세요.", "파란 배경에서 웃는 저를"),
        ("painter", None), ("画质不好", None), ("hello there", None), ("그려", None),
        ("?" * 4000, None), ("please " * 600, None), ("그려 " * 900, None),
    ],
)  # fmt: skip
def test_a_sentence_that_asks_for_a_picture(text: str, wish: str | None) -> None:
    found = read_wish(text)
    assert (found.words if found else None) == wish
    assert not (found and found.moves)


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("Please film me smiling, in sepia", "smiling, in sepia"),
        ("拍一段我微笑", "微笑"),
        ("filmez-moi en aquarelle", "en aquarelle"),
        ("웃는 모습을 영상으로 만들어 주세요", "웃는 모습을"),
    ],
)
def test_a_sentence_that_asks_for_a_clip(text: str, wish: str) -> None:
    found = read_wish(text)
    assert found is not None
    assert (found.words, found.moves) == (wish, True)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_clip_of_words_names_the_button_that_is_there(language: str) -> None:
    say = texts(language)
    assert say("portraits-button-alive") in say("paint-then-moves", credits=10)


async def test_a_clip_of_words_is_a_picture_that_then_moves(harness: DialogueHarness) -> None:
    guest = harness.guest("anna")
    await harness.play(
        guest,
        TO_TERMS
        + """
        > film me
        < First the pictures
        < Say in your own words
        > film me smiling on a xylophone
        < I know: smiling
        < xylophone
        < 4 pictures cost 8 credits
        < costs another 10 credits, unless it’s your gift
        """,
    )
    await give(harness, guest, 8)
    await harness.play(
        guest,
        """
        [Paint it · 8 credits]
        * the portraits are painted
        [Bring it alive]
        [Picture 1]
        [Yes, bring it alive]
        < first clip is a gift
        [B · Smile]
        * the clip is made
        < (clip of 5 s)
        """,
    )
    assert await balance(harness, guest) == 0
