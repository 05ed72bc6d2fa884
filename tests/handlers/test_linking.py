"""Linking two chats in the dialogue: the playground's page and Telegram, played as two guests."""

import re
from datetime import timedelta

import pytest

from handlers.chat import Incoming, Left, Person, Said, SentPhoto
from handlers.intents import Intent, read_words
from handlers.session import State
from handlers.texts import Wording, every, texts
from shop.jobs import outbox
from shop.people import consent, link_codes, users
from shop.people.link_codes import LENGTH, MOST_WRONG
from shop.people.users import LANGUAGES
from shop.records import ConsentKind, LinkCode, LinkedChat, Order, User, WrongTry
from tests.channels import PLAYGROUND, TELEGRAM
from tests.handlers.dialogue_harness import BOSS, DialogueHarness
from tests.handlers.guests import Guest
from tests.handlers.photo_findings import good
from tests.handlers.test_journey import TO_BILL, TO_STUDIO

WRONG = "2" * LENGTH


def two(harness: DialogueHarness) -> tuple[Guest, Guest]:
    """Anna at the page, and Anna in Telegram."""
    return harness.guest("anna"), harness.guest("7001", platform=TELEGRAM)


async def shown(harness: DialogueHarness, guest: Guest) -> str:
    await harness.play(guest, "> /link\n[Show a code]")
    [code] = set(re.findall(r"\b\w{4}-\w{4}\b", guest.text))
    return code


async def link(harness: DialogueHarness, owner: Guest, typist: Guest) -> None:
    code = await shown(harness, owner)
    await harness.play(typist, f"> /link\n> {code}\n< Connect this chat\n[Yes, both are mine]")


async def the_user(harness: DialogueHarness, guest: Guest) -> User:
    async with harness.database.snapshot() as tx:
        user = await users.find(tx, guest.platform or harness.platform, guest.name)
    assert user is not None
    return user


async def test_avatar_credits_and_language_follow(harness: DialogueHarness) -> None:
    page, phone = two(harness)
    await harness.play(page, TO_STUDIO)
    await harness.play(page, "> /credits\n< You have")
    balance = re.search(r"You have \d+ credits", page.text)
    assert balance
    await harness.play(phone, "> hello\n> /avatar\n< You have no avatar yet")
    code = await shown(harness, page)
    await harness.play(
        phone,
        f"""
        > /link
        < Nothing is connected before you have read
        > {code}
        < with the one on the web page that showed the code
        < 0 finished avatars, 0 credits
        < Refunds go back the way you paid
        < /unlink parts the chats again
        [Yes, both are mine]
        < one account now with the web page
        > /credits
        < {balance[0]}
        > /mydata
        < digital avatars: 1
        < Your chats are connected: Telegram and the web page
        < [My connected chats]
        """,
    )


async def test_the_other_chat_hears_of_it_with_the_way_out(harness: DialogueHarness) -> None:
    page, phone = two(harness)
    await harness.play(page, "> hello")
    await link(harness, page, phone)
    assert "one account now with a chat on Telegram" in page.text
    await harness.play(page, "[My connected chats]\n[The others leave]\n< everything stayed here")
    assert "no longer connected with your others" in phone.text
    async with harness.database.snapshot() as tx:
        assert await tx.count(LinkedChat) == 0


async def test_two_chats_of_one_platform_are_told_apart(harness: DialogueHarness) -> None:
    one, other = harness.guest("anna"), harness.guest("anne")
    await harness.play(one, "> hello")
    await link(harness, one, other)
    assert "This chat is one account now with your other chat on the web page" in one.text
    day = texts("en").day(harness.now)
    twins = (
        f"this chat on the web page and your other chat on the web page (you wrote there on {day})"
    )
    assert "one account now with your other chat on the web page" in other.text
    for typed in ("/unlink", "/erase", "/mydata"):
        await harness.play(other, f"> {typed}")
        assert twins in other.text
    await harness.play(other, "> /unlink\n[This chat leaves]\n< connected no more")
    assert "No longer connected with this chat: your other chat on the web page" in one.text


