"""Workers go on through an outage of Redis: stopped, or without memory."""

import asyncio
import base64
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from pipeline.worker.app import open_container, work
from shop.adapters.wake_up_arq import ArqWakeUp, queue_name
from shop.jobs.jobs import WAKE_UP
from shop.settings import Settings
from tests.redis_server import RedisServer

PATIENCE = 60.0


async def until(true: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not await true():
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("role", ["check", "studio"])
@pytest.mark.parametrize("outage", ["stopped", "full"])
async def test_a_worker_waits_and_hears_signals_again(
    sqlite_url: str, tmp_path: Path, role: str, outage: str
) -> None:
    kind = "check" if role == "check" else "train"
    async with RedisServer(tmp_path) as server:
        settings = Settings.from_env(
            {
                "EIDER_DATA": str(tmp_path),
                "EIDER_DATABASE_URL": sqlite_url,
                "EIDER_REDIS_URL": server.url,
                "EIDER_MASTER_KEY": base64.b64encode(os.urandom(32)).decode(),
            }
        )
        async with open_container(settings) as container:
            wake_up, redis = ArqWakeUp(container.redis), container.redis

            async def heard() -> bool:
                return not await redis.zcard(queue_name(kind))

            async def signalled(key: str) -> None:
                await wake_up.signal(kind, WAKE_UP, {}, key=key)
                await until(heard)

            with capture_logs() as logged:

                async def waits() -> bool:
                    assert not working.done()
                    return any(one["event"] == "signals_unheard" for one in logged)

                working = asyncio.create_task(work(role, container))
                await signalled("before")
                await (server.stop() if outage == "stopped" else server.fill())
                await until(waits)
                await (server.start() if outage == "stopped" else server.empty())
                await signalled("after")
                assert not working.done()
                working.cancel()
                await asyncio.gather(working, return_exceptions=True)
            assert not [one for one in logged if one.get("exc_info")], "no traceback"
