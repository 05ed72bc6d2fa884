"""Houses for customers to walk through, with an engine that needs no model: a small one within this
process for the fast suite, and one of real processes to be killed.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.container import Container, open_container
from bot.demo.environment import free_port
from bot.outbox.worker import SCHEDULED_TASKS, deliver, flush
from bot.playground.driver import PlaygroundClient, Seen, open_chat
from bot.playground.messages import MessageKind
from bot.process_supervisor import COURIER, WEB, ProcessSpec, ProcessSupervisor, supervise
from bot.web.app import open_web_app
from bot.web.server import open_server
from pipeline.worker import app, job_batch
from shop.settings import Settings
from tests.doubles import QuickEngine, photo
from tests.keys import MASTER_KEY_BASE64

QUICK_WORKERS = tuple(
    ProcessSpec(role, ("tests.journeys.quick_worker", role)) for role in ("check", "studio")
)


@dataclass(frozen=True)
class ClusterFixture:
    """A cluster of processes, and a container to look inside."""

    container: Container
    processes: ProcessSupervisor
    settings: Settings

    @property
    def address(self) -> str:
        return self.settings.public_url

    def enter(self, language: str = "en") -> AbstractAsyncContextManager[PlaygroundClient]:
        return open_chat(self.address, language)


@dataclass(frozen=True)
class Studio:
    """Every process's work within this process."""

    container: Container
    engine: QuickEngine

    def enter(self, language: str = "en") -> AbstractAsyncContextManager[PlaygroundClient]:
        return open_chat(self.container.settings.public_url, language)


@pytest.fixture
async def open_studio(
    valkey: str, sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., AbstractAsyncContextManager[Studio]]:
    """Wake-ups alone move it: the looks that are a fallback for lost ones do not come. ``env`` are
    further variables."""
    monkeypatch.setattr("pipeline.worker.loop.FALLBACK_SECONDS", 3600.0)
    tasks = [(task, when) for task, when in SCHEDULED_TASKS if task is not flush]
    monkeypatch.setattr("bot.outbox.worker.SCHEDULED_TASKS", tasks)
    stores = {"EIDER_REDIS_URL": valkey, "EIDER_DATABASE_URL": sqlite_url}

    def open_one(**env: str) -> AbstractAsyncContextManager[Studio]:
        return studio_of(variables(tmp_path) | stores | env, tmp_path)

    return open_one


@pytest.fixture
async def studio(
    open_studio: Callable[..., AbstractAsyncContextManager[Studio]],
) -> AsyncIterator[Studio]:
    async with open_studio() as studio:
        yield studio


@asynccontextmanager
async def studio_of(env: Mapping[str, str], folder: Path) -> AsyncIterator[Studio]:
    """Every process's work within this process, with that environment."""
    engine, stop = QuickEngine(), asyncio.Event()
    async with (
        open_container(Settings.from_env(env)) as container,
        open_web_app(container) as web_app,
        open_server(
            web_app, container.settings.host, container.settings.port, shutdown_seconds=0.5
        ),
    ):
        courier = asyncio.create_task(deliver(container, stop))
        settings = container.settings.model_copy(update={"data_dir": folder})
        ours = job_batch.WorkerDependencies(
            container.database,
            container.blobs,
            container.cipher,
            container.kinds,
            container.flusher,
        )
        worker = app.WorkerContainer(ours, engine, settings, container.redis, container.catalog)
        working = [asyncio.create_task(app.work(role, worker)) for role in ("check", "studio")]
        yield Studio(container, engine)
        stop.set()
        await courier
        for task in working:
            task.cancel()
        await asyncio.gather(*working, return_exceptions=True)


@asynccontextmanager
async def cluster(folder: Path, **env: str) -> AsyncIterator[ClusterFixture]:
    """A fresh cluster in ``folder``; ``env`` are further variables for its processes."""
    ours = variables(folder)
    settings = Settings.from_env(ours)
    plain = {name: value for name, value in os.environ.items() if not name.startswith("EIDER_")}
    everything = plain | ours | {"OMP_NUM_THREADS": "1"} | env
    async with supervise(everything, folder / "logs") as processes:
        await processes.open((WEB, COURIER, *QUICK_WORKERS), settings.redis_url)
        async with open_container(settings) as container:
            yield ClusterFixture(container, processes, settings)


def variables(folder: Path) -> dict[str, str]:
    """The settings of a deployment in ``folder``, on a port of its own."""
    port = free_port(0)
    return {
        "EIDER_DATA": str(folder),
        "EIDER_MASTER_KEY": MASTER_KEY_BASE64,
        "EIDER_PLAYGROUND": "yes",
        "EIDER_TILL": "sandbox",
        "EIDER_PORT": str(port),
        "EIDER_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "EIDER_LOG_FORMAT": "json",
        "EIDER_LEASE_SECONDS": "2",
        "EIDER_SALES_NEED": "none",  # they are asked before all have started
    }


@pytest.fixture
def open_cluster(tmp_path: Path) -> Callable[..., AbstractAsyncContextManager[ClusterFixture]]:
    def open_one(**env: str) -> AbstractAsyncContextManager[ClusterFixture]:
        return cluster(tmp_path / "cluster", **env)

    return open_one


async def agree(chat: PlaygroundClient, subject: str = "woman") -> None:
    await chat.say("/start")
    await chat.wait(lambda seen: bool(seen.buttons))
    for action in ("terms", "agree:terms", "agree:training", f"subject:{subject}"):
        await chat.press(action)


async def send_photos(chat: PlaygroundClient, count: int = 20) -> None:
    """Send, and wait until all were looked at: the tally then offers to go on."""
    await chat.send_photos([photo(number) for number in range(count)])
    await chat.wait(lambda seen: f"{count} usable" in seen.text)


async def pay(chat: PlaygroundClient) -> None:
    await chat.press("done")
    await chat.press("pay:")


def is_set(seen: Seen) -> bool:
    """Portraits, as against a sample or the menu."""
    return seen.message.kind is MessageKind.PICTURES and any(
        button.action.startswith("more:") for button in seen.buttons
    )


def is_sample(seen: Seen) -> bool:
    """One picture of the training that is under way, as against portraits and the welcome's."""
    return [one.id.partition(":")[0] for one in seen.message.pictures] == ["sample"]


def sets(chat: PlaygroundClient) -> list[Seen]:
    return [seen for seen in chat.messages if is_set(seen)]
