"""Slots that are shared fairly: by owner, and by what is expected."""

import asyncio

import pytest

from shop.fair_slots import FairSlots


async def served(slots: FairSlots, waiters: list[tuple[str, float]]) -> list[str]:
    """Who is served in which order, when all wait behind somebody who holds the one slot."""
    order: list[str] = []
    await slots.acquire("the first")

    async def wait(name: str, cost: float) -> None:
        async with slots.slot(name[0], cost):
            order.append(name)

    tasks = []
    for name, cost in waiters:
        tasks.append(asyncio.create_task(wait(name, cost)))
        await asyncio.sleep(0)
    slots.release("the first")
    await asyncio.gather(*tasks)
    return order


async def test_people_take_turns():
    waiters = [(f"a{n}", 0.0) for n in range(4)] + [("b0", 0.0), ("c0", 0.0), ("b1", 0.0)]
    order = await served(FairSlots(1), waiters)
    assert order == ["a0", "b0", "c0", "a1", "b1", "a2", "a3"]


async def test_the_cheap_come_before_the_dear():
    order = await served(FairSlots(1), [("a", 2.0), ("b", 0.4), ("c", 1.0)])
    assert order == ["b", "c", "a"]


async def test_nobody_holds_more_than_their_share():
    slots = FairSlots(4, per_owner=2)
    assert [slots.try_acquire("a") for _ in range(3)] == [True, True, False]
    third = asyncio.create_task(slots.acquire("a"))
    await asyncio.sleep(0)
    assert slots.try_acquire("b")  # somebody who must wait for their own is passed over
    await slots.acquire("b")
    assert not third.done()
    slots.release("b")
    await asyncio.sleep(0)
    assert not third.done()
    slots.release("a")
    await asyncio.wait_for(third, 5)


@pytest.mark.parametrize("granted", [False, True])
async def test_a_waiter_that_is_cancelled_leaves_no_slot_behind(granted):
    """Also one that was given the slot in the same moment."""
    slots = FairSlots(1)
    await slots.acquire("a")
    waiting = asyncio.create_task(slots.acquire("b"))
    await asyncio.sleep(0)
    if granted:
        slots.release("a")
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    if not granted:
        slots.release("a")
    assert slots.try_acquire("c")
