"""One contract for both session stores, and what only Redis promises: other processes."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from bot.state.locks import LockTimeout
from bot.state.sessions import MemorySessions, MessageIds, RedisSessions
from handlers.session import Session, SessionStore, StaleSession, State

ME = ("playground", "me")
YOU = ("playground", "you")


@pytest.fixture
async def redis(valkey: str) -> AsyncIterator[Redis]:
    async with Redis.from_url(valkey) as redis:
        yield redis


@pytest.fixture(params=["memory", "valkey"])
def store(request: pytest.FixtureRequest) -> SessionStore:
    if request.param == "memory":
        return MemorySessions()
    return RedisSessions(request.getfixturevalue("redis"), lease=3600)  # nothing ends by itself


async def test_what_was_saved_is_loaded(store: SessionStore):
    assert await store.load(*ME) is None
    saved = Session(State.PHOTOS, {"order": "0a", "page": "2"}, 1)
    await store.save(*ME, saved)
    assert await store.load(*ME) == saved
    assert await store.load(*YOU) is None


async def test_a_save_that_does_not_follow_the_stored_version_is_refused(store: SessionStore):
    await store.save(*ME, Session(State.NEW, {}, 1))
    for version in (0, 1, 3):
        with pytest.raises(StaleSession):
            await store.save(*ME, Session(State.AGREE, {}, version))
    await store.save(*ME, Session(State.AGREE, {}, 2))


async def test_a_first_save_begins_at_one(store: SessionStore):
    with pytest.raises(StaleSession):
        await store.save(*ME, Session(State.NEW, {}, 2))


async def test_of_two_who_loaded_the_same_one_is_refused(store: SessionStore):
    await store.save(*ME, Session(State.NEW, {}, 1))
    both = [Session(state, {}, 2) for state in (State.AGREE, State.PHOTOS)]
    told = await asyncio.gather(*(store.save(*ME, one) for one in both), return_exceptions=True)
    assert sorted(isinstance(one, StaleSession) for one in told) == [False, True]


async def test_dropped_is_forgotten_and_begins_anew(store: SessionStore):
    await store.save(*ME, Session(State.STUDIO, {"order": "0a"}, 1))
    await store.drop(*ME)
    await store.drop(*ME)
    assert await store.load(*ME) is None
    await store.save(*ME, Session(State.NEW, {}, 1))


async def test_changing_what_was_loaded_changes_nothing_stored(store: SessionStore):
    await store.save(*ME, Session(State.NEW, {"page": "1"}, 1))
    loaded = await store.load(*ME)
    assert loaded is not None
    loaded.data["page"] = "9"
    again = await store.load(*ME)
    assert again is not None
    assert again.data == {"page": "1"}


async def test_a_person_is_served_in_turn_and_others_meanwhile(store: SessionStore):
    told: list[str] = []
    served = asyncio.Event()

    async def serve(who: tuple[str, str], name: str) -> None:
        async with store.lock(*who):
            told.append(f"{name} in")
            if name == "x":
                served.set()
            await served.wait()  # the first of mine stays until the other is served
            told.append(f"{name} out")

    await asyncio.gather(serve(ME, "a"), serve(ME, "b"), serve(ME, "c"), serve(YOU, "x"))
    mine = [line for line in told if not line.startswith("x")]
    assert mine == ["a in", "a out", "b in", "b out", "c in", "c out"]
    assert told.index("x in") < told.index("a out")


async def test_a_fault_inside_or_a_cancelled_holder_gives_the_lock_back(store: SessionStore):
    with pytest.raises(ZeroDivisionError):
        async with store.lock(*ME):
            raise ZeroDivisionError
    inside = asyncio.Event()

    async def hold() -> None:
        async with store.lock(*ME):
            inside.set()
            await asyncio.Event().wait()

    holder = asyncio.create_task(hold())
    await inside.wait()
    holder.cancel()
    await asyncio.gather(holder, return_exceptions=True)
    async with asyncio.timeout(20), store.lock(*ME):
        pass


async def test_two_processes_share_the_lock(redis: Redis):
    inside, most = 0, 0

    async def serve(store: RedisSessions) -> None:
        nonlocal inside, most
        async with store.lock(*ME):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0.005)
            inside -= 1

    stores = [RedisSessions(redis) for _ in range(4)]
    await asyncio.gather(*(serve(store) for store in stores for _ in range(5)))
    assert most == 1


async def test_a_dead_holders_lock_dies_after_its_lease(redis: Redis):
    key, began = "eider:lock:person:playground:me", time.monotonic()
    await redis.set(key, "of the dead", px=200)
    async with RedisSessions(redis).lock(*ME):
        assert time.monotonic() - began > 0.19
        assert await redis.get(key) not in (None, b"of the dead")


async def test_a_long_holder_keeps_its_lock_alive(redis: Redis):
    patient = RedisSessions(redis, lease=3.0, patience=30)
    hasty = RedisSessions(redis, lease=3.0, patience=0.3)
    async with patient.lock(*ME):
        for _ in range(2):  # so often it is renewed; the second time reaches beyond the first life
            await _lives_longer(redis, "eider:lock:person:playground:me")
        with pytest.raises(LockTimeout):
            async with hasty.lock(*ME):
                pass
    async with patient.lock(*ME):
        pass


async def _lives_longer(redis: Redis, key: str) -> None:
    """Wait until somebody gives the key more time."""
    left = await redis.pttl(key)
    while (now := await redis.pttl(key)) <= left:
        assert now > 0, "it is gone"
        left = now
        await asyncio.sleep(0.02)


async def test_only_its_holder_releases_a_lock(redis: Redis):
    key = "eider:lock:person:playground:me"
    async with RedisSessions(redis).lock(*ME):
        await redis.set(key, "somebody else's by now")
    assert await redis.get(key) == b"somebody else's by now"


async def test_a_cancelled_waiter_leaves_no_trace(redis: Redis):
    store = RedisSessions(redis, lease=3600)
    async with store.lock(*ME):
        waiter = asyncio.create_task(store.lock(*ME).__aenter__())
        await asyncio.sleep(0)  # the waiter runs until it waits
        waiter.cancel()
        await asyncio.gather(waiter, return_exceptions=True)
    async with asyncio.timeout(20), store.lock(*ME):
        pass
    assert await redis.exists("eider:lock:person:playground:me") == 0


async def test_sessions_do_not_stay_for_ever(redis: Redis):
    await RedisSessions(redis).save(*ME, Session(State.NEW, {}, 1))
    assert 0 < await redis.ttl("eider:session:playground:me") <= 180 * 24 * 3600


async def test_slots_name_the_newest_message(redis: Redis):
    message_ids = MessageIds(redis)
    assert await message_ids.get(*ME, "tally") is None
    await message_ids.put(*ME, "tally", "17")
    await message_ids.put(*ME, "bill", "18")
    await message_ids.put(*ME, "tally", "19")
    assert (await message_ids.get(*ME, "tally"), await message_ids.get(*ME, "bill")) == ("19", "18")
    await message_ids.drop(*ME, "tally")
    assert await message_ids.get(*ME, "tally") is None
    await message_ids.drop(*ME)
    assert await message_ids.get(*ME, "bill") is None
