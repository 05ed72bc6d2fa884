"""Redis is stopped, or has no memory left, while people write, pay and look on."""

import asyncio
from contextlib import suppress
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot.outbox.worker import deliver
from bot.playground import PLAYGROUND
from bot.playground.driver import open_chat
from shop.jobs import outbox
from shop.people import users
from shop.records import Charge, OrderState, OutboxMessage, OutboxState
from tests.bot.playground_requests import AGREE, event, greet, posted
from tests.bot.raw_http import connected
from tests.bot.sandbox_purchases import billed, now_of, posted_status
from tests.doubles import photo
from tests.redis_server import RedisServer


@pytest.fixture
async def server(tmp_path: Path):
    async with RedisServer(tmp_path) as server:
        yield server


@pytest.fixture
def valkey(server: RedisServer) -> str:
    """This test's own, for the container."""
    return server.url


@pytest.fixture(params=["stopped", "full"])
async def outage(request, server: RedisServer):
    """Begins the outage when called, and ends it at the second call."""
    steps = {
        "stopped": [server.stop, server.start],
        "full": [server.fill, server.empty],
    }[request.param]

    async def step() -> None:
        await steps.pop(0)()

    yield step
    if len(steps) == 1:  # a test that failed in the middle
        await step()


async def test_what_people_send_is_503_and_is_taken_afterwards(container, base, http, outage):
    order = await billed(container, "anna")
    paid = await container.cashier.till.pay(order.bill)
    async with open_chat(base, "en") as chat:
        await greet(chat)
        for action in AGREE:
            await chat.press(action)
        posts = {
            "say": {"json": {"event": event(), "text": "hello"}},
            "press": {"json": {"event": event(), "action": "terms"}},
            f"photo?event={event()}&album={event()}": {"data": photo(3)},
        }
        with capture_logs() as logged:
            await outage()
            for path, body in posts.items():
                assert await posted(chat.http, base, path, **body) == 503, path
            assert await posted_status(http, base, paid) == 200, "a payment asks no Redis"
            async with chat.http.get(f"{base}/playground") as answer:
                assert answer.status == 503
                assert answer.headers["Retry-After"] == "5"
        assert not [one for one in logged if one.get("exc_info")], "no traceback"
        assert {one["why"] for one in logged if one["event"] == "web_unavailable"} == {
            "redis does not answer"
        }
        assert [one["event"] for one in logged].count("payment_booked") == 1
        assert (await now_of(container, order)).state is OrderState.PAID
        await outage()
        for path, body in posts.items():
            assert await posted(chat.http, base, path, **body) == 200, path
        assert await posted_status(http, base, paid) == 200
    async with container.database.begin() as tx:
        assert await tx.count(Charge) == 1


async def test_an_open_stream_ends_whole_and_the_page_comes_back(container, base, server):
    """Never a second answer inside of the first; a page that connects again hears what comes."""
    async with open_chat(base, "en") as chat:
        await greet(chat)
        cookies = "; ".join(f"{one.key}={one.value}" for one in chat.http.cookie_jar)
        async with connected(base) as (reader, writer):
            head = f"Host: {base.removeprefix('http://')}\r\nCookie: {cookies}\r\n\r\n"
            writer.write(f"GET /playground/stream HTTP/1.1\r\n{head}".encode())
            received = await reader.readuntil(b"event: snapshot")
            await server.stop()
            with suppress(asyncio.IncompleteReadError, ConnectionError):
                received += await reader.readuntil(b"\r\n0\r\n\r\n")
        assert received.count(b"HTTP/1.1 ") == 1
        async with chat.http.get(f"{base}/playground/stream") as answer:
            assert answer.status == 503
            assert answer.headers["Retry-After"] == "5"
        await server.start()
        known = len(chat.messages)
        await chat.say("/help")
        await chat.wait(lambda seen: "/mydata" in seen.text)
        assert len(chat.messages) > known


async def test_the_courier_waits_and_goes_on(container, outage):
    """What is left meanwhile is delivered afterwards, by the same process."""

    async def left() -> OutboxMessage:
        async with container.database.begin() as tx:
            now = container.clock()
            user = await users.get_or_create(tx, PLAYGROUND, "anna", "en", now)
            return await outbox.notify(tx, user.id, "granted", now, credits=3)

    async def done(message: OutboxMessage) -> None:
        async with asyncio.timeout(60):
            while True:
                async with container.database.begin() as tx:
                    found = await tx.get(OutboxMessage, message.id)
                if found is None or found.state is OutboxState.DONE:
                    return
                with suppress(Exception):
                    await container.flusher.flush()
                await asyncio.sleep(0.05)

    stop = asyncio.Event()
    with capture_logs() as logged:
        courier = asyncio.create_task(deliver(container, stop))
        await done(await left())
        await outage()
        waiting = await left()
        async with asyncio.timeout(60):
            while not [one for one in logged if one["event"] == "signals_unheard"]:
                await asyncio.sleep(0.02)
        assert not courier.done()
        await outage()
        await done(waiting)
        assert not courier.done()
        stop.set()
        await courier
    assert not [one for one in logged if one.get("exc_info")], "no traceback"
