"""A worker process says when it is ready to take jobs, and what it counts."""

import asyncio
import base64
import os
import socket
from datetime import UTC, datetime
from typing import Any

from aiohttp import ClientConnectionError, ClientSession

from bot.demo.environment import free_port
from pipeline.worker import app
from pipeline.worker.app import open_container, work
from shop import installation
from shop.adapters.blob_store import open_blobs
from shop.settings import Settings
from tests.keys import MASTER_KEY_BASE64

PATIENCE = 30.0  # seconds


async def test_a_worker_is_ready_once_its_host_is_well_and_it_looks_for_jobs(
    valkey, sqlite_url, tmp_path
):
    port = free_port(0)
    settings = Settings.from_env(
        {
            "EIDER_DATA": str(tmp_path),
            "EIDER_DATABASE_URL": sqlite_url,
            "EIDER_REDIS_URL": valkey,
            "EIDER_MASTER_KEY": base64.b64encode(os.urandom(32)).decode(),
            "EIDER_HEALTH_PORT": str(port),
        }
    )
    base = f"http://127.0.0.1:{port}"
    async with open_container(settings) as container, ClientSession() as http:
        working = asyncio.create_task(work("check", container))
        async with asyncio.timeout(PATIENCE):
            while (told := await answer_of(http, f"{base}/readyz")).get("host", True):
                await asyncio.sleep(0.02)
            while "knows no blob store" not in told["why"]["host"]:
                told = await answer_of(http, f"{base}/readyz")
        assert await status(http, f"{base}/livez") == 200
        async with http.get(f"{base}/metrics") as answer:
            assert "eider_worker_in_service 0.0" in await answer.text()
        blobs = open_blobs(settings)
        await installation.register(
            container.deps.database, blobs, settings.master_key, datetime.now(UTC)
        )
        async with asyncio.timeout(PATIENCE):
            while await status(http, f"{base}/readyz") != 200:
                await asyncio.sleep(0.02)
        async with http.get(f"{base}/readyz") as answer:
            assert set(await answer.json()) == {
                "ready", "database", "redis", "blobs", "host", "jobs"
            }  # fmt: skip
        assert await status(http, f"{base}/livez") == 200
        async with http.get(f"{base}/metrics") as answer:
            text = await answer.text()
        assert "eider_worker_in_service 1.0" in text
        assert 'eider_worker_self_tests_total{outcome="passed"} 1.0' in text
        assert "eider_engine_restarts 0.0" in text
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
        assert await status(http, f"{base}/livez") == 0


async def answer_of(http: ClientSession, url: str) -> dict[str, Any]:
    """{} while nobody is there."""
    try:
        async with http.get(url) as answer:
            return await answer.json()
    except ClientConnectionError:
        return {}


async def status(http: ClientSession, url: str) -> int:
    """0 while nobody is there."""
    try:
        async with http.get(url) as answer:
            return answer.status
    except ClientConnectionError:
        return 0


def test_two_workers_of_a_host_are_told_apart(tmp_path) -> None:
    """And are the same after a restart, where device or port say which they are: admins are told
    of a fault once a day."""

    def name(**env: str) -> str:
        given = {"EIDER_DATA": str(tmp_path), "EIDER_MASTER_KEY": MASTER_KEY_BASE64} | env
        return app.name_for_admins("studio", Settings.from_env(given))

    host = socket.gethostname()
    first, second = (name(EIDER_DEVICE=f"cuda:{number}") for number in range(2))
    assert (first, second) == (f"studio@{host} (cuda:0)", f"studio@{host} (cuda:1)")
    port = name(EIDER_HEALTH_PORT="9104")
    assert port == f"studio@{host} (EIDER_HEALTH_PORT=9104)"
    assert name() == f"studio@{host} (pid {os.getpid()})"
