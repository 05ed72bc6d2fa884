"""What every database must do: over memory, SQLite and PostgreSQL alike."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from shop.adapters.database.statements import split_where
from shop.errors import Duplicate, NotAllowed, NotFound
from shop.ports import Above, Below, Database, OneOf, Tx
from shop.records import (
    RECORDS,
    AuditEntry,
    Charge,
    Currency,
    Journal,
    KeyId,
    Order,
    OrderId,
    OrderState,
    Posting,
    ProcessedEvent,
    SealedKey,
    User,
)
from tests.channels import TELEGRAM
from tests.contracts.records import NOON, any_record, journal, order, posting, user


class Undo(Exception):
    """Raised to roll back."""


@asynccontextmanager
async def undone(database: Database) -> AsyncIterator[Tx]:
    """A transaction that fails at its end."""
    try:
        async with database.begin() as tx:
            yield tx
            raise Undo
    except Undo:
        pass


@pytest.mark.parametrize("kind", RECORDS)
@settings(
    max_examples=10,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
async def test_whatever_goes_in_comes_out(
    database: Database, kind: type[Any], data: st.DataObject
) -> None:
    first, second = (data.draw(any_record(kind)) for _ in range(2))
    async with undone(database) as tx:
        await tx.add(first)
        assert await tx.get(kind, first.id) == first
        assert await tx.find(kind) == [first]
        if kind not in (Journal, Posting, Charge, AuditEntry):
            await tx.put(replace(second, id=first.id))
            assert await tx.get(kind, first.id, lock=True) == replace(second, id=first.id)


async def test_a_commit_stays_and_a_failure_leaves_nothing(database: Database) -> None:
    async with database.begin() as tx:
        await tx.add(order("kept"))
    async with undone(database) as tx:
        await tx.add(order("lost"))
        await tx.put(order("kept", state=OrderState.PAID))
        await tx.add(journal("j"))
    async with database.begin() as tx:
        assert await tx.find(Order) == [order("kept")]
        assert await tx.count(Journal) == 0


async def test_a_failure_brings_back_what_was_removed(database: Database) -> None:
    async with database.begin() as tx:
        await tx.add(SealedKey(KeyId("k"), b"wrapped", NOON))
    async with undone(database) as tx:
        assert await tx.remove(SealedKey, id="k") == 1
    async with database.begin() as tx:
        assert await tx.get(SealedKey, "k") == SealedKey(KeyId("k"), b"wrapped", NOON)


async def test_a_cancelled_transaction_leaves_nothing_and_blocks_nobody(database: Database) -> None:
    entered = asyncio.Event()

    async def never_ends() -> None:
        async with database.begin() as tx:
            await tx.add(order("o"))
            entered.set()
            await asyncio.Event().wait()

    async def waits() -> None:
        async with database.begin():
            raise AssertionError("the holder is not done")

    holder = asyncio.create_task(never_ends())
    await entered.wait()
    waiter = asyncio.create_task(waits())
    await asyncio.sleep(0)  # the waiter runs until it waits
    waiter.cancel()
    holder.cancel()
    await asyncio.wait({holder, waiter})
    assert holder.cancelled()
    assert waiter.cancelled()
    async with database.begin() as tx:
        assert await tx.count(Order) == 0


async def test_one_that_is_cancelled_anywhere_is_whole_or_undone(database: Database) -> None:
    async def add_two(name: str) -> None:
        async with database.begin() as tx:
            await tx.add(ProcessedEvent(f"{name}, first", NOON))
            await tx.add(ProcessedEvent(f"{name}, second", NOON))

    for turns in range(0, 120, 3):
        adding = asyncio.create_task(add_two(f"{turns}"))
        for _ in range(turns):
            await asyncio.sleep(0)
        adding.cancel()
        await asyncio.wait({adding})
        async with database.begin() as tx:
            both = [await tx.get(ProcessedEvent, f"{turns}, {one}") for one in ("first", "second")]
            await tx.add(ProcessedEvent(f"{turns}, after", NOON))
        assert all(both) or (adding.cancelled() and not any(both))
        async with database.snapshot() as tx:
            assert await tx.get(ProcessedEvent, f"{turns}, after")


async def test_the_same_id_is_refused_and_the_transaction_stays_usable(database: Database) -> None:
    async with database.begin() as tx:
        await tx.add(ProcessedEvent("telegram:1", NOON))
        with pytest.raises(Duplicate):
            await tx.add(ProcessedEvent("telegram:1", NOON + timedelta(1)))
        await tx.add(ProcessedEvent("telegram:2", NOON))
    async with database.begin() as tx:
        assert [event.id for event in await tx.find(ProcessedEvent)] == ["telegram:1", "telegram:2"]
        assert (await tx.find(ProcessedEvent, id="telegram:1"))[0].at == NOON
        with pytest.raises(Duplicate):
            await tx.add(ProcessedEvent("telegram:2", NOON))


async def test_a_journal_key_is_booked_once(database: Database) -> None:
    async with database.begin() as tx:
        await tx.add(journal("a", key="order:1:paid"))
        with pytest.raises(Duplicate):
            await tx.add(journal("b", key="order:1:paid"))
        assert await tx.count(Journal) == 1


async def test_a_person_is_met_once_until_erased(database: Database) -> None:
    async with database.begin() as tx:
        await tx.add(user("first", platform_id="42"))
        await tx.add(user("elsewhere", platform_id="42", platform=TELEGRAM))
        with pytest.raises(Duplicate):
            await tx.add(user("second", platform_id="42"))
        await tx.put(user("first", platform_id="42", erased_at=NOON))
        await tx.add(user("second", platform_id="42"))
        with pytest.raises(Duplicate):
            await tx.put(user("first", platform_id="42"))
        assert (await tx.get(User, "first")) == user("first", platform_id="42", erased_at=NOON)
        await tx.put(user("first", platform_id="43"))


async def test_what_is_not_there(database: Database) -> None:
    async with database.begin() as tx:
        assert await tx.get(Order, "none") is None
        assert await tx.get(Order, "none", lock=True) is None
        assert await tx.find(Order, user_id="none", lock=True) == []
        assert await tx.remove(Order, id="none") == 0
        with pytest.raises(NotFound):
            await tx.put(order("none"))
        assert await tx.total("nobody", Currency.CNY) == 0
        assert await tx.totals() == {}


def test_lists_of_any_length_share_few_statements():
    """Each is compiled, and kept by every process and connection."""
    wheres = ({"id": OneOf([str(n) for n in range(length)])} for length in range(1, 1000))
    assert len({split_where(where)[0] for where in wheres}) == 11


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ({"user_id": "u"}, "abcd"),
        ({"user_id": "v"}, ""),
        ({"state": OrderState.PAID}, "bd"),
        ({"state": OrderState.PAID, "amount": 990}, "d"),
        ({"state": OneOf([OrderState.PAID, OrderState.DONE])}, "bcd"),
        ({"state": OneOf([])}, ""),
        ({"paid_at": None}, "ac"),
        ({"paid_at": Below(NOON + timedelta(1))}, "b"),
        ({"paid_at": Above(NOON)}, "d"),
        ({"paid_at": OneOf([None, NOON])}, "abc"),
        ({"id": OneOf("badxyz+")}, "abd"),
        ({"paid_at": OneOf([NOON + timedelta(n) for n in (1, 2, 3)] + [None])}, "acd"),
        ({"amount": Below(990)}, "abc"),
        ({"amount": Above(0), "user_id": OneOf(("u", "v"))}, "bd"),
    ],
)
async def test_conditions(database: Database, where: dict[str, Any], found: str) -> None:
    async with database.begin() as tx:
        await tx.add(order("a"))
        await tx.add(order("b", state=OrderState.PAID, amount=1, paid_at=NOON))
        await tx.add(order("c", state=OrderState.DONE))
        await tx.add(order("d", state=OrderState.PAID, amount=990, paid_at=NOON + timedelta(2)))
        assert "".join(row.id for row in await tx.find(Order, **where)) == found
        assert await tx.count(Order, **where) == len(found)
        assert await tx.remove(Order, **where) == len(found)
        assert await tx.count(Order) == 4 - len(found)


@pytest.mark.parametrize(
    ("by", "limit", "found"),
    [
        ("", None, "cabd"),
        ("", 2, "ca"),
        ("amount", None, "dcab"),
        ("-amount", None, "bacd"),
        ("paid_at", None, "dbca"),
        ("-paid_at", 3, "acb"),
        ("-paid_at", 0, ""),
        ("id", None, "abcd"),
    ],
)
async def test_order_and_limit(database: Database, by: str, limit: int | None, found: str) -> None:
    """Unset comes before set; equals come as they were added, or the other way round."""
    async with database.begin() as tx:
        await tx.add(order("c", amount=7, paid_at=NOON + timedelta(1)))
        await tx.add(order("a", amount=7, paid_at=NOON + timedelta(2)))
        await tx.add(order("b", amount=9, paid_at=NOON))
        await tx.add(order("d", amount=-1))
        await tx.put(order("c", amount=7, paid_at=NOON + timedelta(1)))
        assert "".join(row.id for row in await tx.find(Order, order=by, limit=limit)) == found


async def test_words_sort_by_code_point_in_any_locale(database: Database) -> None:
    words = ["Z", "a", "ab", "a_c", "é", "绒", "A"]
    async with database.begin() as tx:
        for word in words:
            await tx.add(ProcessedEvent(word, NOON))
        assert [event.id for event in await tx.find(ProcessedEvent, order="id")] == sorted(words)
        assert [e.id for e in await tx.find(ProcessedEvent, id=Above("a_c"), order="id")] == [
            "ab",
            "é",
            "绒",
        ]


async def test_sums(database: Database) -> None:
    async with database.begin() as tx:
        await tx.add(posting("1", "till:sandbox", 2**62))
        await tx.add(posting("2", "sales", -(2**62)))
        await tx.add(posting("3", "till:sandbox", 5, Currency.CREDITS))
        await tx.add(posting("4", "sales", -990))
        assert await tx.total("sales", Currency.CNY) == -(2**62) - 990
        assert await tx.total("sales", Currency.CREDITS) == 0
        assert await tx.totals() == {Currency.CNY: -990, Currency.CREDITS: 5}
        assert all(type(amount) is int for amount in (await tx.totals()).values())


async def test_evidence_only_grows(database: Database) -> None:
    audit = AuditEntry("a", "playground:boss", "grant", "u", "done", NOON)
    charge = Charge("sandbox:1", OrderId("o"), 990, Currency.CNY, NOON)
    async with database.begin() as tx:
        for record in (audit, charge, journal("j"), posting("p", "sales", 1)):
            await tx.add(record)
            with pytest.raises(NotAllowed):
                await tx.remove(type(record), id=record.id)
            with pytest.raises(NotAllowed):
                await tx.put(record)
            assert await tx.get(type(record), record.id) == record


async def test_mistakes_are_told_at_once(database: Database) -> None:
    async with database.begin() as tx:
        await tx.add(order("o"))
        with pytest.raises(TypeError):
            await tx.find(Order, usr_id="u")
        with pytest.raises(TypeError):
            await tx.find(Order, order="usr_id")
        with pytest.raises(TypeError):
            await tx.count(str)
        with pytest.raises(ValueError, match="condition"):
            await tx.remove(Order)
        with pytest.raises(ValueError, match="time zone"):
            await tx.add(order("naive", created_at=datetime(2026, 1, 1)))  # noqa: DTZ001
        assert await tx.count(Order) == 1
        with pytest.raises(RuntimeError):
            async with database.begin():
                pass
    async with database.begin() as tx:
        assert await tx.count(Order) == 1


async def test_a_time_is_the_same_moment_in_any_zone(database: Database) -> None:
    beijing = timezone(timedelta(hours=8))
    async with database.begin() as tx:
        await tx.add(ProcessedEvent("e", NOON.astimezone(beijing)))
    async with database.begin() as tx:
        stored = await tx.get(ProcessedEvent, "e")
        assert stored is not None
        assert stored.at == NOON.astimezone(UTC)
        assert await tx.count(ProcessedEvent, at=Below(NOON + timedelta(microseconds=1))) == 1


async def test_scrub_keeps_what_was_not_removed(database: Database) -> None:
    async with database.begin() as tx:
        await tx.add(order("kept"))
        await tx.add(order("gone"))
    async with database.begin() as tx:
        await tx.remove(Order, id="gone")
    await database.scrub()
    async with database.begin() as tx:
        assert await tx.find(Order) == [order("kept")]
