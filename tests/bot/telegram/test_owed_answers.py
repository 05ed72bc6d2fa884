"""What a killed process owed is said by another one, once."""

import asyncio
import json
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.telegram import owed_answers
from bot.telegram.owed_answers import OwedAnswers
from handlers.chat import Incoming, Person, Said
from handlers.senders import NOBODY
from shop import inbox
from shop.adapters.memory import MemoryDatabase
from shop.errors import Unavailable
from shop.people import users
from tests.channels import TELEGRAM
from tests.keys import MASTER_KEY

NOW = datetime(2026, 11, 28, tzinfo=UTC)


def update(name: str, number: int = 1) -> Incoming:
    event = f"telegram:{name}" if number == 1 else f"telegram:{name}:{number}"
    at = NOW + timedelta(seconds=number)
    return Incoming(event, Person(TELEGRAM, name, "fr"), at, Said("secret words"))


@pytest.fixture
async def database() -> MemoryDatabase:
    """Knows Anna and Bob, and has stored their updates and Eve's."""
    database = MemoryDatabase(lambda: NOW)
    async with database.begin() as tx:
        for name in ("anna", "anna:2", "bob", "eve"):
            await inbox.already_processed(tx, f"telegram:{name}", NOW)
        for name in ("anna", "bob"):
            await users.get_or_create(tx, TELEGRAM, name, "fr", NOW)
    return database


async def looks(*processes: OwedAnswers, answer) -> None:
    """Each begins after the other, and looks a few times; what was answered is struck."""

    def sending(one: OwedAnswers):
        async def send(incoming: Incoming, below: int) -> bool:
            await answer(incoming)
            await one.strike(incoming)
            return True

        return send

    tasks = []
    for one in processes:
        tasks.append(asyncio.create_task(one.keep(sending(one))))
        await asyncio.sleep(0.2)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_it_is_said_once_by_whoever_lives(redis, database, monkeypatch):
    monkeypatch.setattr(owed_answers, "LOOK_SECONDS", 0.02)
    dead, living = (
        OwedAnswers(redis, database, MASTER_KEY),
        OwedAnswers(redis, database, MASTER_KEY),
    )
    for name in ("anna", "bob", "eve"):  # of Eve nobody knows: she was erased
        await dead.note(update(name), 0)
    await dead.strike(update("bob"))
    await living.note(update("bob"), 0)
    said: list[Incoming] = []
    failures = iter([True])

    async def answer(incoming: Incoming) -> None:
        with suppress(StopIteration):
            if next(failures):
                raise Unavailable
        said.append(incoming)

    others = [OwedAnswers(redis, database, MASTER_KEY) for _ in range(2)]
    await looks(living, *others, answer=answer)
    assert [(one.event_id, one.person.language, one.content) for one in said] == [
        ("telegram:anna", "fr", Said(""))
    ], "after the outage, once, and nothing of what was said is kept"
    async with database.begin() as tx:
        anna = await users.find(tx, TELEGRAM, "anna")
    assert anna is not None
    assert said[0].only_of == anna.id


async def test_who_ends_while_it_says_what_others_owed_leaves_it_to_the_next(
    redis, database, monkeypatch
):
    monkeypatch.setattr(owed_answers, "LOOK_SECONDS", 0.02)
    dead, ending, living = (OwedAnswers(redis, database, MASTER_KEY) for _ in range(3))
    for name in ("anna", "bob"):
        await dead.note(update(name), 0)
    said: list[str] = []

    async def hangs(incoming: Incoming) -> None:
        await asyncio.Event().wait()

    async def answer(incoming: Incoming) -> None:
        said.append(incoming.event_id)

    await looks(ending, answer=hangs)
    await looks(living, answer=answer)
    assert sorted(said) == ["telegram:anna", "telegram:bob"]
    assert await redis.hlen("eider:telegram:owed_answers") == 0


