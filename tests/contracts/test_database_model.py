"""Random transactions on each SQL database do exactly what they do in memory."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from shop.adapters.database import SqlDatabase
from shop.adapters.database.engine import open_engine
from shop.adapters.database.tables import METADATA
from shop.adapters.memory import MemoryDatabase
from shop.errors import ShopError
from shop.ports import Above, Below, Database, OneOf, Tx
from shop.records import (
    Currency,
    Journal,
    Order,
    OrderState,
    OutboxMessage,
    Posting,
    User,
)
from tests.contracts.records import NOON, journal, order, posting, user

Step = Callable[[Tx], Awaitable[Any]]

ids = st.sampled_from("abc")
states = st.sampled_from([OrderState.COLLECTING, OrderState.PAID])
orders = st.builds(
    order,
    ids,
    state=states,
    amount=st.integers(0, 2),
    paid_at=st.sampled_from([None, NOON]),
)
users = st.builds(
    user, ids, platform_id=st.sampled_from("xy"), erased_at=st.sampled_from([None, NOON])
)
journals = st.builds(journal, ids, key=st.sampled_from("kl"))
postings = st.builds(
    posting, ids, st.sampled_from(["m", "n"]), st.integers(-9, 9), st.sampled_from(Currency)
)
kinds = st.sampled_from([User, Order, Journal, Posting])
amounts = st.integers(0, 2)
wheres = st.one_of(
    st.fixed_dictionaries({"state": states}),
    st.fixed_dictionaries({"amount": st.one_of(amounts, amounts.map(Below), amounts.map(Above))}),
    st.fixed_dictionaries({"paid_at": st.sampled_from([None, NOON, Above(NOON), Below(NOON)])}),
    st.fixed_dictionaries({"id": st.lists(ids).map(OneOf), "user_id": st.just("u")}),
)
orderings = st.sampled_from(["", "amount", "-amount", "paid_at", "-paid_at", "state", "-id"])

steps: st.SearchStrategy[Step] = st.one_of(
    st.builds(lambda r: lambda tx: tx.add(r), st.one_of(orders, users, journals, postings)),
    st.builds(lambda r: lambda tx: tx.put(r), st.one_of(orders, users, journals)),
    st.builds(lambda k, id: lambda tx: tx.get(k, id, lock=True), kinds, ids),
    st.builds(
        lambda w, o, n: lambda tx: tx.find(Order, order=o, limit=n, **w),
        wheres,
        orderings,
        st.sampled_from([None, 1, 2]),
    ),
    st.builds(lambda k: lambda tx: tx.find(k), kinds),
    st.builds(lambda w: lambda tx: tx.count(Order, **w), wheres),
    st.builds(lambda w: lambda tx: tx.remove(Order, **w), wheres),
    st.builds(lambda k, id: lambda tx: tx.remove(k, id=id), kinds, ids),
    st.builds(lambda a, c: lambda tx: tx.total(a, c), st.just("m"), st.sampled_from(Currency)),
    st.just(lambda tx: tx.totals()),
)
transactions = st.lists(st.tuples(st.lists(steps, max_size=10), st.booleans()), max_size=5)


class RolledBack(Exception):
    pass


async def outcome(step: Step, tx: Tx) -> Any:
    try:
        return await step(tx)
    except ShopError as error:
        return type(error)


async def play(database: Database, script: list[tuple[list[Step], bool]]) -> Iterator[Any]:
    heard: list[Any] = []
    for chosen, commit in script:
        try:
            async with database.begin() as tx:
                heard += [await outcome(step, tx) for step in chosen]
                if not commit:
                    raise RolledBack
        except RolledBack:
            pass
    async with database.begin() as tx:
        heard += [await tx.find(kind) for kind in (User, Order, Journal, Posting)]
    return iter(heard)


async def empty(url: str) -> None:
    engine = open_engine(url)
    async with engine.begin() as connection:
        for table in METADATA.sorted_tables:
            await connection.execute(delete(table))
    await engine.dispose()


@settings(
    max_examples=40,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(script=transactions)
async def test_sql_does_as_memory(sql_url: str, script: list[tuple[list[Step], bool]]) -> None:
    await empty(sql_url)
    database = SqlDatabase(sql_url)
    try:
        expected = await play(MemoryDatabase(), script)
        assert list(await play(database, script)) == list(expected)
    finally:
        await database.close()


def test_the_steps_reach_every_outcome() -> None:
    """Or the comparison above would compare nothing."""
    seen: set[Any] = set()

    @settings(max_examples=100, phases=[Phase.generate], database=None, derandomize=True)
    @given(script=transactions)
    def run(script: list[tuple[list[Step], bool]]) -> None:
        for heard in asyncio.run(play(MemoryDatabase(), script)):
            seen.add(heard.__name__ if isinstance(heard, type) else type(heard).__name__)

    run()
    assert seen >= {"Duplicate", "NotFound", "NotAllowed", "Order", "list", "int", "dict"}


async def test_what_a_caller_keeps_does_not_reach_into_memory(
    memory_database: MemoryDatabase,
) -> None:
    payload: dict[str, str | int | float] = {"order": "o"}
    message = OutboxMessage("e", "chat", "refund", payload, NOON, NOON)
    async with memory_database.begin() as tx:
        await tx.add(message)
        payload["order"] = "other"
        stored = await tx.get(OutboxMessage, "e")
        assert stored is not None
        assert stored.payload == {"order": "o"}
