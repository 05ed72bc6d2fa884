"""What a journey through Telegram needs: settings, pictures, stand-ins for workers."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path

from PIL import Image

from bot.container import Container
from bot.demo.environment import free_port
from bot.outbox.worker import deliver
from bot.telegram import TELEGRAM
from bot.telegram.command import operate_telegram
from bot.telegram.webhook import PATH
from bot.web.app import serve
from handlers.texts import texts
from shop.avatars.avatars import TRAIN
from shop.avatars.portraits import PAINT, PaintedPicture
from shop.avatars.training_results import TrainedAvatar
from shop.photos import photos
from shop.photos.photos import CHECK
from shop.records import (
    Avatar,
    Job,
    JobState,
    LikenessRange,
    Photo,
    Shoot,
)
from tests.bot.telegram.conftest import TOKEN
from tests.botapi import BotApi, Customer
from tests.handlers.photo_findings import good
from tests.keys import MASTER_KEY_BASE64
from tests.storing import finish_shoot, finish_training

EN = texts("en")


def photo(number: int) -> bytes:
    """A picture that is unlike every other one."""
    dice = random.Random(number)
    out = BytesIO()
    small = Image.frombytes("RGB", (8, 10), dice.randbytes(240))
    small.resize((640, 800)).save(out, "JPEG")
    return out.getvalue()


class Worker:
    """Books what the GPU side would: good checks, an avatar, four portraits a shoot."""

    def __init__(self, container: Container) -> None:
        self._container = container
        self._seen = iter(range(10**6))

    async def run(self) -> None:
        while True:
            async with self._container.database.begin() as tx:
                for job in await tx.find(Job, state=JobState.WAITING, order="created_at"):
                    await self._do(tx, job)
            await asyncio.sleep(0.05)

    async def _do(self, tx, job: Job) -> None:
        container, now = self._container, self._container.clock()
        if job.kind == CHECK.name:
            await photos.apply_findings(
                tx, await tx.get(Photo, job.ref), good(next(self._seen)), now
            )
        elif job.kind == TRAIN.name:
            avatar = await tx.get(Avatar, job.ref)
            made = TrainedAvatar((b"lora",), 0, 10, 61.0, 0.5, 0.2, LikenessRange(0.8, 0.1, 1.0))
            await finish_training(
                tx, container.cipher, container.blobs, container.catalog, avatar, made, now
            )
        elif job.kind == PAINT.name:
            shoot = await tx.get(Shoot, job.ref)
            painted = [PaintedPicture(photo(s), s, 640, 800, "image/jpeg") for s in shoot.seeds]
            await finish_shoot(tx, container.cipher, container.blobs, shoot, painted, now)


def environment(api: BotApi, folder: Path) -> dict[str, str]:
    """The variables of a deployment whose Telegram is the double, with the sandbox till."""
    return {
        "EIDER_DATA": str(folder),
        "EIDER_MASTER_KEY": MASTER_KEY_BASE64,
        "EIDER_TILL": "sandbox",
        "EIDER_SALES_NEED": "none",
        "EIDER_TELEGRAM_TOKEN": TOKEN,
        "EIDER_TELEGRAM_API_URL": api.url,
        "EIDER_PUBLIC_URL": "https://eider.example",
    }


@asynccontextmanager
async def chatting(container: Container) -> AsyncIterator[asyncio.Task[None]]:
    """The bot, polling: its task."""
    stop = asyncio.Event()
    task = asyncio.create_task(container.connections[TELEGRAM].poll(stop))
    try:
        yield task
    finally:
        stop.set()
        await task


PUBLIC = "https://eider.example"


def posted_to(api: BotApi) -> dict[str, str]:
    """The variables of a deployment that has its updates posted; where Telegram finds it here."""
    port = free_port(0)  # another session of tests may run beside this one
    api.delivery.reach[PUBLIC] = f"http://127.0.0.1:{port}"
    api.delivery.second = 0.1
    return {"EIDER_PORT": str(port), "EIDER_TELEGRAM_WEBHOOK_URL": f"{PUBLIC}{PATH}"}


@asynccontextmanager
async def serving_posts(container: Container) -> AsyncIterator[None]:
    """The bot behind its webhook, set as an operator sets it."""
    stop = asyncio.Event()
    task = asyncio.create_task(serve(container, stop))
    try:
        assert await operate_telegram("set", container.settings) == 0
        yield
    finally:
        stop.set()
        await task


@asynccontextmanager
async def working(container: Container) -> AsyncIterator[None]:
    """The outbox worker, and the stand-in for the workers: where either fails, the test does."""
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(deliver(container, stop))
        worker = tasks.create_task(Worker(container).run())
        try:
            yield
        finally:
            worker.cancel()
            stop.set()


def priced(key: str) -> str:
    """The label of a button below portraits that costs a set's credits."""
    return EN("button-cost", label=EN(key), cost=8)


async def press(customer: Customer, key: str, **blanks: str | int) -> None:
    label = EN(key, **blanks) if not key.startswith("portraits-button-more") else priced(key)
    await customer.sees_button(label)
    customer.press(label)


async def agree(customer: Customer) -> None:
    customer.say("/start")
    await press(customer, "welcome-button-begin")
    await press(customer, "terms-button-yes")
    await press(customer, "training-button-yes")
    await press(customer, "subject-button-woman")
    await customer.sees_button(EN("photos-button-tips"))
