"""What every database must do while others write: over memory, SQLite and PostgreSQL alike."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from shop.adapters.database import SqlDatabase
from shop.errors import Duplicate, NotFound, TransactionConflict
from shop.ports import Database, Tx
from shop.records import Currency, Journal, Order, Posting, User
from shop.transactions import ATTEMPTS, run_transaction
from tests.conftest import SetClock
from tests.contracts.records import NOON, journal, order, posting, user


async def add(database: Database, *records: object) -> None:
    async with database.begin() as tx:
        for record in records:
            await tx.add(record)


async def test_whoever_locks_before_looking_is_not_overtaken(database: Database) -> None:
    """As a balance is looked at before it is spent."""
    await add(database, user("u"))

    async def spend() -> None:
        async with database.begin() as tx:
            await tx.get(User, "u", lock=True)
            seen = await tx.total("credits:u", Currency.CREDITS)
            await asyncio.sleep(0)
            await tx.add(posting(f"p{seen}", "credits:u", 1, Currency.CREDITS))

    await asyncio.gather(*(spend() for _ in range(20)))
    async with database.begin() as tx:
        assert await tx.total("credits:u", Currency.CREDITS) == 20


async def test_who_waited_for_a_lock_reads_what_was_committed(database: Database) -> None:
    await add(database, order("o", amount=0))

    async def count_up() -> None:
        async with database.begin() as tx:
            [fresh] = await tx.find(Order, user_id="u", lock=True)
            await asyncio.sleep(0)
            await tx.put(order("o", amount=fresh.amount + 1))
            again = await tx.get(Order, "o", lock=True)
            assert again == order("o", amount=fresh.amount + 1), "its own change"

    await asyncio.gather(*(count_up() for _ in range(20)))
    async with database.begin() as tx:
        assert await tx.get(Order, "o") == order("o", amount=20)


async def test_what_was_locked_and_then_removed_is_gone(database: Database) -> None:
    await add(database, order("o"))
    async with database.begin() as tx:
        assert await tx.get(Order, "o", lock=True)
        await tx.remove(Order, id="o")
        assert await tx.get(Order, "o", lock=True) is None
        with pytest.raises(NotFound):
            await tx.put(order("o"))


async def test_a_name_is_locked_by_one_at_a_time(database: Database) -> None:
    """For what has no row yet: both see that the other was there."""
    seen = []

    async def look_and_add(id: str) -> None:
        async with database.begin() as tx:
            await tx.lock_name("charge:sandbox:1")
            await tx.lock_name("charge:sandbox:1")  # again is nothing
            seen.append(await tx.count(Posting))
            await asyncio.sleep(0)
            await tx.add(posting(id, "till:sandbox", 1))

    await asyncio.gather(*(look_and_add(str(number)) for number in range(8)))
    assert sorted(seen) == list(range(8))


async def test_a_key_is_added_by_one_of_many(database: Database) -> None:
    async def book(id: str) -> bool:
        async with database.begin() as tx:
            try:
                await tx.add(journal(id, key="order:1:sale"))
            except Duplicate:
                return False
            await asyncio.sleep(0)
            return True

    booked = await asyncio.gather(*(book(str(number)) for number in range(8)))
    assert sum(booked) == 1


async def test_a_snapshot_is_of_one_moment_and_only_reads(database: Database) -> None:
    await add(database, order("o"))
    async with database.snapshot() as tx:
        assert await tx.count(Order) == 1
        await asyncio.create_task(add(database, order("later"), journal("j")))
        assert await tx.count(Order) == 1
        assert await tx.count(Journal) == 0
        assert await tx.get(Order, "later") is None
        for forbidden in (
            tx.add(order("x")), tx.put(order("o")), tx.remove(Order, id="o"),
            tx.get(Order, "o", lock=True), tx.get(Order, "o", skip_locked=True),
            tx.find(Order, lock=True), tx.find(Order, skip_locked=True), tx.lock_name("x"),
        ):  # fmt: skip
            with pytest.raises(RuntimeError, match="only reads"):
                await forbidden
        with pytest.raises(RuntimeError, match="inside a transaction"):
            async with database.begin():
                pass
    async with database.begin() as tx:
        assert await tx.count(Order) == 2


async def test_a_snapshot_waits_for_no_writer(database: Database) -> None:
    await add(database, order("o"))

    async def look() -> int:
        async with database.snapshot() as tx:
            return await tx.count(Order)

    async with database.begin() as tx:
        await tx.get(Order, "o", lock=True)
        await tx.add(order("not yet"))
        assert await asyncio.create_task(look()) == 1


@pytest.mark.postgres
async def test_people_do_not_wait_for_each_other(postgres_url: str) -> None:
    """In PostgreSQL; SQLite has one writer at a time."""
    database = SqlDatabase(postgres_url)
    await add(database, user("a", platform_id="a"), user("b", platform_id="b"), order("o"))

    async def skips(kind: type[User] | type[Order], id: str) -> bool:
        async with database.begin() as tx:
            got = await tx.get(kind, id, skip_locked=True)
            found = [one.id for one in await tx.find(kind, skip_locked=True)]
            assert (got is not None) == (id in found)
            return got is None

    async with database.begin() as tx:
        await tx.get(User, "a", lock=True)
        await tx.get(Order, "o", skip_locked=True)
        await tx.add(journal("j"))
        assert await asyncio.create_task(skips(User, "a"))
        assert await asyncio.create_task(skips(Order, "o"))
        assert not await asyncio.create_task(skips(User, "b"))
        await asyncio.create_task(add(database, journal("k")))
    await database.close()


@pytest.mark.postgres
async def test_two_that_wait_for_each_other_both_come_through(postgres_url: str) -> None:
    """A deadlock undoes one of them, and that one is done again."""
    database = SqlDatabase(postgres_url)
    await add(database, order("a", amount=0), order("b", amount=0))
    tries, both = [], asyncio.Barrier(2)

    async def count_up(first: str, second: str, tx: Tx) -> None:
        tries.append(first)
        await tx.get(Order, first, lock=True)
        if len(tries) <= 2:
            await both.wait()
        for id in (second, first):
            fresh = await tx.get(Order, id, lock=True)
            assert fresh is not None
            await tx.put(order(id, amount=fresh.amount + 1))

    await asyncio.gather(
        run_transaction(database, lambda tx: count_up("a", "b", tx)),
        run_transaction(database, lambda tx: count_up("b", "a", tx)),
    )
    assert len(tries) == 3
    async with database.begin() as tx:
        assert [one.amount for one in await tx.find(Order)] == [2, 2]
    await database.close()


async def test_a_conflict_that_stays_is_raised_in_the_end(database: Database) -> None:
    tries = []

    async def conflict(tx: Tx) -> None:
        tries.append(tx)
        await tx.add(order(f"o{len(tries)}"))
        raise TransactionConflict

    with pytest.raises(TransactionConflict):
        await run_transaction(database, conflict)
    assert len(tries) == ATTEMPTS
    async with database.begin() as tx:
        assert await tx.count(Order) == 0


async def test_the_time_is_the_databases_and_stands_still_in_a_transaction(
    database: Database, clock: SetClock
) -> None:
    clock.now = NOON
    async with database.begin() as tx:
        assert await tx.now() == NOON
        clock.forward(seconds=31)
        assert await tx.now() in (NOON, NOON + timedelta(seconds=31))
    async with database.snapshot() as tx:
        assert await tx.now() == NOON + timedelta(seconds=31)


@pytest.mark.postgres
async def test_postgresql_has_a_time_of_its_own(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not that of the machine that asks."""
    monkeypatch.setattr(
        "shop.adapters.database.transactions.utc_now", lambda: NOON - timedelta(days=9)
    )
    database = SqlDatabase(postgres_url)
    before = datetime.now(UTC)
    async with database.begin() as tx:
        now = await tx.now()
        assert await tx.now() == now
    assert before <= now <= datetime.now(UTC)
    assert now.tzinfo is UTC
    await database.close()
