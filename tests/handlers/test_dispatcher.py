"""Updates that come twice, lost sessions, two presses at once, tills and steps that fail."""

import asyncio
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from bot.state.sessions import MemorySessions
from handlers import router
from handlers.chat import Incoming, Invoice, Left, Person, Pressed, Reply, Reserve, Said, SentPhoto
from handlers.context import Outcome, RequestContext
from handlers.intents import Intent
from handlers.session import Session, State
from handlers.texts import texts
from shop import inbox
from shop.errors import TillError, Unavailable
from shop.logs import outline
from shop.ports import Bill
from shop.records import (
    Charge,
    Consent,
    Currency,
    ErasureNote,
    Order,
    Photo,
    ProcessedEvent,
    Shoot,
    User,
)
from tests.channels import PLAYGROUND
from tests.handlers.dialogue_harness import DialogueHarness, picture
from tests.handlers.test_journey import TO_BILL, TO_PHOTOS, TO_STUDIO
from tests.handlers.test_router import PLACES, TO_AGREE, can_go_on, where


async def test_the_same_update_twice_is_done_once(harness: DialogueHarness) -> None:
    anna = harness.guest("anna")
    await harness.play(anna, TO_STUDIO)
    await harness.send(anna, Pressed(anna.button("More like me")), event="telegram:7")
    assert "strength 8 → 9 of 12" in anna.text
    again = await harness.send(anna, Pressed(anna.button("More like me")), event="telegram:7")
    assert can_go_on(again)
    assert "What shall we shoot?" in anna.text  # where they are
    async with harness.database.begin() as tx:
        assert await tx.count(Shoot) == 2
        assert await tx.count(ProcessedEvent, id=inbox.digest("telegram:7")) == 1


async def test_a_photo_that_comes_twice_is_one_photo(harness: DialogueHarness) -> None:
    anna = harness.guest("anna")
    await harness.play(anna, TO_PHOTOS)

    async def read(_: Reserve) -> bytes:
        return picture(1)

    for _ in range(3):
        await harness.send(anna, SentPhoto(read), event="telegram:8")
    assert "1 photo received" in anna.text
    async with harness.database.begin() as tx:
        (photo,) = await tx.find(Photo)
    assert await uploads(harness) == [photo.blob]


async def uploads(harness: DialogueHarness) -> list[str]:
    return [path async for path in harness.blobs.walk("uploads")]


async def test_a_photo_that_comes_in_while_its_order_is_cancelled_leaves_nothing(
    harness: DialogueHarness,
) -> None:
    anna = harness.guest("anna")
    await harness.play(anna, TO_PHOTOS)

    async def read(_: Reserve) -> bytes:
        await harness.type(anna, "/cancel")
        await harness.press(anna, "Cancel it")
        return picture(1)

    await harness.send(anna, SentPhoto(read))
    async with harness.database.begin() as tx:
        assert await tx.count(Photo) == 0
    assert await uploads(harness) == []


async def test_a_photo_that_comes_in_while_they_are_erased_brings_nobody_back(
    harness: DialogueHarness,
) -> None:
    anna = harness.guest("anna")
    await harness.play(anna, TO_PHOTOS)

    async def read(_: Reserve) -> bytes:
        await harness.type(anna, "/erase")
        await harness.press(anna, "Erase everything")
        return picture(1)

    assert await harness.send(anna, SentPhoto(read)) == []
    async with harness.database.begin() as tx:
        (user,) = await tx.find(User)
        assert user.erased_at is not None
    assert await harness.sessions.load(PLAYGROUND, "anna") is None
    assert await uploads(harness) == []


async def test_an_update_that_comes_again_leaves_a_question_open(harness: DialogueHarness) -> None:
    """A photo whose answer was lost on the way is sent again, after they were asked something."""
    anna = harness.guest("anna")
    await harness.play(anna, TO_PHOTOS)

    async def read(_: Reserve) -> bytes:
        return picture(1)

    await harness.send(anna, SentPhoto(read), event="playground:anna:8")
    await harness.type(anna, "/erase")
    yes = anna.button("Erase everything")
    await harness.send(anna, SentPhoto(read), event="playground:anna:8")
    assert await where(harness, anna) is State.ERASING
    await harness.send(anna, Pressed(yes))
    assert "Receipt of erasure" in anna.text