async def test_several_of_one_person_are_one_message(redis, database, monkeypatch):
    """Unless something is to be said once; to somebody who was erased that is all that is said."""
    monkeypatch.setattr(owed_answers, "LOOK_SECONDS", 0.02)
    dead, living = (
        OwedAnswers(redis, database, MASTER_KEY),
        OwedAnswers(redis, database, MASTER_KEY),
    )
    async with database.begin() as tx:
        for event in ("anna:3", "anna:5", "eve:2"):
            await inbox.already_processed(tx, f"telegram:{event}", NOW)
        for event in ("anna:2", "eve"):
            await inbox.keep_words(tx, f"telegram:{event}", b"sealed")
    for number in (5, 2, 3, 1, 6):  # the sixth was never stored
        await dead.note(update("anna", number), below=40 + number)
    for number in (1, 2):
        await dead.note(update("eve", number), below=7)
    said: list[tuple[str, int, bool]] = []

    async def answer(incoming: Incoming, below: int) -> bool:
        said.append((incoming.event_id, below, incoming.only_of == NOBODY))
        return False

    keeping = asyncio.create_task(living.keep(answer))
    await asyncio.sleep(0.2)
    assert sorted(said) == [
        ("telegram:anna:2", 42, False),
        ("telegram:anna:5", 45, False),
        ("telegram:eve", 7, True),
    ]
    assert await redis.hlen("eider:telegram:owed_answers") == 0
    keeping.cancel()
    await asyncio.gather(keeping, return_exceptions=True)


async def test_what_others_write_there_is_not_believed(redis, database, monkeypatch):
    """Who can write to Redis makes no update vanish (it would be taken for stored), has nobody
    written to, and ends no process's signs of life."""
    monkeypatch.setattr(owed_answers, "LOOK_SECONDS", 0.02)
    dead, living = (
        OwedAnswers(redis, database, MASTER_KEY),
        OwedAnswers(redis, database, MASTER_KEY),
    )
    odd = ["nope", "7", "[]", '["telegram", "anna", "fr", "noon"]', "[" * 9999, "{}"]
    for number, what in enumerate(odd):
        await redis.hset("eider:telegram:owed_answers", f"dead {number}", what)
    await redis.hset("eider:telegram:owed_answers", b"dead \xff", odd[3])
    await dead.note(update("anna", 3), 0)  # an update that is yet to come
    forged = OwedAnswers(redis, database, bytes(32))  # whoever lacks our key
    await forged.note(update("anna", 2), 0)
    await dead.note(replace(update("bob"), event_id="telegram:eve"), 0)
    field = next(
        one for one in await redis.hgetall("eider:telegram:owed_answers") if b"telegram:eve" in one
    )
    what = json.loads(await redis.hget("eider:telegram:owed_answers", field))
    what[1] = "anna"  # another's answer, to her
    await redis.hset("eider:telegram:owed_answers", field, json.dumps(what))
    await dead.note(update("bob"), 0)
    said: list[Incoming] = []

    async def answer(incoming: Incoming) -> None:
        said.append(incoming)
        assert await redis.keys("eider:telegram:answering:*")

    await looks(living, answer=answer)
    assert [one.event_id for one in said] == ["telegram:bob"]
    assert await redis.hlen("eider:telegram:owed_answers") == 0
    async with database.snapshot() as tx:
        assert not await inbox.was_processed(tx, "telegram:anna:3")


async def test_what_redis_did_not_hear_is_struck_later(redis, database, monkeypatch):
    """Or the next process would say it again at this one's end."""
    monkeypatch.setattr(owed_answers, "LOOK_SECONDS", 0.02)
    process = OwedAnswers(redis, database, MASTER_KEY)
    await process.note(update("anna"), 0)
    with monkeypatch.context() as away:
        away.setattr(redis, "hdel", _refused)
        with pytest.raises(Unavailable):
            await process.strike(update("anna"))

    async def answer(incoming: Incoming) -> None:
        raise AssertionError(incoming.event_id)

    await looks(process, answer=answer)
    assert await redis.hlen("eider:telegram:owed_answers") == 0


async def _refused(*_: object) -> int:
    raise ConnectionError


async def test_what_brings_no_answer_is_owed_no_more(redis, database, monkeypatch):
    monkeypatch.setattr(owed_answers, "LOOK_SECONDS", 0.02)
    dead, living = (
        OwedAnswers(redis, database, MASTER_KEY),
        OwedAnswers(redis, database, MASTER_KEY),
    )
    for name in ("anna", "bob"):
        await dead.note(update(name), 0)

    async def answer(incoming: Incoming, _: int) -> bool:
        return incoming.event_id == "telegram:bob"  # whose answer is on its way

    keeping = asyncio.create_task(living.keep(answer))
    await asyncio.sleep(0.2)
    assert await redis.hlen("eider:telegram:owed_answers") == 1
    await living.strike(update("bob"))
    assert await redis.hlen("eider:telegram:owed_answers") == 0
    keeping.cancel()
    await asyncio.gather(keeping, return_exceptions=True)
