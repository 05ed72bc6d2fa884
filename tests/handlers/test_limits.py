"""Limits in the dialogue: what is counted as what, and what a limited person hears."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.state.limiter import MemoryLimiter
from handlers import billing, limits
from handlers.chat import (
    Content,
    Incoming,
    Left,
    Paid,
    Person,
    Pressed,
    Refunded,
    Reply,
    Reserve,
    Said,
    Say,
    SentOther,
    SentPhoto,
    Tone,
)
from handlers.intents import Intent
from handlers.limits import Limit, Wait
from handlers.texts import every, texts
from shop.errors import Unavailable
from shop.people import users
from shop.records import (
    Currency,
    Order,
    OrderId,
    OrderState,
    PaymentEvent,
    Photo,
    ProcessedEvent,
    Product,
    SealedKey,
    User,
)
from tests.channels import PLAYGROUND
from tests.doubles import photo
from tests.handlers.dialogue_harness import BOSS, DialogueHarness
from tests.handlers.test_groups import GROUP
from tests.handlers.test_journey import TO_PHOTOS, TO_STUDIO

EVENT = PaymentEvent("sandbox", "e", "c", OrderId("o"), 1, Currency.CNY, datetime.now(UTC))


async def no_bytes(_: Reserve) -> bytes:
    raise AssertionError("a photo over the limit was read")


@pytest.mark.parametrize(
    ("content", "limit"),
    [
        (Said("hello"), limits.UPDATES),
        (Said("/start"), limits.UPDATES),
        (Said("/stats"), limits.UPDATES),
        (SentOther("voice"), limits.UPDATES),
        (Pressed("s:noir"), limits.UPDATES),
        (Pressed("?"), limits.UPDATES),
        (SentPhoto(no_bytes), limits.PHOTOS),
        *((Said(f"/{one}"), limits.RIGHTS)
          for one in ("cancel", "erase", "revoke", "mydata", "paysupport", "ERASE")),
        *((Pressed(one), limits.RIGHTS)
          for one in ("erase:yes", "erase:no", "revoke:yes", "cancel:refund", "pay:abc",
                      "agree:training", "decline")),
        (Said("yes"), limits.RIGHTS),
        (Left(), limits.RIGHTS),
        (Paid(EVENT), None),
        (Refunded("sandbox", "c"), None),
    ],
)  # fmt: skip
def test_what_an_update_is_counted_as(content: Content, limit: Limit | None) -> None:
    assert limits.limit_of(content) is limit


def test_every_way_out_is_a_right() -> None:
    """What gives data or money back, in any language, is never used up by other messages."""
    rights = {
        "words-cancel": Intent.CANCEL, "words-erase": Intent.ERASE, "words-revoke": Intent.REVOKE,
        "words-mydata": Intent.MYDATA, "words-paysupport": Intent.PAYSUPPORT,
        "words-pay": Intent.PAY, "words-agree": Intent.AGREE, "words-decline": Intent.DECLINE,
        "words-unlink": Intent.UNLINK,
    }  # fmt: skip
    assert set(rights.values()) == limits.ALWAYS_HEARD
    for say in every():
        for key in rights:
            for phrase in say(key).split("|"):
                assert limits.limit_of(Said(phrase)) is limits.RIGHTS, phrase


@pytest.mark.parametrize("seconds", [0.2, 5, 5.1, 14.99, 119, 121, 7199, 7201, 25_000, 86_400])
def test_a_wait_is_never_told_too_short(seconds: float) -> None:
    """Whoever comes back after what they were told is heard."""
    number, unit = texts("en").wait(seconds).split()
    told = int(number) * {"s": 1, "m": 60, "h": 3600}[unit[0]]
    assert seconds <= told <= 1.5 * seconds + 5


class Flood:
    """Updates of one person, all in one moment."""

    def __init__(self, harness: DialogueHarness, who: str = "anna", group: str = "") -> None:
        self.harness, self.who, self.group, self.number = harness, who, group, 0

    async def send(self, content: Content) -> list[Reply]:
        self.number += 1
        person = Person(PLAYGROUND, self.who, "en")
        event = f"playground:flood-{self.who}-{self.number}"
        incoming = Incoming(event, person, self.harness.now, content, self.group)
        return await self.harness.dispatcher.handle(incoming)

    async def press(self, question: list[Reply]) -> list[Reply]:
        """The first button below a question."""
        return await self.send(Pressed(question[-1].buttons[0][0].action))


def waits(replies: list[Reply]) -> list[str]:
    """The sentences that ask to wait."""
    starts = {
        say(f"limit-{limit.name}", wait="~").split("~")[0]
        for say in every()
        for limit in (limits.UPDATES, limits.RIGHTS, limits.PHOTOS)
    }
    return [
        one.text for one in replies if isinstance(one, Say) and one.text.startswith(tuple(starts))
    ]


async def processed(harness: DialogueHarness) -> int:
    async with harness.database.begin() as tx:
        return await tx.count(ProcessedEvent)


async def test_a_flood_hears_one_sentence_then_silence_and_stores_nothing(harness):
    flood = Flood(harness)
    for _ in range(limits.UPDATES.most):
        assert await flood.send(Said("hello"))
    before = await processed(harness)
    heard = [reply for _ in range(100) for reply in await flood.send(Said("hello"))]

    assert waits(heard) == [one.text for one in heard] == [heard[0].text]
    assert "15 seconds" in heard[0].text
    assert heard[0].tone is Tone.TROUBLE
    assert heard[0].buttons == ()
    assert await processed(harness) == before == limits.UPDATES.most
    harness.now += timedelta(seconds=15)
    assert not waits(await flood.send(Said("hello")))


async def test_the_sentence_is_in_the_language_that_was_chosen(harness):
    anna = harness.guest("anna")
    await harness.play(anna, "> /start\n> 한국어")
    flood = Flood(harness)
    heard = [reply for _ in range(100) for reply in await flood.send(Said("hello"))]
    (sentence,) = waits(heard)
    assert sentence == texts("ko")("limit-updates", wait=texts("ko").wait(15))


async def test_a_flood_uses_up_no_right(harness):
    anna = harness.guest("anna")
    await harness.play(anna, TO_PHOTOS)
    flood = Flood(harness)
    for _ in range(200):
        await flood.send(Said("hello"))
        await flood.send(SentPhoto(photo_bytes))
    for command in ("/mydata", "/paysupport", "/cancel"):
        assert not waits(await flood.send(Said(command)))
    await flood.press(await flood.send(Said("/cancel")))
    await flood.press(await flood.send(Said("/revoke")))
    await flood.press(await flood.send(Said("/erase")))
    async with harness.database.begin() as tx:
        (user,) = await tx.find(User)
        assert user.erased_at is not None
        assert await tx.count(SealedKey) == 0


async def photo_bytes(_: Reserve) -> bytes:
    return photo(1)


async def test_even_rights_may_be_asked_for_too_often(harness):
    flood = Flood(harness)
    heard = [reply for _ in range(100) for reply in await flood.send(Said("/mydata"))]
    assert len(waits(heard)) == 1
    assert await processed(harness) == limits.RIGHTS.most


async def test_an_erasure_does_not_reset_what_was_counted(harness):
    flood = Flood(harness)
    for _ in range(limits.UPDATES.most):
        await flood.send(Said("hello"))
    await flood.press(await flood.send(Said("/erase")))
    async with harness.database.begin() as tx:
        assert await users.find(tx, PLAYGROUND, "anna") is None
    assert waits(await flood.send(Said("hello")))


async def test_payments_and_refunds_are_never_counted(harness):
    limiter = AwayLimiter()
    harness.limiter = limiter
    harness.rebuild()
    flood = Flood(harness)
    assert await flood.send(Paid(EVENT))  # an order that does not exist, which is said
    assert await flood.send(Refunded("sandbox", "c")) == []
    person = Person(PLAYGROUND, "anna", "en")
    assert await harness.dispatcher.may_pay(person, "o", 1, Currency.CNY)  # answered: it may not
    with pytest.raises(Unavailable):
        await flood.send(Said("hello"))


class AwayLimiter:
    """Redis does not answer."""

    async def take(self, limit: Limit, whose: str) -> Wait | None:
        raise Unavailable("redis does not answer")


async def test_without_redis_an_update_comes_again_and_nothing_of_it_is_done(harness):
    harness.limiter = AwayLimiter()
    harness.rebuild()
    with pytest.raises(Unavailable):
        await Flood(harness).send(Said("/start"))
    with pytest.raises(Unavailable):
        await Flood(harness, group=GROUP).send(Said("/help"))
    assert await processed(harness) == 0


async def test_what_an_admin_says_is_never_counted(harness):
    boss = Flood(harness, BOSS)
    heard = [reply for _ in range(200) for reply in await boss.send(Said("/queue"))]
    assert len(heard) == 200
    assert not waits(heard)


async def test_what_an_admin_looks_for_to_share_is_counted(harness):
    await harness.play(harness.guest(BOSS), TO_STUDIO)
    person = Person(PLAYGROUND, BOSS, "en")
    for _ in range(limits.SHARING.most):
        assert (await harness.dispatcher.shareable(person, "")).portraits
    assert not (await harness.dispatcher.shareable(person, "")).portraits


async def test_photos_over_the_limit_are_not_read_and_it_is_said_which(harness):
    anna = harness.guest("anna")
    await harness.play(anna, TO_PHOTOS)
    flood = Flood(harness)
    for _ in range(limits.PHOTOS.most):
        await flood.send(SentPhoto(photo_bytes))
    heard = [reply for _ in range(80) for reply in await flood.send(SentPhoto(no_bytes))]

    (sentence,) = waits(heard)
    assert "didn’t take this one" in sentence
    assert "15 minutes" in sentence
    assert not waits(await flood.send(Said("/help")))  # words are another allowance
    harness.now += timedelta(minutes=15)
    for _ in range(limits.PHOTOS.most // 4):
        assert not waits(await flood.send(SentPhoto(photo_bytes)))


async def test_an_honest_order_of_photos_never_meets_the_limit(harness):
    """Twice as many as can be used, in one moment, with all the words around them."""
    anna = harness.guest("anna")
    await harness.play(anna, TO_PHOTOS)
    flood = Flood(harness)
    for _ in range(2 * harness.settings.photos_maximum):
        assert not waits(await flood.send(SentPhoto(photo_bytes)))


@pytest.mark.parametrize("name", ["anna", BOSS])
async def test_orders_begun_are_counted_and_what_is_open_stays_open(harness, name):
    """An admin's too."""
    anna = harness.guest(name)
    await harness.play(anna, TO_PHOTOS)
    again = "\n".join(("> /cancel", "[cancel:yes-]", "> /start"))
    for _ in range(limits.ORDERS.most - 1):
        await harness.play(anna, f"{again}\n[Woman]\n! begun more orders")
    await harness.play(anna, f"{again}\n[Woman]\n< begun more orders today\n< hours")
    harness.now += timedelta(days=1)
    await harness.play(anna, "[Woman]\n! begun more orders")
    async with harness.database.begin() as tx:
        assert await tx.count(Order) == 1
        assert await tx.count(SealedKey) == 1


