"""News for people whom WeChat lets us write to only now and then: kept, in order, none lost."""

import contextlib
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis

from bot.outbound import RetryLater
from bot.wechat import WECHAT
from bot.wechat.budget import Contact
from bot.wechat.errors import BudgetSpent, WindowClosed
from handlers.chat import Left, Pressed, Said
from handlers.texts import texts
from shop.jobs import outbox
from shop.people import users
from shop.records import LinkedChat, OutboxMessage, OutboxState
from tests.bot.wechat.phone import KilledError
from tests.bot.wechat.studio import WechatStudio
from tests.channels import PLAYGROUND
from tests.handlers.guests import FakeOutbound, Guest

ZH = texts("zh_CN")


@pytest.fixture
async def studio(valkey, tmp_path):
    async with Redis.from_url(valkey) as redis:
        yield WechatStudio(tmp_path, redis)


@pytest.fixture
async def ada(studio: WechatStudio) -> Guest:
    guest = studio.customer()
    await studio.type(guest, "你好")
    return guest


async def grant(studio: WechatStudio, guest: Guest, credits: int) -> str:
    """News: ``credits`` tells them apart."""
    async with studio.database.begin() as tx:
        user = await studio.user_in(tx, guest)
        await users.lock(tx, user.id)
        await outbox.notify(tx, user.id, "granted", studio.now, credits=credits)
    return told(credits)


def told(credits: int) -> str:
    return ZH("news-granted", credits=credits, balance=0)


async def states(studio: WechatStudio) -> list[OutboxState]:
    async with studio.database.snapshot() as tx:
        return [one.state for one in await tx.find(OutboxMessage, order="created_at")]


def count_of(guest: Guest, studio: WechatStudio, text: str) -> int:
    return sum(text in seen for seen in studio.phones[guest.name].seen)


async def test_what_cannot_be_said_now_waits_and_goes_out_together_in_order(studio, ada):
    studio.now += timedelta(hours=49)
    for credits in (1, 2, 3):
        await grant(studio, ada, credits)
        await studio.deliver()
    assert await states(studio) == [OutboxState.KEPT] * 3
    async with studio.database.begin() as tx:
        assert not (await studio.user_in(tx, ada)).unreachable
    await studio.deliver()
    assert studio.phones.refused == []
    await studio.type(ada, "余额")
    *_, answer, news = studio.phones[ada.name].seen
    assert answer.startswith(ZH("credits", balance=0, cost=8, clip=10, together=15))
    assert news == "\n\n".join([told(1), told(2), f"{told(3)}\n\n4 {ZH('studio-button-styles')}"])
    assert set(await states(studio)) == {OutboxState.DONE}
    await studio.type(ada, "1")  # it is the answer's, which they were reading
    assert studio.phones[ada.name].seen[-1].startswith(ZH("error-consent-missing"))  # to buy


async def test_later_news_do_not_overtake_those_that_wait(studio, ada):
    """A payment opens the budget, and is no update of the dialogue's."""
    studio.now += timedelta(hours=49)
    await grant(studio, ada, 1)
    await studio.deliver()
    studio.phones[ada.name].contacted(Contact.PAYMENT, studio.now)
    await studio.outbound.contacted(ada.name, Contact.PAYMENT, studio.now)
    await grant(studio, ada, 2)
    await studio.deliver()
    assert studio.phones[ada.name].seen[-1].startswith(f"{told(1)}\n\n{told(2)}")


async def test_whoever_comes_while_their_news_are_being_kept_is_told(studio, ada):
    studio.now += timedelta(hours=49)
    await grant(studio, ada, 1)
    allowance, looked = studio.budget.allowance, count()

    async def slow_allowance(openid: str):
        found = await allowance(openid)
        if next(looked) == 0:  # they write just now, and nothing is kept for them yet
            await studio.callback(ada, Said("?"))
        return found

    studio.budget.allowance = slow_allowance
    await studio.deliver()
    assert count_of(ada, studio, told(1)) == 1
    assert set(await states(studio)) == {OutboxState.DONE}


async def test_choices_of_news_that_wait_are_not_open(studio, ada):
    await studio.type(ada, "语言")
    studio.now += timedelta(hours=47.9)
    await grant(studio, ada, 1)
    for _ in range(5):  # spend what is left
        await studio.budget.reserve(ada.name)
    await studio.deliver()
    assert OutboxState.KEPT in await states(studio)
    await studio.type(ada, "2")
    assert texts("en")("language-set") in ada.text
    assert count_of(ada, studio, texts("en")("news-granted", credits=1, balance=0)) == 1