@pytest.mark.parametrize("away", [False, True])
async def test_the_receipt_of_an_erasure_is_said_once_the_journal_has_it(
    harness: DialogueHarness, monkeypatch, away: bool
) -> None:
    """Unless the blob store is away: then the outbox worker writes it, and the doctor tells."""
    anna = harness.guest("anna")
    await harness.play(anna, TO_PHOTOS)
    await harness.type(anna, "/erase")

    async def create(*_: object) -> None:
        raise Unavailable

    if away:
        monkeypatch.setattr(harness.blobs, "create", create)
    yes = Pressed(anna.button("Erase everything"))
    person = Person(harness.platform, anna.name, anna.tag)
    replies = await harness.dispatcher.handle(Incoming("playground:x", person, harness.now, yes))
    assert any("Receipt of erasure" in str(one) for one in replies)
    async with harness.database.begin() as tx:
        assert bool(await tx.count(ErasureNote)) is away
    assert bool([one async for one in harness.blobs.walk("erasures")]) is not away


RECEIPTS = {
    "cancelled": ("> /cancel", "cancel:yes-", "nothing was charged"),
    "withdrawn": ("> /revoke", "Withdraw and erase", "Withdrawn"),
    "erased": ("> /erase", "Erase everything", "Receipt of erasure"),
    "warned": ("+ 14 photos\n* the photos are checked", "done", "To be honest: 14"),
}


@pytest.mark.parametrize(("script", "action", "receipt"), RECEIPTS.values(), ids=RECEIPTS)
async def test_a_receipt_is_said_again_to_whom_it_was_not_sent(
    harness: DialogueHarness, script: str, action: str, receipt: str
) -> None:
    """To that chat alone; sealed, and nothing else of what was said is kept; not to whom it was
    sent."""
    anna, eve = harness.guest("anna"), harness.guest("eve")
    await harness.play(anna, TO_PHOTOS + script)
    await harness.play(eve, "> hi")
    press = Pressed(action if action == "done" else anna.button(action))
    said = [await harness.send(anna, press, event="telegram:9") for _ in range(2)]
    for first, *_ in said:
        assert receipt in str(first)
        assert first == said[0][0], "with its buttons, and at its place"
    assert anna.text.count(receipt) == 1
    await harness.send(eve, press, event="telegram:9")
    assert receipt not in eve.text

    async def answered(_: str) -> bool:
        return True

    person = Person(harness.platform, anna.name, anna.tag)
    sent = Incoming("telegram:9", person, harness.now, press)
    assert await harness.dispatcher.handle(sent, answered) == []
    async with harness.database.begin() as tx:
        kept = [one.words for one in await tx.find(ProcessedEvent) if one.words]
        assert await tx.count(User) == 2
    assert len(kept) == 1
    assert receipt.encode() not in kept[0]


async def test_what_comes_again_after_an_erasure_brings_nobody_back(
    harness: DialogueHarness,
) -> None:
    """Updates of one batch that a killed process had not acknowledged, the last an erasure."""
    anna = harness.guest("anna")
    await harness.play(anna, TO_PHOTOS)

    async def read(_: Reserve) -> bytes:
        return picture(1)

    before = (SentPhoto(read, caption="that's all"), Said("/orders"))
    for number, content in enumerate(before):
        await harness.send(anna, content, event=f"telegram:{number}")
    await harness.type(anna, "/erase")
    yes = Pressed(anna.button("Erase everything"))
    await harness.send(anna, yes, event="telegram:9")
    for number, content in enumerate(before):
        assert await harness.send(anna, content, event=f"telegram:{number}") == []
    await harness.send(anna, yes, event="telegram:9")
    assert anna.text.count("Receipt of erasure") == 1
    async with harness.database.begin() as tx:
        (user,) = await tx.find(User)
        assert user.erased_at is not None
    assert await uploads(harness) == []


async def test_of_their_own_words_and_what_repeats_them_nothing_is_kept(
    harness: DialogueHarness,
) -> None:
    anna = harness.guest("anna")
    await harness.play(anna, TO_STUDIO)
    await harness.send_action(anna, "paint")
    for words in ("zorglub Henrietta", "paint a picture of a child", "/link nonsense", "whatever"):
        await harness.type(anna, words)
    async with harness.database.begin() as tx:
        assert not [one for one in await tx.find(ProcessedEvent) if one.words]


async def test_a_refused_update_that_comes_twice(harness: DialogueHarness) -> None:
    anna = harness.guest("anna")
    await harness.play(anna, TO_PHOTOS)
    await harness.send(anna, Said("that's all"), event="telegram:9")
    assert "at least 12" in anna.text
    await harness.send(anna, Said("that's all"), event="telegram:9")
    assert "20 is best" in anna.text


@pytest.mark.parametrize("state", State)
async def test_a_lost_session_loses_nobody(harness: DialogueHarness, state: State) -> None:
    guest = harness.guest("anna")
    await harness.play(guest, PLACES[state] + "\n* the sessions are lost")
    replies = await harness.type(guest, "continue")
    assert can_go_on(replies)
    # what was only asked, not answered, is asked again; all that was done is still there
    unanswered = {
        State.NEW: State.WELCOME, State.LANGUAGE: State.WELCOME, State.AGREE: State.WELCOME,
        State.ERASING: State.STUDIO, State.LINKING: State.STUDIO,
        State.VERIFYING: State.STUDIO, State.RELATION: State.STUDIO,
        State.CLIP: State.STUDIO,  # a clip waits, and says so
        State.WISH: State.STUDIO,
    }  # fmt: skip
    assert await where(harness, guest) is unanswered.get(state, state)


