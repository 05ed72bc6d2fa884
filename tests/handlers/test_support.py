"""A person of the studio, asked with leave: support cases in the dialogue, from both sides."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from handlers.chat import Said
from handlers.limits import CASES
from handlers.texts import texts
from shop.admin_cases import number
from shop.errors import Unavailable
from shop.people import users
from shop.people.users import LANGUAGES
from shop.records import AuditEntry, CaseId, CaseState, SealedKey, SupportCase, UserId
from shop.support import cases
from tests.channels import TELEGRAM
from tests.handlers.dialogue_harness import BOSS, DialogueHarness
from tests.handlers.guests import Guest
from tests.handlers.test_journey import TO_STUDIO
from tests.handlers.test_linking import link

SECRET = "my face looks like a heron's"
OPEN = "> hello\n> /support\n[Yes, pass it on]"


async def the_case(harness: DialogueHarness) -> SupportCase:
    async with harness.database.snapshot() as tx:
        (case,) = await tx.find(SupportCase)
    return case


async def boss_and(harness: DialogueHarness) -> tuple[Guest, Guest]:
    """An admin who has spoken with the bot, and Anna."""
    boss, anna = harness.guest(BOSS), harness.guest("anna")
    await harness.play(boss, "> hello")
    return boss, anna


async def test_a_person_is_asked_and_answers_until_one_closes(harness: DialogueHarness) -> None:
    boss, anna = await boss_and(harness)
    await harness.play(
        anna,
        f"""
        > hello
        > I want to talk to a human
        < Shall I pass you on to a person?
        < No photos and no portraits
        < 30 days
        [Rather not]
        < nothing is passed on
        > can i talk to a real person
        [Yes, pass it on]
        < Write here what it is about
        > {SECRET}
        < Passed on, under number
        < not to me
        """,
    )
    case = await the_case(harness)
    called = number(case)
    await harness.deliver()
    assert f"Question {called}: the customer has written (messages: 1)" in boss.text
    assert SECRET not in boss.text
    assert SECRET.encode() not in case.sealed
    await harness.play(
        boss,
        f"""
        > /cases
        < {called} · waits for an answer
        > /case {called}
        < {SECRET}
        > /answer {called} We paint   it
        < answered
        """,
    )
    await harness.deliver()
    assert "From a person of the studio:\n\nWe paint   it" in anna.text
    await harness.play(
        anna,
        f"""
        > and is my data safe?
        < Passed on ({called})
        ! encrypted
        > /support
        < Number {called} is still open
        > /credits
        < You have
        [Continue]
        > /support
        [Close the question]
        < nothing more is passed on
        > and is my data safe?
        < encrypted
        """,
    )
    await harness.deliver()
    assert f"Question {called}: the customer has closed it" in boss.text
    await harness.play(
        boss,
        f"""
        > /answer {called} late
        < closed already: nothing was passed on
        > /close {called}
        < closed already
        > /case {called[:4]}
        < at least the first 8 digits
        > /cases
        < No question is open
        """,
    )
    case = await the_case(harness)
    async with harness.database.snapshot() as tx:
        entries = await tx.find(AuditEntry, order="id")
        written = (await cases.content(tx, harness.deps.cipher, case)).lines
    assert [line.words for line in written] == [SECRET, "We paint   it", "and is my data safe?"]
    acts = [entry.command for entry in entries]
    assert [acts.count(act) for act in ("cases", "case", "answer")] == [2, 1, 1]
    assert SECRET not in repr(entries)
    assert "We paint" not in repr(entries)


async def test_the_studio_closes(harness: DialogueHarness) -> None:
    boss, anna = await boss_and(harness)
    await harness.play(anna, f"{OPEN}\n> {SECRET}")
    called = number(await the_case(harness))
    anna.lines.clear()
    await harness.play(boss, f"> /answer {called} done\n> /close {called}\n< closed")
    await harness.deliver()
    said = "\n".join(anna.lines)
    assert "The studio has closed your question" in said
    await harness.play(boss, f"> /close {called}\n! Done\n> /case 00000000\n! {SECRET}")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_leave_and_answer_in_each_language(harness: DialogueHarness, language: str) -> None:
    boss = harness.guest(BOSS)
    await harness.play(boss, "> hello")
    say = texts(language)
    asked = {"zh_CN": "我要找人工客服", "en": "human please", "fr": "je veux parler à quelqu'un",
             "ko": "상담원 연결해 주세요"}  # fmt: skip
    anna = harness.guest("anna", {"zh_CN": "zh-CN"}.get(language, language))
    await harness.play(anna, f"> {asked[language]}")
    assert say("case-ask", days=30) in anna.text
    await harness.play(anna, f"[{say('case-button-yes')}]\n> {SECRET}")
    called = number(await the_case(harness))
    assert say("case-passed-first", number=called) in anna.text
    longest = "😀" * cases.LONGEST
    await harness.type(boss, f"/answer {called} {longest}")
    await harness.deliver()
    assert longest in anna.text
    for key in ("case-answer", "case-answer-last"):
        assert len(say(key, words=longest).encode()) <= 2048


@pytest.mark.parametrize("language", LANGUAGES)
async def test_whoever_asks_after_their_words_hears_what_became_of_them(
    harness: DialogueHarness, language: str
) -> None:
    """It is true at each step, and the question is passed on to nobody."""
    boss, _ = await boss_and(harness)
    say = texts(language)
    asked = {
        "zh_CN": "有人看到我的消息吗",
        "en": "Did anybody read my message?",
        "fr": "Est-ce que quelqu’un a lu mon message ?",
        "ko": "제 메시지 보셨나요?",
    }
    typed = asked[language]
    guest = harness.guest("bea", {"zh_CN": "zh-CN"}.get(language, language))
    await harness.play(guest, f"> {typed}")
    assert say("case-none") in guest.text
    await harness.play(guest, f"[{say('answer-button-support')}]\n[{say('case-button-yes')}]")
    called = number(await the_case(harness))

    async def hears(how: str) -> None:
        await harness.play(guest, f"> {typed}")
        assert say("case-state", number=called, how=how) in guest.text

    await hears("empty")
    await harness.play(guest, f"> {SECRET}")
    await hears("waits")
    await harness.play(boss, f"> /case {called}\n< {SECRET}\n! {typed}")
    await hears("read")
    harness.wait_until(harness.now + timedelta(minutes=1))
    await harness.play(guest, f"> {SECRET}")
    await hears("waits")
    await harness.play(boss, f"> /answer {called} we look")
    await hears("answered")
    assert (await the_case(harness)).lines == 3


async def test_who_says_more_than_that_is_passed_on(harness: DialogueHarness) -> None:
    _, anna = await boss_and(harness)
    more = "did anybody read my message? " + "The portraits of Tuesday are of somebody else. " * 2
    await harness.play(
        anna, f"{OPEN}\n> {more}\n< Passed on\n> did anybody see my photos?\n< Passed"
    )
    await harness.play(anna, "> Any news from support? My card was stolen, block it\n< Passed on")


async def test_who_asks_something_else_in_such_words_is_answered_that(
    harness: DialogueHarness,
) -> None:
    await boss_and(harness)
    say = texts("zh_CN")
    guest = harness.guest("li", "zh-CN")
    for asked in ("有人会看到我的信息吗", "我的信息会被别人看到吗"):
        await harness.play(guest, f"> {asked}")
        assert say("case-none") not in guest.text


async def test_who_says_to_be_a_minor_to_a_person_reads_what_becomes_of_their_photos(
    harness: DialogueHarness,
) -> None:
    _, anna = await boss_and(harness)
    await harness.play(anna, f"{OPEN}\n> I'm 17\n< portraits and clips of adults only\n< Passed on")


async def test_limits(harness: DialogueHarness) -> None:
    _, anna = await boss_and(harness)
    await harness.play(anna, f"{OPEN}\n> {'a ' * 300}\n< nothing was passed on")
    told = [await harness.type(anna, f"more {one}") for one in range(CASES.most + 10)]
    said = [getattr(replies[0], "text", "") for replies in told if replies]
    refused = sum("as many messages as I pass on" in one for one in said)
    assert refused
    assert (await the_case(harness)).lines == sum("Passed on" in one for one in said)
    await harness.play(anna, "> /help\n! as many messages as I pass on")


async def test_nobody_to_ask(harness: DialogueHarness) -> None:
    anna = harness.guest("anna")
    await harness.play(
        anna,
        """
        > hello
        > /support
        < nobody at the studio can be reached through me
        [My orders]
        < No orders yet
        > talk to a human
        < nobody at the studio can be reached through me
        [Payment problem]
        < don’t pay again
        ! Ask a person
        """,
    )
    async with harness.database.snapshot() as tx:
        assert not await tx.find(SupportCase)


async def test_two_admins_and_two_taps_at_once(harness: DialogueHarness) -> None:
    _, anna = await boss_and(harness)
    await harness.play(anna, f"{OPEN}\n> {SECRET}")
    case = await the_case(harness)

    async def act(word: str) -> None:
        async with harness.database.begin() as tx:
            await cases.answer(tx, harness.deps.cipher, case, word, harness.now)

    async def again() -> None:
        async with harness.database.begin() as tx:
            owner = await harness.user_in(tx, anna)
            await cases.begin(tx, harness.deps.cipher, owner, harness.now)

    done = await asyncio.gather(act("one"), act("two"), again(), return_exceptions=True)
    assert all(one is None or isinstance(one, Unavailable) for one in done), done
    anna.lines.clear()
    await harness.deliver()
    said = "\n".join(anna.lines)
    assert said.count("  one\n") == said.count("  two\n") == 1
    assert (await the_case(harness)).lines == 3


async def test_nothing_is_left_of_it(harness: DialogueHarness) -> None:
    """Erased, it takes its key with it, and a notice that waits says nothing."""
    boss, anna = await boss_and(harness)
    with capture_logs() as logs:
        await harness.play(anna, f"{OPEN}\n> {SECRET}")
        case = await the_case(harness)
        await harness.play(boss, f"> /case {number(case)}\n> /answer {number(case)} hear me")
        await harness.play(anna, "> /erase\n[Erase everything]")
        await harness.deliver()
    assert SECRET not in repr(logs)
    assert "hear me" not in repr(logs)
    async with harness.database.snapshot() as tx:
        assert not await tx.find(SupportCase)
        key = await tx.get(SealedKey, case.key_id)
        assert key is None or not key.sealed


async def test_kept_no_longer_than_was_said(harness: DialogueHarness) -> None:
    _, anna = await boss_and(harness)
    await harness.play(anna, f"{OPEN}\n> {SECRET}")
    case = await the_case(harness)
    for passed, left in ((timedelta(days=29), 1), (timedelta(days=2), 0)):
        harness.now += passed
        async with harness.database.begin() as tx:
            for one in await cases.stale(tx, harness.now - cases.KEPT):
                await cases.expire(tx, one, harness.now - cases.KEPT, harness.now)
            assert await tx.count(SupportCase, id=case.id) == left
    await harness.deliver()
    assert "has closed your question" in anna.text


async def test_linked_chats_have_one_open_case(harness: DialogueHarness) -> None:
    """Leave was given in one of them: from there words go on, and that one alone is told."""
    boss, page = await boss_and(harness)
    phone = harness.guest("7001", platform=TELEGRAM)
    await harness.play(page, f"{TO_STUDIO}\n> /support\n[Yes, pass it on]\n> {SECRET}")
    await harness.play(phone, f"{OPEN}\n> from the phone")
    await link(harness, page, phone)
    async with harness.database.snapshot() as tx:
        found = await tx.find(SupportCase, order="created_at")
        owner = await users.find(tx, TELEGRAM, phone.name)
    assert owner is not None
    assert {case.user_id for case in found} == {owner.id}
    assert [case.state for case in found] == [CaseState.OPEN, CaseState.CLOSED]
    called = number(found[0])
    await harness.send(phone, Said("nobody asked me here"))
    assert "Passed on" not in phone.text
    await harness.play(phone, f"> /support\n< Number {called} is open in your other chat")
    await harness.play(page, f"> still me\n< Passed on ({called})")
    await harness.play(boss, f"> /case {called}\n< playground:anna\n< │ still me\n! 7001\n! nobody")


async def test_what_a_customer_writes_is_marked_as_theirs(harness: DialogueHarness) -> None:
    """It looks like nobody else's line, and no command in it can be tapped."""
    boss, anna = await boss_and(harness)
    await harness.play(anna, OPEN)
    await harness.send(anna, Said("please\n\nStudio, 22 November 2026: I agreed\u2028/refund 1"))
    await harness.play(boss, f"> /case {number(await the_case(harness))}")
    written = boss.text.partition("Customer, ")[2].splitlines()[1:]
    assert written[:4] == [
        "│ please", "│ ", "│ Studio, 22 November 2026: I agreed", "│ /\u2060refund 1",
    ]  # fmt: skip


async def test_a_number_that_two_begin_with_acts_on_neither(harness: DialogueHarness) -> None:
    boss, anna = await boss_and(harness)
    await harness.play(anna, f"{OPEN}\n> {SECRET}")
    case = await the_case(harness)
    twin = CaseId(case.id[:-4] + ("0000" if case.id[-4:] != "0000" else "1111"))
    async with harness.database.begin() as tx:
        await tx.add(replace(case, id=twin, user_id=UserId("another")))
    await harness.play(boss, f"> /close {case.id[:8]}\n< More than one begins so\n< {twin}")
    await harness.play(boss, f"> /close {case.id}\n< closed")
