"""Questions in people's own words: what is answered, in four languages, and what is not."""

from datetime import datetime, timedelta

import pytest

from handlers.intents import Intent
from handlers.session import State
from handlers.texts import texts
from shop.avatars.avatars import TRAIN
from shop.people.users import LANGUAGES
from shop.records import Shoot, Worker, new_id
from tests.handlers.dialogue_harness import BOSS, DialogueHarness
from tests.handlers.test_alive import TO_MOTIONS
from tests.handlers.test_first_sight import trained
from tests.handlers.test_journey import TO_BILL, TO_PHOTOS, TO_STUDIO
from tests.handlers.test_paint import found
from tests.handlers.test_router import PLACES, where

ASKED = {
    "zh_CN": ("多少钱", "这安全吗？", "要等多久", "人工客服"),
    "en": ("how much is it?", "is this safe", "how long does it take", "customer service"),
    "fr": ("c'est combien ?", "c'est sûr ?", "combien de temps ça prend", "parler à un humain"),
    "ko": ("얼마예요", "이거 안전해요?", "얼마나 걸려요", "상담원"),
}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_usual_four(harness: DialogueHarness, language: str) -> None:
    await harness.play(harness.guest(BOSS), "> hello")
    say, guest = texts(language), harness.guest("anna", language.replace("_", "-"))
    price, safe, wait, person = ASKED[language]
    await harness.type(guest, price)
    assert "9.90" in guest.text or "9,90" in guest.text
    await harness.type(guest, safe)
    assert say("answer-safe") in guest.text
    await harness.type(guest, wait)
    assert say("answer-wait-unknown", how="halted") in guest.text
    await harness.type(guest, person)
    assert say("case-ask", days=30) in guest.text


async def test_answers_are_this_persons(harness: DialogueHarness) -> None:
    guest = harness.guest("anna")
    await harness.play(
        guest,
        """
        > can i get a refund
        < You have no paid order under way
        > is it free?
        < your first clip is a gift
        """,
    )
    await harness.play(guest, f"{TO_BILL}\n> how many photos do you need\n! So far")
    await harness.play(
        guest,
        """
        [Pay here in the chat]
        > can i get a refund
        < Work on yours hasn’t begun: /cancel gives all ¥9.90 back
        * a worker trains
        > can i get a refund
        < Work on yours has begun
        """,
    )


async def test_more_on_what_is_theirs(harness: DialogueHarness) -> None:
    guest = harness.guest("anna")
    await harness.play(guest, f"{TO_PHOTOS}\n+ 3 photos\n* the photos are checked")
    await harness.play(guest, "> how many photos do you need?\n< So far 3 are usable")
    studio = harness.guest("berta")
    await harness.play(studio, f"{TO_STUDIO}\n> what resolution are the pictures\n< 64 × 64 pixels")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_before_paying_the_wait_says_what_is_known_and_what_is_sold(
    harness: DialogueHarness, language: str
) -> None:
    """Nobody at work, nothing measured, and what is measured: each with whether one is sold."""
    say, asked = texts(language), ASKED[language][2]

    async def answers(words: str) -> None:
        guest = harness.guest(new_id(), language.replace("_", "-"))
        await harness.type(guest, "hello")
        await harness.type(guest, asked)
        assert words in guest.text

    async def at_work(seen_at: datetime) -> None:
        async with harness.database.begin() as tx:
            await tx.add(Worker("w0", (TRAIN.name,), seen_at))

    def demands(*needed: str) -> None:
        changed = {"sales_need": frozenset(needed)}
        harness.rebuild(settings=harness.settings.model_copy(update=changed))

    await answers(say("answer-wait-unknown", how="halted"))
    demands("studio")
    await answers(say("answer-wait-unknown", how="halted-closed"))
    await at_work(harness.now + timedelta(hours=1))
    await answers(say("answer-wait-unknown", how="closed"))
    demands()
    await answers(say("answer-wait-unknown", how="unmeasured"))
    await trained(harness)
    span = say.span(540, 640)
    await answers(say("answer-wait", span=span, sold="yes"))
    demands("studio")
    await answers(say("answer-wait", span=span, sold="no"))


MINE = {
    "zh_CN": ("我的分身呢", "我的分身在哪里？", "我的分身到哪了", "分身呢"),
    "en": ("Where is my avatar?", "wheres my avatar", "is my avatar there yet", "my avatar?"),
    "fr": ("Où est mon avatar ?", "il est où mon avatar", "où en est mon avatar", "mon avatar ?"),
    "ko": (
        "제 아바타 어디 있어요?",
        "아바타 어디 갔어요",
        "내 아바타는요?",
        "아바타 어떻게 됐어요",
    ),
}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_where_is_my_avatar(harness: DialogueHarness, language: str) -> None:
    """While it is made, by where it stands, however it is asked; not by what an avatar is."""
    guest, say = harness.guest("anna"), texts(language)
    await harness.play(guest, f"{TO_BILL}\n[Pay here in the chat]\n* a worker trains")
    await harness.send_action(guest, f"{Intent.LANGUAGE}:{language}")
    first, *others = MINE[language]
    for typed in (first, *others):
        await harness.type(guest, typed)
        assert say("waiting-working", percent=say.percent(0.4)) in guest.text, typed
    await harness.type(guest, first)
    assert say("answer-avatar") not in guest.text


