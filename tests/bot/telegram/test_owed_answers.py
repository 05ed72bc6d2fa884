"""What a killed process owed is said by another one, once."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime

import pytest

from bot.telegram import owed_answers
from bot.telegram.owed_answers import OwedAnswers
from handlers.chat import Incoming, Person, Said
from shop.adapters.memory import MemoryDatabase
from shop.errors import Unavailable
from shop.people import users
from tests.channels import TELEGRAM

NOW = datetime(2026, 11, 28, tzinfo=UTC)


def update(name: str) -> Incoming:
    return Incoming(f"telegram:{name}", Person(TELEGRAM, name, "fr"), NOW, Said("secret words"))


@pytest.fixture
async def database() -> MemoryDatabase:
    """Knows Anna and Bob."""
    database = MemoryDatabase(lambda: NOW)
    async with database.begin() as tx:
        for name in ("anna", "bob"):
            await users.get_or_create(tx, TELEGRAM, name, "fr", NOW)
    return database


async def looks(*processes: OwedAnswers, answer) -> None:
    """Each begins after the other, and looks a few times."""
    tasks = []
    for one in processes:
        tasks.append(asyncio.create_task(one.keep(answer)))
        await asyncio.sleep(0.2)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_it_is_said_once_by_whoever_lives(redis, database, monkeypatch):
    monkeypatch.setattr(owed_answers, "LOOK_SECONDS", 0.02)
    dead, living = OwedAnswers(redis, database), OwedAnswers(redis, database)
    for name in ("anna", "bob", "eve"):  # of Eve nobody knows: she was erased
        await dead.note(update(name))
    await dead.strike(update("bob"))
    await living.note(update("bob"))
    said: list[Incoming] = []
    failures = iter([True])

    async def answer(incoming: Incoming) -> None:
        with suppress(StopIteration):
            if next(failures):
                raise Unavailable
        said.append(incoming)

    others = [OwedAnswers(redis, database) for _ in range(2)]
    await looks(living, *others, answer=answer)
    assert [(one.event_id, one.person.language, one.content) for one in said] == [
        ("telegram:anna", "fr", Said(""))
    ], "after the outage, once, and nothing of what was said is kept"
    async with database.begin() as tx:
        anna = await users.find(tx, TELEGRAM, "anna")
    assert anna is not None
    assert said[0].only_of == anna.id