async def test_somebody_who_left_is_away_and_somebody_who_waits_is_not(studio, ada):
    studio.phones[ada.name].follows = False
    await grant(studio, ada, 1)
    await studio.deliver()
    async with studio.database.begin() as tx:
        assert (await studio.user_in(tx, ada)).unreachable
    studio.phones[ada.name].follows = True
    await studio.callback(ada, Pressed("start"), Contact.EVENT)
    await studio.deliver()
    assert count_of(ada, studio, told(1)) == 1
    await studio.callback(ada, Left())
    await grant(studio, ada, 2)
    await studio.deliver()
    assert count_of(ada, studio, told(2)) == 0
    await studio.type(ada, "继续")
    assert count_of(ada, studio, told(2)) == 1


async def test_news_for_a_linked_person_who_blocked_us_go_to_their_other_chat_each(studio, ada):
    """Gathered for WeChat, they find nobody there. Two equal gifts are two."""
    page = Guest("anna", platform=PLAYGROUND)
    studio.other_outbounds = {PLAYGROUND: FakeOutbound({page.name: page})}
    studio.rebuild()
    async with studio.database.begin() as tx:
        user = await studio.user_in(tx, ada)
        await users.lock(tx, user.id)
        for platform, name in ((WECHAT, ada.name), (PLAYGROUND, page.name)):
            await tx.add(
                LinkedChat(f"{platform}:{name}", user.id, platform, name, name, studio.now)
            )
    studio.phones[ada.name].follows = False
    before = len(studio.phones[ada.name].sent)
    for credits in (1, 1, 2):
        await grant(studio, ada, credits)
    await studio.deliver()
    assert [reply.text for reply in page.heard] == [told(1), told(1), told(2)]
    assert set(await states(studio)) == {OutboxState.DONE}
    assert len(studio.phones[ada.name].sent) == before


async def test_the_receipt_of_an_erasure_that_cannot_be_said_is_not_kept(studio, ada):
    """To keep it would keep the address."""
    await studio.type(ada, "全部删除")
    for _ in range(5):
        await studio.budget.reserve(ada.name)
    take, studio.outbox = studio.outbox, _Nothing()  # the courier is slow
    await studio.press(ada, ZH("erase-button-yes"))
    studio.outbox = take
    studio.now += timedelta(hours=49)
    await studio.deliver()
    assert set(await states(studio)) == {OutboxState.DONE}
    assert not [key for key in await studio.redis.keys("*") if ada.name.encode() in key]


class _Nothing:
    async def run(self) -> None: ...


async def test_news_that_have_no_words_yet_hold_up_only_what_comes_after(studio, ada):
    async with studio.database.begin() as tx:
        user = await studio.user_in(tx, ada)
        await users.lock(tx, user.id)
        await outbox.notify(tx, user.id, "granted", studio.now, credits=1)
        await outbox.notify(tx, user.id, "no such kind", studio.now + timedelta(seconds=1))
        await outbox.notify(tx, user.id, "granted", studio.now + timedelta(seconds=2), credits=3)
    with contextlib.suppress(AssertionError):
        await studio.deliver()
    assert count_of(ada, studio, told(1)) == 1
    assert count_of(ada, studio, told(3)) == 0


async def test_a_busy_wechat_is_tried_again_and_nothing_is_said_twice(studio, ada):
    def once(call: str, reached: bool) -> None:
        studio.phones.trouble = lambda call, reached: None
        raise RetryLater(7)

    await grant(studio, ada, 1)
    await grant(studio, ada, 2)
    studio.phones.trouble = once
    await studio.deliver()
    assert [count_of(ada, studio, told(n)) for n in (1, 2)] == [1, 1]


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("contact"), st.sampled_from(["message", "event", "payment", "photo"])),
        st.tuples(st.just("news"), st.integers(1, 8)),
        st.tuples(st.just("wait"), st.sampled_from([1, 20, 61, 3600, 170_000])),
        st.tuples(st.just("killed"), st.sampled_from(["text-before", "text-after"])),
        st.tuples(st.just("trouble"), st.sampled_from(["cut-before", "cut-after", "busy"])),
        st.tuples(st.just("another"), st.integers(1, 5)),
    ),
    max_size=25,
)
NUMBERS = count()


