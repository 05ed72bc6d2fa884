"""Each process says that it is at work, and a sale needs those that do the work."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.doctor import books
from shop.avatars.avatars import TRAIN
from shop.clips.filming import VIDEO
from shop.errors import NobodyWorks
from shop.jobs import sightings
from shop.orders import sales_guard
from shop.orders.sales_guard import Capacity
from shop.records import Sighting


async def test_a_sale_needs_studio_check_and_courier(open_studio) -> None:
    async with open_studio(EIDER_SALES_NEED=",".join(sales_guard.WORK)) as studio:
        container = studio.container
        capacity = Capacity.of(container.settings)
        assert capacity.needed == set(sales_guard.WORK)
        async with asyncio.timeout(20):
            while True:
                async with container.database.snapshot() as tx:
                    seen = {one.id: one for one in await tx.find(Sighting)}
                    now = await tx.now()
                    if sales_guard.WORK.keys() <= seen.keys():
                        await sales_guard.require_attended(tx, capacity, now)
                        break
                await asyncio.sleep(0.05)
        others = {*seen["check"].kinds, VIDEO.name}  # no video base is sold here
        assert set(seen["studio"].kinds) == set(container.kinds) - others
        async with container.database.snapshot() as tx:
            later = now + timedelta(seconds=capacity.absent_seconds + sightings.BEAT_SECONDS)
            with pytest.raises(NobodyWorks):
                await sales_guard.require_attended(tx, capacity, later)


async def test_who_has_not_the_base_that_is_sold_does_not_count(database, now):
    """A fleet of another base would let the paid job wait for ever."""
    studio = [TRAIN.name]
    async with database.begin() as tx:
        await sightings.note(tx, "studio", studio, now, {"mini"})
        capacity = Capacity(60, frozenset({"studio"}), base="sdxl")
        with pytest.raises(NobodyWorks):
            await sales_guard.require_attended(tx, capacity, now)
        told = [one.words for one in books.roles(await tx.find(Sighting), capacity, now)]
        assert "none works with sdxl (EIDER_BASE): nothing is sold" in told
        unneeded = replace(capacity, needed=frozenset())
        told = [one.words for one in books.roles(await tx.find(Sighting), unneeded, now)]
        assert "none works with sdxl (EIDER_BASE); EIDER_SALES_NEED sells all the same" in told
        await sales_guard.require_attended(tx, replace(capacity, base="mini"), now)
        mini = await tx.get(Sighting, "studio mini")
        await tx.put(replace(mini, bases=()))  # as tables that went back and forth left it
        await sightings.note(tx, "studio", studio, now, {"mini"})
        with pytest.raises(NobodyWorks):
            await sales_guard.require_attended(tx, capacity, now)
        await sightings.note(tx, "studio", studio, now, {"mini", "sdxl"})
        await sales_guard.require_attended(tx, capacity, now)
        assert {one.role for one in await tx.find(Sighting)} == {"studio"}