async def test_sessions_lost_all_along_the_way(harness: DialogueHarness) -> None:
    """Redis forgets everything before each step, and the journey is the same."""
    lines: list[str] = []
    for line in TO_STUDIO.strip().splitlines():
        if line[:1] in tuple(">[+"):
            lines.append("* the sessions are lost")
        lines.append(line)
    # the word for the person lived in the session alone: it is asked for again
    script = "\n".join(lines).replace(
        "[Use these]\n",
        "[Use these]\n< What should I call\n[Woman]\n< 20 usable\n[Use these]\n",
    )
    await harness.play(harness.guest("anna"), script)


async def test_a_second_yes_to_erasing_makes_nobody_new(harness: DialogueHarness) -> None:
    ada = harness.guest("ada")
    await harness.play(ada, "> hi\n> /erase")
    yes = Pressed(ada.button("Erase everything"))
    await harness.send(ada, yes)
    await harness.send(ada, yes)
    assert ada.text == texts("en")("erase-nothing")
    async with harness.database.snapshot() as tx:
        assert await tx.count(User) == 1
    await harness.play(ada, "> /start\n< Portraits of me")  # and may come back


async def test_an_old_yes_to_erasing_asks_again(harness: DialogueHarness) -> None:
    anna = harness.guest("anna")
    await harness.play(anna, TO_STUDIO + "\n> /erase\n> hello\n[Erase everything]")
    assert "Erase everything about you?" in anna.text


async def test_a_stale_session_is_no_trouble(harness: DialogueHarness) -> None:
    anna = harness.guest("anna")
    raced: list[int] = []

    class Race(MemorySessions):
        begins = False

        async def save(self, platform: str, person: str, session: Session) -> None:
            if self.begins and not raced:
                raced.append(1)
                await super().save(platform, person, replace(session, state=State.WELCOME))
            await super().save(platform, person, session)

    sessions = Race()
    harness.rebuild(sessions=sessions)
    await harness.play(anna, TO_AGREE)
    sessions.begins = True
    await harness.play(anna, "> yes\n> yes\n< What should I call")
    assert raced
    saved = await sessions.load("playground", "anna")
    assert saved is not None
    assert saved.state is State.SUBJECT


async def test_two_people_side_by_side(harness: DialogueHarness) -> None:
    """Each at their own place, whatever the other does in between."""
    anna, li = harness.guest("anna"), harness.guest("li", "zh-hans")
    english = [line for line in TO_PHOTOS.strip().splitlines() if line]
    chinese = ["> 你好", "< 一次付 ¥9.90", "> 条款", "> 同意", "> 同意", "> 男", "< 最少 12 张"]
    for n in range(max(len(english), len(chinese))):
        for guest, script in ((anna, english), (li, chinese)):
            if n < len(script):
                await harness.play(guest, script[n])
    await harness.play(anna, "+ 2 photos")
    await harness.play(li, "> 到哪了\n< 20 张最好")
    assert not any("received" in line for line in li.lines)


async def test_two_presses_at_once(harness: DialogueHarness) -> None:
    anna = harness.guest("anna")
    await harness.play(anna, TO_STUDIO)
    more = anna.button("More like me")
    heard = await _at_once(harness, *(Pressed(more) for _ in range(5)))
    text = str(heard)
    assert text.count("strength 8 → 9 of 12, retouching 30% → 0%") == 1
    assert text.count("is being made already") == 4
    async with harness.database.begin() as tx:
        assert await tx.count(Shoot) == 2


async def test_paying_twice_at_once_pays_once(harness: DialogueHarness) -> None:
    anna = harness.guest("anna")
    await harness.play(anna, TO_BILL)
    pay = anna.button("Pay here in the chat")
    await _at_once(harness, *(Pressed(pay) for _ in range(3)))
    async with harness.database.begin() as tx:
        assert await tx.count(Charge) == 1
        assert not any((await tx.totals()).values())


async def test_agreeing_twice_at_once_is_one_yes(harness: DialogueHarness) -> None:
    anna = harness.guest("anna")
    await harness.play(anna, TO_AGREE)
    yes = anna.button("Yes, and I’m an adult")
    heard = await _at_once(harness, Pressed(yes), Pressed(yes))
    assert str(heard).count("One more question") == 2
    async with harness.database.begin() as tx:
        assert await tx.count(Consent) == 1


