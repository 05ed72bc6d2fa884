"""The real container over real SQLite and Valkey, and its web side on a free port."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp import ClientSession, CookieJar
from prometheus_client import generate_latest

from bot.container import Container, open_container
from bot.demo.environment import free_port
from bot.health import probes
from bot.web.app import connection_limits, open_web_app
from bot.web.server import open_server
from shop.settings import Settings
from tests.keys import MASTER_KEY_BASE64


@pytest.fixture
def env(valkey: str, sqlite_url: str, tmp_path: Path) -> dict[str, str]:
    port = free_port(0)
    return {
        "EIDER_DATA": str(tmp_path),
        "EIDER_DATABASE_URL": sqlite_url,
        "EIDER_REDIS_URL": valkey,
        "EIDER_MASTER_KEY": MASTER_KEY_BASE64,
        "EIDER_PLAYGROUND": "yes",
        "EIDER_TILL": "sandbox",
        "EIDER_ADMINS": "playground:boss",
        "EIDER_PORT": str(port),
        "EIDER_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "EIDER_LOG_FORMAT": "json",
        "EIDER_SALES_NEED": "none",  # of the processes one is there
    }


@pytest.fixture
async def container(env: dict[str, str]) -> AsyncIterator[Container]:
    async with open_container(Settings.from_env(env)) as container:
        yield container


@pytest.fixture
async def base(container: Container) -> AsyncIterator[str]:
    """The address of the web side, answering."""
    settings = container.settings
    async with (
        open_web_app(container) as app,
        open_server(
            app, settings.host, settings.port, connection_limits(settings), shutdown_seconds=0.5
        ),
    ):
        yield settings.public_url


@pytest.fixture
async def http() -> AsyncIterator[ClientSession]:
    """A browser that keeps its cookies."""
    async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as session:
        yield session


@pytest.fixture
def metrics(container: Container) -> Callable[[], Awaitable[str]]:
    """The text that Prometheus would be given now."""
    ours = probes(container)

    async def text() -> str:
        await ours.collect()
        return generate_latest(ours.registry).decode()

    return text
