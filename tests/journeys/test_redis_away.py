"""Real processes while Redis is away: none ends, and their logs stay short."""

import asyncio
import os
import sys
from asyncio.subprocess import Process
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from aiohttp import ClientConnectionError, ClientSession

from bot.demo.environment import free_port
from shop.adapters.wake_up_arq import ArqWakeUp, connect
from shop.jobs.jobs import WAKE_UP
from shop.photos.photos import CHECK
from tests.keys import MASTER_KEY_BASE64
from tests.redis_server import RedisServer

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

COMMANDS = {
    "web": ("-m", "bot", "serve"),
    "courier": ("-m", "bot", "courier"),
    "check": ("-m", "tests.journeys.quick_worker", "check"),
    "studio": ("-m", "tests.journeys.quick_worker", "studio"),
}
AWAY_SECONDS = 20.0  # long enough for lines that are written every second or ten
PATIENCE = 90.0


async def ready(http: ClientSession, port: int, status: int) -> None:
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                async with http.get(f"http://127.0.0.1:{port}/readyz") as answer:
                    if answer.status == status:
                        return
            except ClientConnectionError:
                pass
            await asyncio.sleep(0.1)


@pytest.mark.parametrize("outage", ["stopped", "full", "frozen"])
async def test_every_process_waits_and_its_log_is_a_line_a_minute(tmp_path: Path, outage: str):
    processes: dict[str, Process] = {}
    ports = {name: free_port(0) for name in COMMANDS}
    async with RedisServer(tmp_path) as server, AsyncExitStack() as stack:
        for name, command in COMMANDS.items():
            env = os.environ | {
                "EIDER_DATA": str(tmp_path),
                "EIDER_REDIS_URL": server.url,
                "EIDER_MASTER_KEY": MASTER_KEY_BASE64,
                "EIDER_PLAYGROUND": "yes",
                "EIDER_TILL": "sandbox",
                "EIDER_SALES_NEED": "none",
                "EIDER_PORT": str(free_port(0)),
                "EIDER_HEALTH_PORT": str(ports[name]),
                "EIDER_LOG_FORMAT": "json",
            }
            log = stack.enter_context((tmp_path / f"{name}.log").open("wb"))
            process = await asyncio.create_subprocess_exec(
                sys.executable, *command, env=env, stdout=log, stderr=log
            )
            stack.push_async_callback(_ended, process)
            processes[name] = process
        http = await stack.enter_async_context(ClientSession())
        await asyncio.gather(*(ready(http, port, 200) for port in ports.values()))
        before = {name: (tmp_path / f"{name}.log").stat().st_size for name in COMMANDS}
        await _begin(server, outage)
        if outage != "full":
            await asyncio.gather(*(ready(http, port, 503) for port in ports.values()))
        await asyncio.sleep(AWAY_SECONDS)
        for name, process in processes.items():
            assert process.returncode is None, name
            said = (tmp_path / f"{name}.log").read_bytes()[before[name] :].decode()
            assert "Traceback" not in said, (name, said)
            assert len(said.splitlines()) <= 2, (name, said)  # "not_ready", and what is away
        await _end(server, outage)
        await asyncio.gather(*(ready(http, port, 200) for port in ports.values()))
        for name in processes:
            assert "Traceback" not in (tmp_path / f"{name}.log").read_text(), name


async def _begin(server: RedisServer, outage: str) -> None:
    if outage == "stopped":
        await server.stop()
        return
    if outage == "full":
        await server.fill()
        return
    redis = await connect(server.url)
    for number in range(5):  # some are being answered while it stops
        await ArqWakeUp(redis).signal(CHECK.name, WAKE_UP, {}, key=f"{number}")
    await redis.aclose()
    await server.freeze()


async def _end(server: RedisServer, outage: str) -> None:
    if outage == "frozen":
        server.thaw()
    else:
        await (server.start() if outage == "stopped" else server.empty())


async def _ended(process: Process) -> None:
    if process.returncode is None:
        process.terminate()
    await process.wait()
