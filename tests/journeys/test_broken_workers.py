"""Real worker processes whose hosts are broken, each in another way, beside a house that is well:
none takes a job, each says why, and customers notice nothing.
"""

import asyncio
import base64
import json
import os
import shutil
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from bot.process_supervisor import ProcessSpec, supervise
from pipeline.models import weights
from shop.records import Job, JobState, Order, OrderState, OutboxMessage, Photo, Worker
from tests.journeys.conftest import ClusterFixture, agree, is_set, pay, send_photos

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

SPECS = {role: ProcessSpec(role, ("pipeline.worker", role)) for role in ("check", "studio")}


def ways(folder: Path) -> dict[str, tuple[dict[str, str], tuple[str, ...]]]:
    """What is wrong by the word for it: the variables that make it so, and the roles it breaks."""
    hollow = folder / "bases" / "mini"
    hollow.mkdir(parents=True)
    shutil.copy(weights.SHIPPED_BASES / "mini" / "model_index.json", hollow)
    other_key = base64.b64encode(os.urandom(32)).decode()
    return {
        "blob_store": ({"EIDER_DATA": str(folder / "unmounted")}, ("check", "studio")),
        "master_key": ({"EIDER_MASTER_KEY": other_key}, ("check", "studio")),
        "folder": ({"TMPDIR": str(folder / "nowhere")}, ("check", "studio")),
        "weights": ({"EIDER_BASES": str(folder / "bases")}, ("studio",)),
        "device": ({"EIDER_DEVICE": "cuda"}, ("studio",)),
    }


def faults(log: Path) -> list[str]:
    """What a worker has said that is wrong, in its log."""
    if not log.exists():
        return []
    lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    return [line["what"] for line in lines if line["event"] == "worker_out_of_service"]


async def until(true) -> None:
    async with asyncio.timeout(180):
        while not await true():
            await asyncio.sleep(0.1)


async def test_broken_workers_beside_a_house_that_is_well(open_cluster, tmp_path):
    import torch

    async with open_cluster() as cluster, AsyncExitStack() as broken, cluster.enter() as chat:
        logs: dict[Path, str] = {}
        for what, (wrong, roles) in ways(tmp_path).items():
            if what == "device" and torch.cuda.is_available():
                continue
            env = os.environ | environment(cluster) | wrong
            folder = tmp_path / "logs" / what
            supervisor = await broken.enter_async_context(supervise(env, folder))
            supervisor.start([SPECS[role] for role in roles])
            logs |= {folder / f"{role}.log": what for role in roles}

        async def all_found() -> bool:
            return all(faults(log) for log in logs)

        await until(all_found)
        assert {log: faults(log)[0] for log in logs} == logs

        await agree(chat)
        await send_photos(chat)
        await pay(chat)
        await chat.wait(is_set, seconds=120)
        async with cluster.container.database.begin() as tx:
            (order,) = await tx.find(Order)
            assert order.state is OrderState.DONE
            found = await tx.find(Job)
            assert {(job.state, job.attempts) for job in found} == {(JobState.DONE, 1)}
            assert not await tx.count(OutboxMessage, name="refund")
            assert await tx.count(Photo) == 0
            assert await tx.count(Worker) == 2  # those of the house: the broken count as none
            assert set((await tx.totals()).values()) == {0}


def environment(cluster: ClusterFixture) -> dict[str, str]:
    """The house's own, with the addresses of its stores spelt out."""
    settings = cluster.settings
    return {
        "EIDER_DATA": str(settings.data_dir),
        "EIDER_MASTER_KEY": base64.b64encode(settings.master_key).decode(),
        "EIDER_REDIS_URL": settings.redis_url,
        "EIDER_DATABASE_URL": settings.database_url.replace("+aiosqlite", ""),
        "EIDER_LOG_FORMAT": "json",
        "EIDER_TORCH_THREADS": "1",
    }