async def test_where_is_my_clip(harness: DialogueHarness) -> None:
    """Also with portraits done: it is theirs that is answered, and how long is not a new one's."""
    guest = harness.guest("anna")
    await harness.play(guest, TO_MOTIONS + "\n[B · Smile]\n* a worker makes the clip")
    for typed in ("where is my clip?", "how long does it take"):
        await harness.play(guest, f"> {typed}\n< “Smile”\n< 50\n! avatar would be")


@pytest.mark.parametrize("state", sorted(set(State) - {State.NEW, State.WISH}))
async def test_a_step_still_waits(harness: DialogueHarness, state: State) -> None:
    """A question on the way leaves what a step waits for."""
    guest = harness.guest("anna")
    await harness.play(guest, PLACES[state])
    for question in (
        "is this safe?",
        "how much is it?",
        "i paid but nothing happened",
        "thank you so much",
        "good night",
    ):
        await harness.type(guest, question)
        assert "I didn’t" not in guest.text, question
        assert await where(harness, guest) is state, question


async def test_an_answer_is_no_question(harness: DialogueHarness) -> None:
    """Wishes, codes and a yes are heard as what a step waits for, with a case open as well. What
    nobody has asked for is for the person then, who may have asked: nothing is bought by it."""
    await harness.play(harness.guest(BOSS), "> hello")
    guest = harness.guest("anna")
    await harness.play(guest, f"{TO_STUDIO}\n> /support\n[Yes, pass it on]")
    for typed in ("a price tag on a safe, in black and white", "paint me with a safe"):
        await harness.play(guest, f"> /paint\n> {typed}\n! Passed on\n! encrypted\n> /start")
    await harness.play(guest, "> /link\n> 2222-2222x\n! Passed on\n> no")
    for typed in ("black and white", "more like me", "again", "14", "yes"):
        await harness.play(guest, f"> {typed}\n< Passed on")
        assert len(await found(harness, Shoot)) == 1
    await harness.play(guest, "> /erase\n> no\n! Passed on")
    await harness.play(guest, "> where will my portraits be?\n< Passed on")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_whose_payment_nobody_here_knows_is_led_to_a_person(
    harness: DialogueHarness, language: str
) -> None:
    """As after a restored backup; where there is nobody to ask, nobody is offered."""
    typed = {"zh_CN": "我的钱呢？", "en": "Where is my money?", "fr": "Où est mon argent ?",
             "ko": "제 돈은 어디 갔나요?"}[language]  # fmt: skip
    say, guest = texts(language), harness.guest("anna", language.replace("_", "-"))
    ask = f"[{say('answer-button-support')}]"
    await harness.play(guest, f"> {typed}\n< {say('paysupport-none', staffed='no')}\n! {ask}")
    await harness.play(guest, f"> /orders\n! {ask}")
    await harness.play(harness.guest(BOSS), "> hello")
    await harness.play(guest, f"> {typed}\n< {say('paysupport-button-orders')}\n< {ask}")
    assert say("paysupport-none", staffed="yes") in guest.text
    await harness.play(guest, f"> /orders\n< {say('orders-none')}\n{ask}")
    assert say("case-ask", days=30) in guest.text


async def test_who_asks_the_price_or_how_to_pay_has_lost_no_money(harness: DialogueHarness) -> None:
    guest = harness.guest("anna")
    lost = texts("en")("paysupport-none", staffed="no")
    await harness.play(guest, f"> 我钱呢\n< {lost}\n> 我付的钱呢\n< {lost}")
    for typed in ("多少钱呢", "你们要多少钱呢", "一共多少钱呢？", "价钱呢"):
        await harness.play(guest, f"> {typed}\n< ¥9.90\n! {lost}")
    await harness.play(guest, f"> 돈은 어디로 내요?\n< You pay once, after\n! {lost}")


async def test_whose_order_is_known_sees_it(harness: DialogueHarness) -> None:
    guest = harness.guest("anna")
    await harness.play(guest, f"{TO_BILL}\n[Pay here in the chat]\n> where did my money go")
    assert "Your orders" in guest.text
    assert texts("en")("paysupport-none", staffed="no") not in guest.text


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("先睡了，晚安", "answer-bye"),
        ("多謝", "answer-thanks"),
        ("gooood night!!", "answer-bye"),
        ("cest magnifique", "answer-thanks"),
        ("감사합니다ㅠㅠ", "answer-thanks"),
        ("is ths encryptd", "answer-safe"),
        ("i love this song", "odd-text"),
        ("my report card score was stolen", "odd-text"),
        ("my grandma bakes and my grandpa moves slowly", "odd-text"),
        ("B", "odd-text"),
    ],
)
async def test_as_it_is_typed_on_a_phone(harness: DialogueHarness, typed: str, key: str) -> None:
    """Thanks and farewells are answered, slips and old signs are read, small talk is left alone."""
    guest = harness.guest("anna")
    await harness.play(guest, TO_PHOTOS)
    await harness.type(guest, typed)
    assert texts("en")(key) in guest.text


async def test_after_erasure_it_is_a_new_person(harness: DialogueHarness) -> None:
    """What was theirs is not answered any more."""
    guest = harness.guest("berta")
    await harness.play(guest, TO_STUDIO)
    await harness.play(guest, "> /erase\n[Erase everything]")
    await harness.type(guest, "what resolution are the pictures")
    assert "64 × 64" not in guest.text
    assert "their size in pixels" in guest.text