async def test_a_chat_that_is_theirs_no_more_is_told_nothing_of_them(
    harness: DialogueHarness,
) -> None:
    page, phone = two(harness)
    await harness.play(page, "> hello")
    await link(harness, page, phone)
    user = await the_user(harness, phone)
    payload = {
        "user": user.id, "kind": "linked", "channel": TELEGRAM,
        "platform": PLAYGROUND, "person": page.name,
    }  # fmt: skip
    told = await harness.notifications.replies(payload)
    assert told is not None
    assert (told[0].platform, told[0].platform_id) == (PLAYGROUND, page.name)
    await harness.play(phone, "> /unlink\n[The others leave]")
    assert await harness.notifications.replies(payload) is None


async def test_one_message_is_enough(harness: DialogueHarness) -> None:
    """The line that is shown can be sent as it is, with a word instead of a command, too."""
    page, phone = two(harness)
    code = await shown(harness, page)
    assert f"/link {code}" in page.text
    await harness.play(phone, f"> /link {code}\n< Connect this chat\n[No]\n< nothing was connected")
    await harness.play(phone, f"> Link my chats: {code.lower()}\n< Connect this chat\n[No]")
    await harness.play(phone, f"> {code}\n< Connect this chat")


@pytest.mark.parametrize("say", list(every()), ids=lambda say: say.language)
def test_every_phrase_takes_a_code(say) -> None:
    for phrase in say("words-link").split("|"):
        assert read_words(f"{phrase} K7QM-3XWD") == (Intent.LINK, "K7QM3XWD")
    assert read_words(f"{say('words-help').split('|')[0]} K7QM-3XWD") is None


async def test_news_go_where_they_spoke_last(harness: DialogueHarness) -> None:
    page, phone = two(harness)
    await harness.play(page, TO_BILL)
    await link(harness, page, phone)
    await harness.play(phone, "> hello")
    phone.heard.clear()
    page.heard.clear()
    await _granted(harness, page)
    assert "credits" in phone.text
    assert page.text == ""
    await harness.play(page, "> hello")
    phone.heard.clear()
    await _granted(harness, page)
    assert "credits" in page.text
    assert phone.text == ""


async def _granted(harness: DialogueHarness, guest: Guest) -> None:
    boss = harness.guest(BOSS)
    user = await the_user(harness, guest)
    await harness.play(boss, f"> /grant {user.id} 3")


async def test_who_blocked_us_there_is_told_here(harness: DialogueHarness) -> None:
    """Also if only the delivery finds out; and what nobody can be told is kept."""
    page, phone = two(harness)
    await harness.play(page, "> hello")
    await link(harness, page, phone)
    harness.gone.add(phone.name)
    page.heard.clear()
    await _granted(harness, page)
    assert "3 credits" in page.text
    harness.gone.add(page.name)
    await _granted(harness, page)
    assert (await the_user(harness, page)).unreachable
    harness.gone.clear()
    await harness.play(phone, "> hello")
    assert "3 credits" in phone.text


async def test_news_for_an_account_of_before_reach_the_person(harness: DialogueHarness) -> None:
    """A worker that began before knows the old id; also if nobody can be reached at first."""
    page, phone = two(harness)
    await harness.play(page, "> hello")
    await harness.play(phone, "> hello")
    old = await the_user(harness, phone)
    await link(harness, page, phone)
    await harness.play(page, "> hello")
    harness.gone |= {page.name, phone.name}
    async with harness.database.begin() as tx:
        await outbox.notify(tx, old.id, "granted", harness.now, credits=7)
    await harness.deliver()
    harness.gone.clear()
    await harness.play(phone, "> hello\n< 7 credits")


async def test_a_block_in_one_chat_keeps_the_other(harness: DialogueHarness) -> None:
    page, phone = two(harness)
    await harness.play(page, "> hello")
    await link(harness, page, phone)
    person = Person(TELEGRAM, phone.name, "en")
    await harness.dispatcher.handle(Incoming("telegram:gone", person, harness.now, Left()))
    user = await the_user(harness, phone)
    assert (user.platform, user.unreachable) == (PLAYGROUND, False)