async def test_bills_are_counted_and_one_that_is_open_can_still_be_paid(harness):
    anna = harness.guest("anna")
    await harness.play(anna, f"{TO_PHOTOS}\n+ 12 photos\n* the photos are checked")
    await harness.play(anna, "[done]\n[done:go]\n< ¥9.90")
    flood, heard = Flood(harness), []
    for _ in range(limits.BILLS.most + 2):  # a minute passes, and gives one more
        harness.now += timedelta(seconds=1)
        heard += await flood.send(Pressed("pay"))
    assert "great many bills" in heard[-1].text
    async with harness.database.begin() as tx:
        (order,) = await tx.find(Order, product=Product.AVATAR)
        stamp = await billing.bill_stamp(tx, order)
    assert order.state is OrderState.AWAITING
    await flood.send(Pressed(f"pay:{order.id}.{stamp}"))
    async with harness.database.begin() as tx:
        (order,) = await tx.find(Order, product=Product.AVATAR)
    assert order.state is OrderState.PAID


async def test_a_group_is_counted_by_itself_and_hears_nothing_of_it(harness):
    group = Flood(harness, group=GROUP)
    for _ in range(200):
        assert await group.send(Said("no command")) == []  # not answered, and so not counted
    answers = [await group.send(Said("/help")) for _ in range(100)]
    assert sum(bool(one) for one in answers) == limits.GROUP_COMMANDS.most
    assert answers[limits.GROUP_COMMANDS.most :] == [[]] * (100 - limits.GROUP_COMMANDS.most)
    assert await Flood(harness, group="-100999").send(Said("/help"))
    assert await Flood(harness).send(Said("/start"))  # the person's own chat