@settings(max_examples=40)
@given(steps=STEPS)
async def test_no_news_are_lost_and_the_budget_is_never_exceeded(
    valkey_server, tmp_path_factory, steps
):
    """Contacts of every kind, messages, silence, processes that die between reserving and sending
    or between sending and noting it, calls that break off, and a budget that others spend."""
    async with Redis.from_url(valkey_server) as redis:
        await redis.flushall()
        studio = WechatStudio(tmp_path_factory.mktemp("news"), redis)
        ada, owed, others = studio.customer(), [], 0
        await studio.type(ada, "你好")
        for what, how in steps:
            match what:
                case "contact" if how == "message":
                    await deliver(studio, studio.callback(ada, Said("余额")))
                case "contact" if how == "event":
                    await deliver(studio, studio.callback(ada, Pressed("where"), Contact.EVENT))
                case "contact":
                    contact = Contact.PAYMENT if how == "payment" else Contact.MESSAGE
                    studio.now += timedelta(seconds=1)
                    studio.phones[ada.name].contacted(contact, studio.now)
                    at = studio.now.replace(microsecond=0)
                    await studio.outbound.contacted(ada.name, contact, at)
                case "news":
                    for _ in range(how):
                        owed.append(await grant(studio, ada, next(NUMBERS) + 100))
                        studio.now += timedelta(milliseconds=1)
                        if how > 2:  # one by one, until there is no room
                            await deliver(studio)
                case "wait":
                    studio.now += timedelta(seconds=how)
                case "another":
                    others += await another(studio, ada, how)
                case _:
                    studio.phones.trouble = trouble_of(studio, how, killed=what == "killed")
            await deliver(studio)
        studio.phones.trouble = lambda call, reached: None
        refused, studio.phones.refused = studio.phones.refused, []
        assert len(refused) <= others  # where another program sent, we hear of it by a refusal
        for _ in range(3):  # whoever comes back reads all of it
            studio.now += timedelta(minutes=11)
            await deliver(studio, studio.callback(ada, Said("余额")))
            await deliver(studio)
        seen = "\n".join(studio.phones[ada.name].seen)
        assert [one for one in owed if one not in seen] == []
        first = [seen.index(one) for one in owed]
        assert first == sorted(first)
        assert studio.phones.refused == []
        await studio.till.close()


async def another(studio: WechatStudio, guest: Guest, most: int) -> int:
    """Another program of the account's sends as many, if it may: how many it could."""
    phones, trouble, sent = studio.phones, studio.phones.trouble, 0
    refused, phones.refused, phones.trouble = phones.refused, [], lambda call, reached: None
    with contextlib.suppress(BudgetSpent, WindowClosed):
        while sent < most:
            await phones.send_text(guest.name, "another program's")
            sent += 1
    phones.refused, phones.trouble = refused, trouble
    return sent


def trouble_of(studio: WechatStudio, how: str, *, killed: bool):
    """Once, at the next message."""
    error: BaseException = KilledError() if killed else ConnectionError("cut")
    if how == "busy":
        error = RetryLater(3)

    def trouble(call: str, reached: bool) -> None:
        if call == "text" and reached == how.endswith("after"):
            studio.phones.trouble = lambda call, reached: None
            raise error

    return trouble


async def deliver(studio: WechatStudio, callback=None) -> None:
    """As another process does, should the first have died, or given up for a while."""
    for attempt in (callback, studio.deliver(), studio.deliver()):
        with contextlib.suppress(KilledError, AssertionError):
            if attempt is not None:
                await attempt


async def test_events_that_read_alike_are_told_each(studio, ada):
    """Three parts of 1.00 went back, and nine gifts came: at once, and after a wait."""
    for away in (timedelta(), timedelta(hours=49)):
        studio.now += away
        before = len(studio.phones[ada.name].seen)
        async with studio.database.begin() as tx:
            user = await studio.user_in(tx, ada)
            await users.lock(tx, user.id)
            for _ in range(3):
                await outbox.notify(
                    tx, user.id, "payment_reduced", studio.now, order="o", amount=100,
                    currency="CNY",
                )  # fmt: skip
            for _ in range(9):
                await outbox.notify(tx, user.id, "granted", studio.now, credits=5)
        await studio.deliver()
        await studio.type(ada, "余额")
        seen = "\n".join(studio.phones[ada.name].seen[before:])
        assert seen.count(ZH("news-reduced", amount="¥1.00")) == 3
        assert seen.count(told(5)) == 9
    assert set(await states(studio)) == {OutboxState.DONE}
