"""Open streams: they hear every change over one connection, and are not too many."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import ClientSession, ClientTimeout, CookieJar, TCPConnector
from redis.asyncio import Redis

from bot.playground.hub import STREAMS_PER_PERSON, ChangesHub, Crowded, End, StreamPlaces
from bot.playground.outbound import PlaygroundOutbound
from bot.playground.routes import COOKIE
from bot.playground.signed_cookie import SignedCookie
from bot.playground.stream import read
from bot.playground.transcript import Forgotten, Shown, Transcript, channel_of
from handlers.chat import Say
from shop.adapters import wake_up_arq
from tests.bot.playground_requests import event, posted

ME = "me"
STREAMS = 115  # as many as one cookie once opened, each with a connection of its own


@pytest.fixture
async def redis(valkey: str) -> AsyncIterator[Redis]:
    """As the product connects: its retries included."""
    redis = await wake_up_arq.connect(valkey)
    yield redis
    await redis.aclose()


@pytest.fixture
def transcript(redis: Redis) -> Transcript:
    return Transcript(redis)


@pytest.fixture
async def hub(redis: Redis, transcript: Transcript) -> AsyncIterator[ChangesHub]:
    hub = ChangesHub(redis, transcript)
    yield hub
    await hub.close()


@pytest.fixture
def outbound(transcript: Transcript) -> PlaygroundOutbound:
    return PlaygroundOutbound(transcript)


async def test_changes_of_another_process_are_heard_in_order(outbound, transcript, hub):
    await outbound.send(ME, Say("before"))
    _, cursor = await transcript.snapshot(ME)
    async with asyncio.timeout(20), aclosing(hub.follow(ME, cursor)) as changes:
        await outbound.send(ME, Say("one", message_key="s"))
        first = await anext(changes)
        await outbound.send(ME, Say("two", message_key="s"))
        second = await anext(changes)
        await outbound.forget(ME, datetime.now(UTC) + timedelta(seconds=1))
        third = await anext(changes)
    assert isinstance(first, Shown)
    assert isinstance(second, Shown)
    assert (first.message.text, second.message.text) == ("one", "two")
    assert (first.id, first.at) == (second.id, second.at)
    assert isinstance(third, Forgotten)


async def test_what_no_message_told_is_found_at_the_next_beat(redis, outbound, transcript):
    hub = ChangesHub(redis, transcript, beat_seconds=0.05)
    async with asyncio.timeout(20), aclosing(hub.follow(ME, "0")) as changes:
        assert await anext(changes) is None
        (place,) = await redis.pubsub_channels("*")
        changes_key = place.decode()
        body = Say("silent")
        await outbound.send("somebody else", body)
        # The same entry, without an announcement: as when the subscription lost it.
        _, fields = (await redis.xrange(channel_of("somebody else")))[0]
        await redis.xadd(changes_key, fields)
        while (heard := await anext(changes)) is None:
            pass
    assert isinstance(heard, Shown)
    assert heard.message.text == "silent"
    await hub.close()


async def test_the_oldest_of_a_persons_streams_gives_way(outbound, transcript, hub):
    async with AsyncExitStack() as stack:
        streams = [hub.follow(ME, "0") for _ in range(STREAMS_PER_PERSON + 1)]
        waits = [asyncio.create_task(anext(one)) for one in streams]
        for one in streams:
            stack.push_async_callback(one.aclose)
        async with asyncio.timeout(20):
            assert await waits[0] is End.SUPERSEDED
            await outbound.send(ME, Say("hello"))
            rest = await asyncio.gather(*waits[1:])
        assert {one.message.text for one in rest} == {"hello"}


async def test_a_stream_ends_when_redis_goes_and_another_can_begin(redis, outbound, transcript):
    class Deaf(Transcript):
        """Whose Redis is away for a moment."""

        is_away = True

        async def changes(self, chat, cursor):
            if self.is_away:
                raise ConnectionError
            return await super().changes(chat, cursor)

    deaf = Deaf(redis)
    hub = ChangesHub(redis, deaf)
    async with asyncio.timeout(20):
        assert [one async for one in hub.follow(ME, "0")] == [End.LOST]
        deaf.is_away = False
        async with aclosing(hub.follow(ME, "0")) as changes:
            await outbound.send(ME, Say("again"))
            assert (await anext(changes)).message.text == "again"
    await hub.close()


async def test_a_broken_subscription_loses_nothing(redis, outbound, hub):
    """Redis closes it: it is made again, or its streams end and the pages connect again."""
    heard = []
    async with asyncio.timeout(30):
        cursor = "0"
        await outbound.send(ME, Say("0"))
        number = 0
        while number < 3:
            async with aclosing(hub.follow(ME, cursor)) as changes:
                async for news in changes:
                    if news is End.LOST:
                        break
                    if not isinstance(news, Shown):
                        continue
                    heard.append(news.message.text)
                    _, cursor = await Transcript(redis).snapshot(ME)
                    number += 1
                    if number == 3:
                        break
                    await redis.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
                    await outbound.send(ME, Say(str(number)))
    assert heard == ["0", "1", "2"]


def test_streams_have_a_number_of_places():
    places = StreamPlaces(3, 2)
    with places.take("a"), places.take("a"):
        with pytest.raises(Crowded) as of_client, places.take("a"):
            pass
        with places.take("b"), pytest.raises(Crowded) as of_all, places.take("c"):
            pass
    assert (of_client.value.of_client, of_all.value.of_client) == (True, False)
    with places.take("a"), places.take("c"):
        pass


class TestOverHttp:
    @pytest.fixture
    def env(self, env: dict[str, str]) -> dict[str, str]:
        return env | {"EIDER_CONNECTIONS_PER_ADDRESS": str(2 * STREAMS)}

    async def test_all_streams_share_a_few_connections_to_redis(self, base, container):
        cookies = SignedCookie(container.settings.signing_key)
        people = [cookies.stranger() for _ in range(-(-STREAMS // STREAMS_PER_PERSON))]
        before = len(await container.redis.client_list())
        async with AsyncExitStack() as stack:
            http = await stack.enter_async_context(unlimited())

            async def opened(person: str):
                cookie = {"Cookie": f"{COOKIE}={cookies.cookie(person)}"}
                answer = await http.get(f"{base}/playground/stream", headers=cookie)
                assert answer.status == 200
                stack.push_async_callback(closed, answer)
                events = read(answer.content)
                assert (await anext(events))[0] == "snapshot"
                return events

            people_of_streams = [people[n // STREAMS_PER_PERSON] for n in range(STREAMS)]
            async with asyncio.timeout(60):
                streams = await asyncio.gather(*map(opened, people_of_streams))
                outbound = PlaygroundOutbound(Transcript(container.redis))
                for person in people:
                    await outbound.send(person, Say(f"hello {person}"))
                heard = await asyncio.gather(*(anext(one) for one in streams))
            held = len(await container.redis.client_list()) - before
        texts = [data["text"] for _, data in heard]
        assert texts == [f"hello {person}" for person in people_of_streams]
        assert held <= 4  # the subscription, two readers, and this test's own

    async def test_an_address_has_a_number_of_streams(self, base, container):
        cookies = SignedCookie(container.settings.signing_key)
        async with AsyncExitStack() as stack:
            http = await stack.enter_async_context(unlimited())
            for number in range(STREAMS + 1):
                cookie = {"Cookie": f"{COOKIE}={cookies.cookie(cookies.stranger())}"}
                answer = await http.get(f"{base}/playground/stream", headers=cookie)
                stack.push_async_callback(closed, answer)
                assert answer.status == (200 if number < STREAMS else 429)
            assert answer.headers["Retry-After"] == "10"


async def test_an_older_window_is_told_to_wait(base, http):
    await http.get(f"{base}/playground")
    async with AsyncExitStack() as stack:
        answers = []
        for _ in range(STREAMS_PER_PERSON + 1):
            answer = await http.get(f"{base}/playground/stream", timeout=ClientTimeout(total=None))
            stack.push_async_callback(closed, answer)
            answers.append(read(answer.content))
        async with asyncio.timeout(20):
            names = [name async for name, _ in answers[0]]  # it ends by itself
            assert names[-1] == "superseded"
            assert await posted(http, base, "say", json={"event": event(), "text": "/start"}) == 200
            async for name, _ in answers[-1]:
                if name == "shown":
                    break


async def test_a_stream_that_redis_leaves_ends_as_a_whole_answer(base, http, container):
    """And not with a second answer in the middle of the first."""
    await http.get(f"{base}/playground")
    async with http.get(f"{base}/playground/stream") as answer, asyncio.timeout(20):
        events = read(answer.content)
        assert (await anext(events))[0] == "snapshot"
        original = container.redis.xrange

        async def gone(*_: object, **__: object) -> None:
            raise ConnectionError

        container.redis.xrange = gone
        assert await posted(http, base, "say", json={"event": event(), "text": "/start"}) == 200
        assert [name async for name, _ in events] == []  # it ended, and was complete
        container.redis.xrange = original
    async with http.get(f"{base}/playground/stream") as answer:
        assert answer.status == 200


def unlimited() -> ClientSession:
    return ClientSession(
        connector=TCPConnector(limit=0), cookie_jar=CookieJar(), timeout=ClientTimeout(total=None)
    )


async def closed(answer) -> None:
    answer.close()
