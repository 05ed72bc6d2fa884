"""Machines whose clocks differ: leases, and whatever ends or erases, go by the database's time."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shop.adapters.blobs_disk import DiskBlobs
from shop.adapters.database import SqlDatabase
from shop.avatars.avatars import TRAIN
from shop.jobs import jobs
from shop.records import Avatar, AvatarState, Job, JobState, Order, Photo
from tests.shop.conftest import Shop

ROOT = Path(__file__).parents[2]
LEASE = 300.0  # seconds: ten times the product's, so that a slow machine does not end it
pytestmark = [pytest.mark.slow, pytest.mark.postgres]


@dataclass
class House:
    """A training that a worker has just begun and beats for, and an order that was just begun."""

    url: str
    blobs: Path
    database: SqlDatabase
    training: Job
    order: Order
    draft: Path


@pytest.fixture
async def house(postgres_url: str, tmp_path: Path) -> AsyncIterator[House]:
    database, blobs = SqlDatabase(postgres_url), DiskBlobs(tmp_path / "blobs")
    async with database.begin() as tx:
        shop = Shop(tx, await tx.now(), blobs)
        _, avatar = await shop.paid("training")
        [waiting] = await jobs.owed(tx, TRAIN, avatar.id)
        training = await jobs.lease(tx, waiting.id, "steady", shop.now, LEASE)
        assert training is not None
        order = await shop.collecting(1, "new")
    draft = tmp_path / "blobs" / "uploads" / order.id / ".photo.x7"
    draft.write_bytes(b"half")
    yield House(postgres_url, tmp_path / "blobs", database, training, order, draft)
    await database.close()


async def run_there(house: House, ahead: timedelta) -> list[str]:
    """The refs of the jobs that a process takes whose clock is ahead by so much."""
    found = sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
    if not found:
        pytest.skip("libfaketime is not installed")
    env = os.environ | {
        "LD_PRELOAD": str(found[0]), "FAKETIME": f"{ahead.total_seconds():+.0f}",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1", "NO_FAKE_STAT": "1",
    }  # fmt: skip
    arguments = ("-m", "tests.journeys.other_clock", house.url, str(house.blobs))
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, cwd=ROOT, env=env, stdout=pipe, stderr=pipe
    )
    out, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    told, *refs = out.decode().splitlines()[-1].split()
    away = datetime.fromisoformat(told) - datetime.now(UTC)
    assert abs(away - ahead) < timedelta(minutes=1) <= abs(ahead) * 2, "its clock is another"
    return refs


@pytest.mark.parametrize(
    "ahead",
    [timedelta(seconds=LEASE + 1), timedelta(hours=25), timedelta(hours=-25)],
    ids=("a second more than a lease", "25 h fast", "25 h slow"),
)
async def test_a_process_with_another_clock_ends_nothing_and_steals_nothing(
    house: House, ahead: timedelta
) -> None:
    assert await run_there(house, ahead) == []
    async with house.database.begin() as tx:
        training = await tx.get(Job, house.training.id)
        assert training is not None
        assert (training.state, training.worker, training.attempts) == (
            JobState.RUNNING, "steady", 1
        )  # fmt: skip
        assert await jobs.heartbeat(tx, house.training, "steady", await tx.now(), LEASE)
        assert await tx.count(Avatar, state=AvatarState.WAITING) == 1
        assert await tx.get(Order, house.order.id) == house.order
        [photo] = await tx.find(Photo, order_id=house.order.id)
    assert (house.blobs / photo.blob).exists()
    assert house.draft.exists()


async def test_what_has_run_out_by_the_databases_time_is_taken_whatever_the_clock(
    house: House,
) -> None:
    """By a machine that is a day behind: its own time would say that the lease still stands."""
    async with house.database.begin() as tx:
        now = await tx.now()
        assert await jobs.heartbeat(tx, house.training, "steady", now, -1)
    assert await run_there(house, timedelta(hours=-25)) == [house.training.ref]
    async with house.database.begin() as tx:
        training = await tx.get(Job, house.training.id)
        assert training is not None
        assert (training.kind, training.worker) == (TRAIN.name, "fast")
        assert training.started_at is not None
        assert training.started_at >= now