async def test_guessing_ends_and_tells_nothing(harness: DialogueHarness) -> None:
    page, phone = two(harness)
    code = await shown(harness, page)
    await harness.play(phone, "> /link")
    heard = []
    for _ in range(MOST_WRONG - 1):
        await harness.type(phone, WRONG)
        heard.append(phone.text)
    assert "4 tries left" in heard[0]
    assert "1 try left" in heard[-1]
    await harness.play(
        phone,
        f"""
        > {WRONG}
        < I’ll look at none for 10 minutes
        > /link {code}
        < I’ll look at none
        ! Connect this chat
        """,
    )
    async with harness.database.snapshot() as tx:
        assert await tx.count(WrongTry) == MOST_WRONG
    harness.now += timedelta(minutes=10)
    code = await shown(harness, page)
    await harness.play(phone, f"> /link {code}\n< Connect this chat")


async def test_an_erasure_does_not_open_the_door(harness: DialogueHarness) -> None:
    """It stays closed for as long as was said, by the address alone."""
    page, phone = two(harness)
    for _ in range(MOST_WRONG):
        await harness.type(phone, WRONG)
    await harness.play(phone, "> /erase\n[Erase everything]\n> /start")
    user = await the_user(harness, phone)
    async with harness.database.snapshot() as tx:
        kept = {one.user_id for one in await tx.find(WrongTry)}
    assert kept == {user.address_hash}
    code = await shown(harness, page)
    await harness.play(phone, f"> /link {code}\n< I’ll look at none\n! Connect this chat")
    harness.now += timedelta(minutes=10)
    code = await shown(harness, page)
    await harness.play(phone, f"> /link {code}\n< Connect this chat")


async def test_words_are_no_tries(harness: DialogueHarness) -> None:
    _, phone = two(harness)
    await harness.play(
        phone, "> /link\n> lovely weather\n< Type the code\n> /help\n< stuck\n> /link\n> yes"
    )
    async with harness.database.snapshot() as tx:
        assert await tx.count(WrongTry) == 0


async def test_a_repeated_update_is_one_try(harness: DialogueHarness) -> None:
    _, phone = two(harness)
    for _ in range(3):
        await harness.send(phone, Said(f"/link {WRONG}"), event="telegram:5")
    async with harness.database.snapshot() as tx:
        assert await tx.count(WrongTry) == 1


async def test_a_used_code_and_an_old_yes_do_nothing(harness: DialogueHarness) -> None:
    page, phone = two(harness)
    third = harness.guest("7002", platform=TELEGRAM)
    code = await shown(harness, page)
    await harness.play(phone, f"> /link {code}\n[Yes, both are mine]\n< Connected")
    await harness.play(third, f"> /link {code}\n< That code isn’t good")
    await harness.play(phone, "[Yes, both are mine]\n< That code is good no more")
    await harness.play(third, "> hello")
    assert (await the_user(harness, third)).id != (await the_user(harness, page)).id
    async with harness.database.snapshot() as tx:
        assert await tx.count(LinkedChat) == 2


async def test_a_yes_after_ten_minutes_is_too_late(harness: DialogueHarness) -> None:
    page, phone = two(harness)
    code = await shown(harness, page)
    await harness.play(phone, f"> /link {code}")
    harness.now += timedelta(minutes=10)
    await harness.play(phone, "[Yes, both are mine]\n< Nothing was connected")
    async with harness.database.snapshot() as tx:
        assert await tx.count(LinkedChat) == 0


async def test_a_typed_yes_asks_again(harness: DialogueHarness) -> None:
    page, phone = two(harness)
    code = await shown(harness, page)
    await harness.play(phone, f"> /link {code}\n> yes\n< Connect this chat\n> no\n< nothing was")


async def test_codes_are_limited(harness: DialogueHarness) -> None:
    page, _ = two(harness)
    await harness.type(page, "/link")
    for _ in range(20):
        await harness.press(page, "Show a code")
    await harness.play(page, "[Show a code]\n< a great many codes")


