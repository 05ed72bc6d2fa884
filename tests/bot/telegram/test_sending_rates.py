"""Replies as fast as Telegram allows, from several processes, in private and in groups."""

import asyncio
import time
from collections.abc import AsyncIterator
from io import BytesIO

import pytest
from PIL import Image
from redis.asyncio import Redis

from bot.outbound import GroupForbidden, RetryLater, Unreachable
from bot.state.gcra import Rate
from bot.state.sessions import MessageIds, RedisSessions
from bot.telegram.client import Client, open_client
from bot.telegram.outbound import TelegramOutbound
from bot.telegram.rate_limiter import RateLimiter
from handlers.chat import Button, Picture, Say, Show
from tests.bot.telegram.conftest import TOKEN
from tests.botapi import BotApi, Chat, Customer, Failure, Flood, serving, until
from tests.botapi import Rate as Bucket

# Four times as quick as the real ones, in groups ten times.
QUICK = {
    "private": (Rate(0.25, 2),),
    "group": (Rate(0.1, 1), Rate(0.4, 5)),
    "overall": Rate(0.25 / 26, 4),
}
BUTTON = Button("Noir", "style:noir")


def picture(name: str, shade: int = 100) -> Picture:
    out = BytesIO()
    Image.new("RGB", (320, 400), (shade, 80, 80)).save(out, "JPEG")
    return Picture(name, out.getvalue(), "image/jpeg")


def portraits(chat: str) -> Show:
    four = tuple(picture(f"{chat}-{n}", n * 20) for n in range(4))
    return Show(four, "Film noir", ((BUTTON,),))


@pytest.fixture
async def strict() -> AsyncIterator[BotApi]:
    """A Bot API that says 429 to whoever is quicker than that. The grace is for a busy machine,
    where messages that set out in time arrive in a bunch; no pace at all is beyond it.
    """
    flood = Flood(Bucket(4, 1.0, 3), Bucket(20, 6.0, 20), Bucket(120, 1.0, 30), grace=0.8)
    async with serving(BotApi(TOKEN, flood=flood)) as api:
        yield api
    assert api.problems == []


@pytest.fixture
async def outbounds(strict, valkey_url, signer) -> AsyncIterator[list[TelegramOutbound]]:
    """Two processes' worth of them: each with connections of its own."""
    async with (
        Redis.from_url(valkey_url) as one,
        Redis.from_url(valkey_url) as other,
        open_client(TOKEN, strict.url) as client,
        open_client(TOKEN, strict.url) as another,
    ):
        await one.flushall()
        yield [outbound_of(client, one, signer), outbound_of(another, other, signer)]


def outbound_of(client: Client, redis: Redis, signer, patience: float = 20.0, **rates):
    limiter = RateLimiter(redis, **{**QUICK, **rates})
    return TelegramOutbound(
        client, MessageIds(redis), RedisSessions(redis), limiter, signer, patience=patience
    )


async def test_two_processes_that_speak_to_many_never_hear_429(strict, outbounds):
    people = [Customer(strict, 4200 + n) for n in range(6)]
    more = [f"More {n}?" for n in range(6)]

    async def talk(n: int, chat: str) -> None:
        await outbounds[n % 2].send(chat, Say("Working", message_key="s"))
        await outbounds[n % 2].send(chat, Say("Done", message_key="s"))
        await outbounds[(n + 1) % 2].send(chat, portraits(chat))
        for word in more:
            await outbounds[n % 2].send(chat, Say(word))

    await asyncio.gather(*(talk(n, str(each.chat.id)) for n, each in enumerate(people)))
    assert strict.flood.refusals == 0
    for each in people:
        assert each.texts() == ["Done", *[""] * 4, "Film noir", *more]


async def test_a_crowd_that_presses_is_answered_by_the_pace_that_its_messages_have(
    strict, outbounds
):
    """Both count what the double counts: it refuses neither a message nor an answer."""
    people = [Customer(strict, 4200 + n) for n in range(60)]
    queries = [f"{n:019}" for n in range(240)]
    strict.open_queries.update(queries)
    await asyncio.gather(
        *(outbounds[n % 2].send(str(each.chat.id), Say("Yes?")) for n, each in enumerate(people)),
        *(outbounds[n % 2].acknowledge(query) for n, query in enumerate(queries)),
    )
    assert strict.flood.refusals == 0
    assert all(each.texts() == ["Yes?"] for each in people)
    assert len(strict.made("answerCallbackQuery")) == len(strict.answered) == len(queries)


async def test_a_group_hears_twenty_a_minute_at_most(strict, outbounds):
    group = strict.chats[-100] = Chat(-100, "supergroup")
    started = time.monotonic()
    for n in range(8):
        await outbounds[n % 2].send("-100", Say(str(n)))
    assert time.monotonic() - started > (8 - 5) * 0.4 - 0.05
    assert strict.flood.refusals == 0
    assert [shown.text for shown in group.shown] == [str(n) for n in range(8)]


