"""The message budget: never more than WeChat allows, whatever comes late, twice or not at all."""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis

from bot.wechat.budget import (
    EVENTS,
    MESSAGES,
    REMINDED,
    Allowance,
    Contact,
    MessageBudget,
    Reservation,
    contact_of,
)
from shop.errors import Unavailable
from tests.bot.wechat.phone import WechatPhones
from tests.conftest import SetClock
from tests.keys import MASTER_KEY

PEOPLE = count()
START = datetime(2026, 11, 27, 4, 0, 0, 300_000, tzinfo=UTC)


@pytest.fixture
async def redis(valkey):
    async with Redis.from_url(valkey) as client:
        yield client


@pytest.fixture
def budget(redis, clock) -> MessageBudget:
    return MessageBudget(redis, MASTER_KEY, clock)


async def spend(budget: MessageBudget, kept: int = 0) -> int:
    """How many may be sent now, one after the other."""
    sent = 0
    while isinstance(await budget.reserve("ada", kept), Reservation):
        sent += 1
        assert sent < 50
    return sent


@pytest.mark.parametrize(
    ("contact", "most", "lasts"),
    [(Contact.MESSAGE, MESSAGES, 47.9 * 3600), (Contact.EVENT, EVENTS, 45)],
)
async def test_each_contact_opens_its_own_number_for_its_own_time(
    budget, clock, contact, most, lasts
):
    assert await budget.allowance("ada") == Allowance(0, False)
    assert await spend(budget) == 0
    await budget.contacted("ada", contact, clock())
    assert await budget.allowance("ada") == Allowance(most, True)
    clock.forward(seconds=lasts)
    assert await spend(budget, kept=1) == most - 1
    assert await spend(budget) == 1
    assert await budget.allowance("ada") == Allowance(0, True)
    assert (await budget.allowance("bert")).left == 0
    await budget.contacted("ada", contact, clock.forward(seconds=1))
    clock.forward(seconds=lasts + 3600)
    assert await budget.allowance("ada") == Allowance(0, False)


async def test_after_a_payment_any_number_may_be_sent_for_two_days(budget, clock):
    await budget.contacted("ada", Contact.MESSAGE, clock())
    await budget.contacted("ada", Contact.PAYMENT, clock())
    for _ in range(30):
        assert isinstance(await budget.reserve("ada", 2), Reservation)
    assert (await budget.allowance("ada")).left is None
    clock.forward(hours=48)
    assert await budget.allowance("ada") == Allowance(0, False)


async def test_a_click_adds_to_an_open_window_only_where_that_is_spent(budget, clock):
    await budget.contacted("ada", Contact.MESSAGE, clock())
    await budget.contacted("ada", Contact.EVENT, clock.forward(seconds=9))
    assert await spend(budget) == MESSAGES
    await budget.contacted("ada", Contact.EVENT, clock.forward(seconds=9))
    assert await spend(budget) == EVENTS
    assert await spend(budget) == 0


async def test_a_callback_that_comes_twice_or_late_opens_nothing_anew(budget, clock):
    first = clock()
    await budget.contacted("ada", Contact.MESSAGE, first)
    assert await spend(budget) == MESSAGES
    await budget.contacted("ada", Contact.MESSAGE, first)
    await budget.contacted("ada", Contact.MESSAGE, first - timedelta(seconds=5))
    assert await spend(budget) == 0
    # Written while the last of them was on its way, and heard of after three more.
    second = clock.forward(seconds=10)
    clock.forward(seconds=20)
    await budget.contacted("ada", Contact.EVENT, clock())
    assert await spend(budget) == EVENTS
    await budget.contacted("ada", Contact.MESSAGE, second)
    assert await spend(budget) == MESSAGES - EVENTS


async def test_what_surely_was_not_sent_is_given_back_once(budget, clock):
    await budget.contacted("ada", Contact.MESSAGE, clock())
    reserved = await budget.reserve("ada")
    assert isinstance(reserved, Reservation)
    for _ in range(2):
        await budget.give_back(reserved)
    assert await spend(budget) == MESSAGES


async def test_a_refusal_closes_until_a_later_contact(budget, clock):
    for contact in (Contact.MESSAGE, Contact.PAYMENT):
        await budget.contacted("ada", contact, clock())
    reserved = await budget.reserve("ada")
    assert isinstance(reserved, Reservation)
    await budget.closed(reserved)
    assert await budget.allowance("ada") == Allowance(0, False)
    await budget.contacted("ada", Contact.MESSAGE, clock.forward(seconds=1))
    assert await spend(budget) == MESSAGES
    await budget.closed(reserved)  # heard of late: it says nothing of what came since
    await budget.contacted("ada", Contact.MESSAGE, clock.forward(seconds=1))
    assert await spend(budget) == MESSAGES


async def test_whoever_left_is_sent_nothing_of_what_was_open_before(budget, clock):
    for contact in (Contact.MESSAGE, Contact.PAYMENT):
        await budget.contacted("ada", contact, clock())
    paid_at = clock()
    await budget.left("ada", clock.forward(seconds=5))
    assert await budget.allowance("ada") == Allowance(0, False)
    await budget.contacted("ada", Contact.EVENT, clock.forward(seconds=5))  # follows again
    await budget.contacted("ada", Contact.PAYMENT, paid_at)  # the shop tells it once more
    await budget.left("ada", paid_at)  # an unfollow of long ago, heard of late
    assert await spend(budget) == EVENTS