async def test_admins_chats_stay_alone(harness: DialogueHarness) -> None:
    boss, phone = harness.guest(BOSS), harness.guest("7001", platform=TELEGRAM)
    await harness.play(boss, "> /link\n< Admins’ chats can’t be connected")
    async with harness.database.snapshot() as tx:
        assert await tx.count(LinkCode) == 0
    code = await shown(harness, phone)
    await harness.play(boss, f"> /link {code}\n< Admins’ chats can’t be connected")


async def test_an_admins_rights_are_of_the_chat(harness: DialogueHarness) -> None:
    """Whoever is made an admin after their chats were linked is one in that chat alone."""
    page, phone = two(harness)
    await harness.play(page, "> hello")
    await link(harness, page, phone)
    admins = frozenset({f"playground:{page.name}"})
    harness.rebuild(settings=harness.settings.model_copy(update={"admins": admins}))
    await harness.play(page, "> /stats\n< Users: 1")
    await harness.play(phone, "> /stats\n! Users")


async def test_banned_people_link_nothing(harness: DialogueHarness) -> None:
    page, phone = two(harness)
    code = await shown(harness, page)
    await harness.play(harness.guest(BOSS), f"> /ban playground:{page.name}")
    await harness.play(phone, f"> /link {code}\n< That code isn’t good")
    await harness.play(page, "> /link\n< closed to new orders")


async def test_two_orders_under_way(harness: DialogueHarness) -> None:
    page, phone = two(harness)
    for guest in (page, phone):
        await harness.play(guest, TO_BILL)
    code = await shown(harness, page)
    await harness.play(phone, f"> /link {code}\n< Both chats have an avatar order under way")
    await harness.play(phone, f"> /cancel\n[cancel:yes-]\n> /link {code}\n< Connect this chat")
    await harness.play(phone, "[Yes, both are mine]\n< Connected")
    async with harness.database.snapshot() as tx:
        [open_order] = [one for one in await tx.find(Order) if one.state == "awaiting"]
    assert open_order.user_id == (await the_user(harness, phone)).id


async def test_an_order_goes_on_in_the_other_chat(harness: DialogueHarness) -> None:
    """The photos were sent at the page; paid, made and shown in Telegram."""
    page, phone = two(harness)
    await harness.play(page, TO_BILL)
    await link(harness, page, phone)
    await harness.play(
        phone,
        """
        > continue
        < 9.90
        [Pay here in the chat]
        < received
        * the avatar is made
        * the portraits are painted
        < (4 pictures)
        """,
    )
    assert "pictures" not in page.text


async def test_a_photo_that_comes_in_while_the_chats_are_linked_counts(
    harness: DialogueHarness,
) -> None:
    page, phone = two(harness)
    await harness.play(page, TO_BILL.split("+")[0] + "+ 1 photo")
    code = await shown(harness, phone)
    await harness.play(page, f"> /link {code}")

    async def read(_: object) -> bytes:
        await harness.press(page, "Yes, both are mine")
        return _picture()

    await harness.send(page, SentPhoto(read))
    harness.verdict = good
    await harness.check()
    await harness.play(page, "> /mydata\n< results of photo checks")


def _picture() -> bytes:
    from tests.handlers.dialogue_harness import picture

    return picture(900)


