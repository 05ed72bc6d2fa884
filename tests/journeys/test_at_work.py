"""Each process says that it is at work, and a sale needs those that do the work."""

import asyncio
from datetime import timedelta

import pytest

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
