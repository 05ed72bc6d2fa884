"""A process that starts on another version's tables: it waits, says so at each of its doors, and
begins as soon as they fit."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import ClientError, ClientSession
from structlog.testing import capture_logs

from bot import __main__ as bot
from bot.container import open_container
from bot.demo.environment import free_port
from bot.outbox.worker import deliver
from bot.registered_channels import CHANNELS
from bot.web.app import serve
from bot.web.middleware import UPGRADING
from pipeline.worker import app
from shop.adapters.database import at_start, upgrade
from shop.settings import Settings
from tests.schema import make_former, newer_tables

Begin = Callable[[Settings], Awaitable[None]]


@pytest.fixture
def env(env: dict[str, str]) -> dict[str, str]:
    """Of a house whose processes do not migrate, as one on PostgreSQL."""
    return env | {"EIDER_MIGRATE_AT_START": "no", "EIDER_HEALTH_PORT": str(free_port(0))}


async def answer(http: ClientSession, url: str) -> tuple[int, str, str]:
    """To a post: its status, its text, and when to come again; as soon as somebody listens."""
    async with asyncio.timeout(30):
        while True:
            try:
                method = "GET" if url.endswith("z") else "POST"
                async with http.request(method, url, data=b"an update") as got:
                    return got.status, await got.text(), got.headers.get("Retry-After", "")
            except ClientError:
                await asyncio.sleep(0.05)


@asynccontextmanager
async def process(begin: Begin, settings: Settings) -> AsyncIterator[asyncio.Future[None]]:
    running = asyncio.ensure_future(begin(settings))
    try:
        yield running
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


@pytest.mark.parametrize("role", ["web", "courier", "check"])
async def test_a_process_waits_for_its_tables(env, http, monkeypatch, role) -> None:
    begin: dict[str, Begin] = {
        "web": lambda settings: bot._alone(serve, settings, CHANNELS),
        "courier": lambda settings: bot._alone(deliver, settings, CHANNELS),
        "check": lambda settings: app.serve("check", settings),
    }
    monkeypatch.setattr(at_start, "LOOK_SECONDS", 0.05)
    settings = Settings.from_env(env)
    health = f"http://127.0.0.1:{settings.health_port}"
    async with open_container(settings):
        pass  # a worker only compares what the chat side has registered
    await make_former(settings.database_url)
    with capture_logs() as logged:
        async with process(begin[role], settings) as running:
            status, told, _ = await answer(http, f"{health}/readyz")
            assert status == 503
            assert "of revision 0018, and this version needs" in told
            assert "python -m bot migrate up" in told
            assert (await answer(http, f"{health}/livez"))[0] == 200
            for path in ("/telegram", "/wechat", "/pay/stars", "/") if role == "web" else ():
                door = await answer(http, settings.public_url + path)
                assert door == (503, UPGRADING, "5")
            assert not running.done()
            await upgrade(settings.database_url, settings.master_keys)
            async with asyncio.timeout(30):
                while (await answer(http, f"{health}/readyz"))[0] != 200:
                    await asyncio.sleep(0.05)
            async with newer_tables(settings.database_url):
                status, told, _ = await answer(http, f"{health}/readyz")
                assert status == 503
                assert "of revision 9999, on which this version" in told
            assert (await answer(http, f"{health}/readyz"))[0] == 200
    events = [one["event"] for one in logged]
    assert (events.count("schema_unfit"), events.count("schema_fits")) == (1, 1)


def test_an_operators_command_says_what_to_do_first(env, monkeypatch, capsys) -> None:
    """And migrates nothing; a house on SQLite does by itself, one on PostgreSQL where told."""
    asyncio.run(make_former(env["EIDER_DATABASE_URL"]))
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    assert bot.main(["reconcile"]) == 1
    assert "and this version needs" in (said := capsys.readouterr().err)
    assert "python -m bot migrate up" in said
    alone = {name: value for name, value in env.items() if name != "EIDER_MIGRATE_AT_START"}
    elsewhere = alone | {"EIDER_DATABASE_URL": "postgresql://db/eider"}
    told = elsewhere | {"EIDER_MIGRATE_AT_START": "yes"}
    migrates = [Settings.from_env(one).migrates_at_start for one in (alone, elsewhere, told, env)]
    assert migrates == [True, False, True, False]