async def test_somebody_away_is_reminded_once_until_they_come(budget, clock):
    await budget.contacted("ada", Contact.MESSAGE, clock())
    clock.forward(days=3)
    assert [await budget.may_remind("ada") for _ in range(3)] == [True, False, False]
    await budget.contacted("ada", Contact.EVENT, clock.forward(days=2))
    clock.forward(days=1)
    assert [await budget.may_remind("ada") for _ in range(2)] == [True, False]
    assert [await budget.may_remind("bert") for _ in range(2)] == [True, False]


async def test_nothing_in_redis_says_whose_it_is_and_it_ends(budget, redis, clock):
    await budget.contacted("ada", Contact.MESSAGE, clock())
    await budget.reserve("ada")
    await budget.may_remind("ada")
    keys = await redis.keys("*")
    assert len(keys) == 2
    assert not any(b"ada" in key for key in keys)
    lives = [await redis.ttl(key) for key in keys]
    assert 48 * 3600 < min(lives) <= 49 * 3600
    assert max(lives) <= REMINDED.total_seconds()
    await budget.forget("ada")
    await budget.forget("bert")  # of whom nothing is known
    assert (await budget.allowance("ada")).left == MESSAGES - 1
    reserved = await budget.reserve("ada")  # for the receipt
    assert isinstance(reserved, Reservation)
    await budget.closed(reserved)
    assert max([await redis.ttl(key) for key in await redis.keys("*")]) <= 24 * 3600
    await budget.contacted("ada", Contact.MESSAGE, clock.forward(seconds=1))  # back again
    await budget.reserve("ada")
    assert min([await redis.ttl(key) for key in await redis.keys("*")]) > 48 * 3600


async def test_processes_that_send_at_once_share_one_number(redis, clock):
    budgets = [MessageBudget(redis, MASTER_KEY, clock) for _ in range(4)]
    await budgets[0].contacted("ada", Contact.MESSAGE, clock())
    tried = await asyncio.gather(*(budgets[n % 4].reserve("ada") for n in range(40)))
    assert sum(isinstance(one, Reservation) for one in tried) == MESSAGES


async def test_without_redis_nothing_is_sent(clock):
    async with Redis.from_url("redis://127.0.0.1:1") as nowhere:
        away = MessageBudget(nowhere, MASTER_KEY, clock)
        for call in (
            away.allowance("a"),
            away.reserve("a"),
            away.contacted("a", Contact.EVENT, clock()),
        ):
            with pytest.raises(Unavailable):
                await call


@pytest.mark.parametrize(
    ("kind", "event", "opens"),
    [
        ("text", "", Contact.MESSAGE), ("image", "", Contact.MESSAGE),
        ("event", "CLICK", Contact.EVENT), ("event", "subscribe", Contact.EVENT),
        ("event", "SCAN", Contact.EVENT), ("event", "VIEW", None), ("event", "unsubscribe", None),
        ("event", "LOCATION", None), ("event", "TEMPLATESENDJOBFINISH", None),
    ],
)  # fmt: skip
def test_what_a_callback_opens(kind, event, opens):
    assert contact_of(kind, event) is opens


WAITS = [0.2, 1, 7, 30, 61, 3600, 90000, 172740]
ENDS = ["sent", "killed", "unsent"]
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("contact"), st.sampled_from(Contact), st.integers(0, 40)),
        st.tuples(st.just("send"), st.integers(0, 2), st.sampled_from(ENDS)),
        st.tuples(st.just("wait"), st.sampled_from(WAITS), st.none()),
        st.tuples(st.just("again"), st.none(), st.none()),
    ),
    max_size=40,
)  # fmt: skip


@settings(max_examples=60)
@given(steps=STEPS)
async def test_wechat_never_has_to_refuse(valkey_server, steps):
    """Contacts that we hear of up to 40 s late or twice; messages that are sent, die with their
    process behind the reservation, or surely are not sent."""
    clock, openid = SetClock(START), f"o{next(PEOPLE)}"
    wechat, late, heard = WechatPhones(clock), [], []
    async with Redis.from_url(valkey_server) as redis:
        budget = MessageBudget(redis, MASTER_KEY, clock)
        for what, how, then in steps:
            for at, contact, due in [*late]:
                if due <= clock():
                    late.remove((at, contact, due))
                    heard.append((contact, at))
                    await budget.contacted(openid, contact, at)
            if what == "contact":
                at = clock().replace(microsecond=0)
                wechat[openid].contacted(how, clock())
                late.append((at, how, clock() + timedelta(seconds=then)))
            elif what == "again" and heard:
                await budget.contacted(openid, *heard[-1])
            elif what == "wait":
                clock.forward(seconds=how)
            elif what == "send":
                for kept in range(how, -1, -1):  # more and more of what is left
                    await send_all(budget, wechat, openid, kept, then)
    assert wechat.refused == []


async def send_all(
    budget: MessageBudget, wechat: WechatPhones, openid: str, kept: int, end: str
) -> None:
    """Send whatever the budget allows, at most ten. The first ends as told, the others are sent."""
    for _ in range(10):
        reserved = await budget.reserve(openid, kept)
        if not isinstance(reserved, Reservation):
            return
        if end == "unsent":
            await budget.give_back(reserved)
        elif end == "sent":
            await wechat.send_text(openid, "x")  # raises where we have counted wrongly
        end = "sent"
