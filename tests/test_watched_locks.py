"""The memory database that holds rules to decision 10 raises where each of its rules is broken."""

from collections.abc import Awaitable, Callable

import pytest

from shop.ports import Tx
from shop.records import Currency, Order, User
from tests.contracts.records import order, posting, user
from tests.locks import LockOrderError, WatchedDatabase

Step = Callable[[Tx], Awaitable[object]]


async def _lock(tx: Tx) -> None:
    await tx.get(User, "u", lock=True)


async def _run(*steps: Step) -> None:
    database = WatchedDatabase()
    async with database.begin() as tx:
        await tx.add(user("u"))
    async with database.begin() as tx:
        await _lock(tx)
        await tx.add(order("o"))
    async with database.begin() as tx:
        for step in steps:
            await step(tx)


def _post(account: str) -> Step:
    return lambda tx: tx.add(posting("p", account, -1, Currency.CREDITS))


PERSONAL: dict[str, Step] = {
    "adds": lambda tx: tx.add(order("other")),
    "spends": _post("credits:u"),
    "holds": _post("held:u"),
    "claims": _post("claim:u"),
    "removes by id": lambda tx: tx.remove(Order, id="o"),
    "removes by person": lambda tx: tx.remove(Order, user_id="u"),
    "locks": lambda tx: tx.get(Order, "o", lock=True),
}


@pytest.mark.parametrize("step", PERSONAL.values(), ids=PERSONAL)
async def test_what_is_a_persons_needs_their_lock(step: Step) -> None:
    with pytest.raises(LockOrderError, match="without the lock of its person"):
        await _run(step)
    await _run(_lock, step)


async def test_what_is_nobodys_needs_no_person() -> None:
    await _run(_post("credits:issued"))
    await _run(_post("sales"))
    await _run(lambda tx: tx.remove(Order, id="not there"))


async def test_what_is_replaced_was_locked() -> None:
    with pytest.raises(LockOrderError, match="was not locked"):
        await _run(_lock, lambda tx: tx.put(order("o", amount=1)))


async def test_a_person_is_locked_before_a_name() -> None:
    with pytest.raises(LockOrderError, match="the person is locked after"):
        await _run(lambda tx: tx.lock_name("charge:sandbox:1"), _lock)