async def test_consents_are_asked_anew_where_the_words_differ(
    harness: DialogueHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, phone = two(harness)
    await harness.play(page, TO_STUDIO)
    monkeypatch.setattr(consent, "VERSION", consent.VERSION | {ConsentKind.TERMS: "2029-01"})
    await link(harness, page, phone)
    await harness.play(phone, "> /terms\n< The terms have changed since you agreed to them")


async def test_this_chat_leaves_and_begins_empty(harness: DialogueHarness) -> None:
    page, phone = two(harness)
    await harness.play(page, TO_STUDIO)
    await link(harness, page, phone)
    await harness.play(
        phone,
        """
        > /unlink
        < Your connected chats: Telegram and the web page
        < Whoever begins empty is no newcomer
        [This chat leaves]
        < everything stayed in the others
        ! portraits
        > /mydata
        < digital avatars: 0
        < [Connect my chats]
        """,
    )
    await harness.play(page, "> /mydata\n< digital avatars: 1")
    assert (await the_user(harness, phone)).returned


async def test_an_old_answer_parts_nobody(harness: DialogueHarness) -> None:
    page, phone = two(harness)
    await harness.play(page, "> hello")
    await link(harness, page, phone)
    await harness.play(phone, "> /unlink\n[Leave them connected]\n< stay connected")
    await harness.play(phone, "[unlink:here-]")
    await link(harness, page, phone)
    pager = harness.guest("7002", platform=TELEGRAM)
    await link(harness, page, pager)
    await harness.play(phone, "> /mydata\n< Your chats are connected")
    async with harness.database.snapshot() as tx:
        assert await tx.count(LinkedChat) == 3


async def test_erasing_says_what_goes_and_offers_both(harness: DialogueHarness) -> None:
    page, phone = two(harness)
    await harness.play(page, TO_STUDIO)
    await link(harness, page, phone)
    await harness.play(
        phone,
        """
        > /erase
        < “Erase everything” erases it in all of them
        < “Only this chat” makes me forget this chat alone
        [Only this chat]
        < Receipt of erasure
        < stayed in your other chats
        < Kept until
        < nothing that was kept for this chat alone is left
        ! nothing is left in the store
        > /mydata
        < digital avatars: 0
        """,
    )
    await harness.play(page, "> /mydata\n< digital avatars: 1\n! Your chats are connected")
    await link(harness, page, phone)
    await harness.play(phone, "> /erase\n[erase:yes-]\n< digital avatars: 1")
    assert "nothing is left in the store" in page.text
    await harness.play(page, "> /mydata\n< digital avatars: 0")


async def test_the_yes_to_one_chat_needs_its_question(harness: DialogueHarness) -> None:
    page, phone = two(harness)
    await harness.play(page, "> hello")
    await link(harness, page, phone)
    await harness.play(
        phone, "> /erase\n[Keep it]\n[Only this chat]\n< Erase everything about you?"
    )
    assert (await the_user(harness, phone)).id == (await the_user(harness, page)).id


async def test_never_in_groups(harness: DialogueHarness) -> None:
    page, phone = two(harness)
    code = await shown(harness, page)
    person = Person(TELEGRAM, phone.name, "en")
    for number, text in enumerate(("/link", f"/link {code}", code, f"link {code}", "/unlink")):
        said = Incoming(f"telegram:g{number}", person, harness.now, Said(text), group="-100")
        assert await harness.dispatcher.handle(said) == []
    async with harness.database.snapshot() as tx:
        [stored] = await tx.find(LinkCode)
        assert stored.claimed_by == ""
        assert await tx.count(WrongTry) == 0


async def test_photos_wait_for_the_answer(harness: DialogueHarness) -> None:
    page, _ = two(harness)
    await harness.play(page, "> /link\n+ 1 photo\n< I didn’t take this photo\n[Never mind]")
    session = await harness.sessions.load(PLAYGROUND, page.name)
    assert session is not None
    assert session.state is not State.LINKING


async def test_a_code_is_nowhere_in_the_store(harness: DialogueHarness) -> None:
    page, _ = two(harness)
    code = link_codes.read(await shown(harness, page))
    async with harness.database.snapshot() as tx:
        [stored] = await tx.find(LinkCode)
    assert code not in repr(stored)
    hashed = link_codes.code_hash(harness.settings.signing_key)
    assert stored.id == hashed(code)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_to_be_sent_is_said_without_marks_around_it(language: str) -> None:
    """Whoever types it as it stands there, in any chat, has sent the code."""
    said = texts(language, Wording(typed=True))("link-code", code="K3P7-9QRT", wait="10")
    [line] = [one for one in said.splitlines() if one.endswith(" K3P7-9QRT")]
    asked = line.replace("：", ":").rpartition(":")[2].strip()
    assert asked.split()[0].isalpha()
    assert read_words(asked) == (Intent.LINK, link_codes.read("K3P7-9QRT"))