async def test_over_the_limit_there_is_nothing_to_share(harness):
    await harness.play(harness.guest("anna"), TO_STUDIO)
    person = Person(PLAYGROUND, "anna", "en")
    for _ in range(limits.SHARING.most):
        assert (await harness.dispatcher.shareable(person, "")).portraits
    offer = await harness.dispatcher.shareable(person, "")
    assert (offer.portraits, offer.invitation) == ((), None)
    assert offer == await harness.dispatcher.shareable(Person(PLAYGROUND, "zoe", "en"), "")
    assert not waits(await Flood(harness).send(Said("hello")))


async def test_no_percentage_no_limits(harness):
    harness.limiter = MemoryLimiter(0)
    harness.rebuild()
    flood = Flood(harness)
    heard = [reply for _ in range(200) for reply in await flood.send(Said("hello"))]
    assert not waits(heard)


async def test_what_was_admitted_before_is_not_counted_again(harness):
    flood = Flood(harness)
    person = Person(PLAYGROUND, "anna", "en")
    for number in range(200):
        incoming = Incoming(f"playground:a{number}", person, harness.now, Said("x"), admitted=True)
        assert not waits(await harness.dispatcher.handle(incoming))
    assert not waits(await flood.send(Said("hello")))
    assert await harness.dispatcher.wait_for(replace(incoming, admitted=False)) is None
    async with harness.database.begin() as tx:
        assert await tx.count(Photo) == 0


def test_the_operators_table_says_what_is_counted() -> None:
    page = (Path(__file__).parents[2] / "docs" / "operate.md").read_text(encoding="utf-8")
    section = page.partition("## Limits")[2].partition("\n## ")[0]
    units = {"minute": limits.MINUTE, "hour": limits.HOUR, "day": limits.DAY}
    told = [
        Limit(name, int(most), units[unit])
        for name, most, unit in re.findall(
            r"\| `([a-z-]+)` \| [^|]+ \| (\d+) \| 1 (\w+) \|", section
        )
    ]
    assert tuple(told) == limits.LIMITS
