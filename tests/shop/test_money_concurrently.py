"""The money machine's events in several processes at once, on the databases that can have them."""

import asyncio
import contextlib
import secrets
import sys
from pathlib import Path

import pytest

from shop.adapters.database import SqlDatabase
from shop.records import Clip, Order
from tests.shop.money_invariants import (
    demand_books_balance,
    demand_clips_are_whole,
    demand_nothing_doubled,
    demand_people_are_whole,
)

ROOT = Path(__file__).parents[2]
PROCESSES = 4
EVENTS = 80


@pytest.mark.slow
async def test_books_are_zero_and_nothing_is_lost_or_doubled(sql_url: str) -> None:
    common, *seeds = [secrets.randbelow(10**6) for _ in range(1 + PROCESSES)]
    print(f"seeds {common} {seeds}")  # noqa: T201 - shown when it fails
    processes = [await _process(sql_url, common, seed) for seed in seeds]
    try:
        for process in processes:
            _, errors = await process.communicate()
            assert process.returncode == 0, errors.decode()
    finally:
        for process in processes:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
    database = SqlDatabase(sql_url)
    async with database.snapshot() as tx:
        assert await tx.count(Order) > 1, "something has happened"
        await demand_books_balance(tx)
        await demand_nothing_doubled(tx)
        await demand_people_are_whole(tx)
        await demand_clips_are_whole(tx)
        assert await tx.count(Clip) > 1
    await database.close()


async def _process(url: str, common: int, seed: int) -> asyncio.subprocess.Process:
    arguments = ("-m", "tests.shop.money_events", url, str(common), str(seed), str(EVENTS))
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(
        sys.executable, *arguments, cwd=ROOT, stdout=pipe, stderr=pipe
    )