async def _at_once(harness: DialogueHarness, *contents: Pressed) -> list[list[Reply]]:
    person = Person(PLAYGROUND, "anna")
    return await asyncio.gather(
        *(
            harness.dispatcher.handle(Incoming(f"playground:once{n}", person, harness.now, content))
            for n, content in enumerate(contents)
        )
    )


async def test_nobody_agrees_to_training_before_the_terms(harness: DialogueHarness) -> None:
    anna = harness.guest("anna")
    await harness.play(anna, "> hello")
    await harness.send(anna, Pressed("agree:training"))
    assert "What happens to your photos" in anna.text
    await harness.type(anna, "ok")
    await harness.type(anna, "no")
    assert "no photos for now" in anna.text
    async with harness.database.begin() as tx:
        (given,) = await tx.find(Consent)
        assert given.kind == "terms"


async def test_ok_to_the_welcome_is_no_yes_to_the_terms(harness: DialogueHarness) -> None:
    anna = harness.guest("anna")
    await harness.play(anna, "> hello\n> ok\n< What happens to your photos")
    async with harness.database.begin() as tx:
        assert await tx.count(Consent) == 0


class BrokenTill:
    """A till that does not answer."""

    name, currency = "sandbox", Currency.CNY

    async def bill(self, order: Order, title: str) -> Bill:
        raise TillError


async def test_a_till_that_does_not_answer(harness: DialogueHarness) -> None:
    anna = harness.guest("anna")
    await harness.play(anna, TO_PHOTOS + "\n+ 20 photos\n* the photos are checked")
    tills = harness.tills
    harness.rebuild(tills={"sandbox": BrokenTill()})  # type: ignore[dict-item]
    await harness.play(anna, "[Use these]\n< The till didn’t answer. Nothing has been charged")
    harness.rebuild(tills=tills)
    await harness.play(anna, "[Try again]\n< (bill: Eider")


async def test_a_bill_that_closed_is_opened_again(harness: DialogueHarness) -> None:
    anna = harness.guest("anna")
    await harness.play(anna, TO_BILL)
    (bill,) = [reply for reply in anna.heard if isinstance(reply, Invoice)]
    await harness.till.cancel(bill.reference)
    await harness.play(anna, "[Pay here in the chat]\n< ¥9.90 received")


async def test_what_nobody_foresaw(
    harness: DialogueHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An apology in the person's language with a code, and the same code in the log."""
    li = harness.guest("li", "zh-hans")
    await harness.type(li, "你好")

    secret = "".join(reversed("00083100831"))  # not on any line of code that a trace may show

    async def broken(ctx: RequestContext) -> Outcome:
        raise RuntimeError(secret)

    with monkeypatch.context() as patch:
        patch.setattr(router, "INTENT_STEPS", {**router.INTENT_STEPS, Intent.HELP: broken})
        with capture_logs() as logs:
            (sorry,) = await harness.type(li, "帮助")
    (line,) = [entry for entry in logs if entry["log_level"] == "error"]
    assert line["code"] in li.text
    assert "对不起" in li.text
    error = line.pop("exc_info")  # of which the log writes this:
    written = f"{logs} {outline((type(error), error, error.__traceback__))}"
    assert "test_dispatcher.py" in written
    assert secret not in written
    assert "帮助" not in written
    assert can_go_on([sorry])
    # nothing of it was kept: the same event, come again, works
    await harness.type(li, "帮助")
    assert "我是绒鸭" in li.text


async def test_somebody_who_blocks_us_hears_nothing_until_they_are_back(
    harness: DialogueHarness,
) -> None:
    anna = harness.guest("anna")
    await harness.play(anna, TO_BILL + "\n[Pay here in the chat]")
    assert await harness.send(anna, Left()) == []
    anna.all_heard.clear()
    await harness.play(anna, "* the avatar is made")
    assert anna.all_heard == []
    await harness.play(anna, "> hello\n< Welcome back")
    await harness.play(anna, "* the portraits are painted\n< Your first portraits")


async def test_banned_people_keep_their_rights(harness: DialogueHarness) -> None:
    anna, boss = harness.guest("anna"), harness.guest("boss")
    await harness.play(anna, TO_STUDIO)
    await harness.play(boss, "> /ban playground:anna\n< /ban done")
    await harness.play(
        anna,
        """
        > styles
        < closed to new orders
        > blah
        < closed to new orders
        + 1 photo
        < closed to new orders
        + sticker
        < closed to new orders
        > my data
        < digital avatars: 1
        [Erase everything]
        < Erase everything about you?
        [Erase everything]
        < Receipt of erasure
        """,
    )
    await harness.play(anna, "> /start\n< closed to new orders\n> my data\n< closed to new orders")
    await harness.play(boss, "> /unban playground:anna\n< /unban done")
    await harness.play(anna, "> hello\n< For ¥9.90, once")
    await harness.play(boss, "> /unban playground:nobody\n< find that")