async def test_replies_of_one_chat_keep_their_order_while_they_wait(
    api, client, redis, signer, naps
):
    one, other = Customer(api, 4201), Customer(api, 4202)
    speaks = outbound_of(client, redis, signer, private=(Rate(0.2, 2),), sleep=naps)
    words = [f"word {n}" for n in range(8)]
    started = time.monotonic()
    naps.gate = asyncio.Event()
    talk = [asyncio.create_task(speaks.send("4201", Say(word))) for word in words]
    await until(lambda: any(seconds > 0.1 for seconds in naps.asked))
    await speaks.send("4202", Say("at once"))
    assert other.texts() == ["at once"]
    assert len(one.texts()) < len(words), "the other did not wait for them"
    naps.gate.set()
    naps.gate = None
    await asyncio.gather(*talk)
    assert one.texts() == words
    assert time.monotonic() - started > (8 - 2) * 0.2 - 0.03


async def test_where_the_turn_is_far_off_one_comes_back_later(api, client, redis, signer):
    customer = Customer(api, 4201)
    speaks = outbound_of(client, redis, signer, patience=0.2, private=(Rate(600.0, 1),))
    await speaks.send("4201", Say("one"))
    with pytest.raises(RetryLater) as later:
        await speaks.send("4201", Say("two"))
    assert 300 < later.value.after <= 600
    assert customer.texts() == ["one"]


async def test_who_comes_back_as_late_as_told_gets_through(api, client, redis, signer):
    customer = Customer(api, 4201)
    speaks = outbound_of(client, redis, signer, patience=0.0, private=(Rate(0.5, 1),))
    await speaks.send("4201", Say("one"))
    try:
        await speaks.send("4201", Say("two"))
    except RetryLater as later:
        await asyncio.sleep(later.after)
        await speaks.send("4201", Say("two"))
    assert customer.texts() == ["one", "two"]


async def test_without_room_a_courtesy_is_left_out_and_the_picture_is_not(
    api, client, redis, signer
):
    customer = Customer(api, 4201)

    async def at_once(seconds: float) -> None:
        """Nobody waits for the turn."""

    speaks = outbound_of(
        client, redis, signer, patience=1e6, overall=Rate(3600.0, 1), sleep=at_once
    )
    await speaks.send("4201", Say("one"))
    await speaks.send("4201", Show((picture("p1"),), ""))
    assert len(customer.chat.shown) == 2
    assert not api.made("sendChatAction")


async def test_a_429_that_the_pace_did_not_foresee_closes_the_chat_for_both_processes(
    api, client, redis, signer
):
    customer = Customer(api, 4201)
    speaks = [outbound_of(client, redis, signer, patience=0.3) for _ in range(2)]
    api.fail("sendMessage", Failure(429, "Too Many Requests", retry_after=3000))
    for each in speaks:
        with pytest.raises(RetryLater) as later:
            await each.send("4201", Say("x"))
        assert 2000 < later.value.after <= 3000
    assert len(api.made("sendMessage")) == 1
    await speaks[1].send(str(Customer(api, 4202).chat.id), Say("y"))
    assert customer.texts() == []


async def test_a_redis_that_is_away_asks_to_come_back(api, client, signer, tmp_path):
    customer = Customer(api, 4201)
    async with Redis.from_url(f"unix://{tmp_path}/nothing.sock") as away:
        with pytest.raises(RetryLater):
            await outbound_of(client, away, signer).send("4201", Say("x"))
    assert customer.texts() == []


# Groups


async def test_a_group_that_became_another_is_followed(api, outbound, message_ids):
    api.chats[-100] = Chat(-100, "group", became=-200)
    api.chats[-200] = Chat(-200, "supergroup")
    await message_ids.put("telegram", "-100", "s", "words:1")
    await outbound.send("-100", Say("Hello", message_key="s"))
    await outbound.send("-200", Say("Hello again", message_key="s"))
    assert [shown.text for shown in api.chats[-200].shown] == ["Hello again"]
    assert await message_ids.get("telegram", "-100", "s") is None


@pytest.mark.parametrize("standing", ["left", "kicked"])
async def test_a_group_that_the_bot_is_out_of_is_closed_and_nobody_unreachable(
    api, outbound, standing
):
    api.chats[-100] = Chat(-100, "supergroup", standing=standing)
    with pytest.raises(GroupForbidden):
        await outbound.send("-100", Say("Hello"))
    assert not issubclass(GroupForbidden, Unreachable)


@pytest.mark.parametrize(
    ("status", "why"),
    [
        (400, "Bad Request: not enough rights to send photos to the chat"),
        (400, "Bad Request: CHAT_WRITE_FORBIDDEN"),
        (400, "Bad Request: have no rights to send a message"),
        (400, "Bad Request: chat not found"),
        (403, "Forbidden: the group chat was deleted"),
    ],
)
async def test_a_group_where_the_bot_may_not_speak_is_closed(api, outbound, status, why):
    api.chats[-100] = Chat(-100, "supergroup")
    api.fail("sendPhoto", Failure(status, why))
    with pytest.raises(GroupForbidden):
        await outbound.send("-100", Show((picture("p1"),), ""))
