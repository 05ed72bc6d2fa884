"""The bot killed with -9 while an album comes in: each photo is taken once, none is lost."""

import asyncio
import os
import random
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from bot.container import Container, open_container, open_redis
from bot.telegram.command import operate_telegram
from shop.records import Photo, User
from shop.settings import Settings
from tests.bot.telegram.journey_steps import (
    agree,
    chatting,
    environment,
    photo,
    posted_to,
    serving_posts,
)
from tests.botapi import BotApi, Customer, until

CHECKOUT = Path(__file__).resolve().parents[3]
PHOTOS = 24
DEATHS = 3


async def taken(container: Container) -> int:
    async with container.database.begin() as tx:
        return await tx.count(Photo)


async def start(way: str, env: Mapping[str, str]) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", way, "--alone", cwd=CHECKOUT, env=os.environ | env,
        stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip


HELD = 0.5  # seconds in which a bot that has updates in its hands stores nothing


async def _listens(api: BotApi, env: Mapping[str, str], asked: int) -> bool:
    if not env.get("EIDER_TELEGRAM_WEBHOOK_URL"):
        return len(api.made("getUpdates")) > asked
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", int(env["EIDER_PORT"]))
    except OSError:
        return False
    writer.close()
    return True


async def killed_before_storing(
    api: BotApi, container: Container, way: str, env: Mapping[str, str], happens: Callable[[], None]
) -> None:
    """What ``happens`` reaches a bot that cannot store it, since another holds the database."""
    asked = len(api.made("getUpdates"))
    process = await start(way, env)
    try:
        while not await _listens(api, env, asked):
            assert process.returncode is None
            await asyncio.sleep(0.05)
        async with container.database.begin():
            happens()
            await asyncio.sleep(HELD)
            process.kill()
            await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@pytest.mark.slow
@pytest.mark.parametrize("way", ["poll", "serve"])
async def test_killed_again_and_again_it_takes_every_photo_once(api, customer, tmp_path, way):
    env = environment(api, tmp_path) | (posted_to(api) if way == "serve" else {})
    settings = Settings.from_env(env)
    dice = random.Random(5)
    async with open_redis(settings), open_container(settings) as container:
        async with chatting(container):
            await agree(customer)
        talking = serving_posts if way == "serve" else chatting
        env |= {"EIDER_REDIS_URL": settings.redis_url, "OMP_NUM_THREADS": "1"}
        if way == "serve":
            assert await operate_telegram("set", settings) == 0
        album = [photo(number) for number in range(PHOTOS)]
        await killed_before_storing(api, container, way, env, lambda: customer.send_album(album))
        assert await taken(container) == 0
        for _ in range(DEATHS):
            before = await taken(container)
            process = await start(way, env)
            while PHOTOS > await taken(container) == before:
                assert process.returncode is None
                await asyncio.sleep(dice.uniform(0, 0.02))
            process.kill()
            await process.wait()
        async with talking(container):
            await until(
                lambda: api.pending == [], seconds=40
            )  # a dead holder's lock lives on for 10
        assert await taken(container) == PHOTOS
        async with container.database.begin() as tx:
            prints = {one.sha256 for one in await tx.find(Photo)}
    assert len(prints) == PHOTOS
    api.problems.clear()  # a call that was cut in two by the kill is no broken rule


@pytest.mark.slow
async def test_whom_a_killed_bot_owed_an_answer_sees_where_they_stand(api, customer, tmp_path):
    """Also those whom it had acknowledged to Telegram already; who has erased themselves by it
    reads the receipt; who has since does not come to life by it."""
    env = environment(api, tmp_path) | posted_to(api)
    settings = Settings.from_env(env)
    gone, leaving = Customer(api, 4499), Customer(api, 4498)
    async with open_redis(settings), open_container(settings) as container:
        redis = container.redis
        env |= {"EIDER_REDIS_URL": settings.redis_url, "OMP_NUM_THREADS": "1"}
        assert await operate_telegram("set", settings) == 0
        process = await start("serve", env)
        leaving.say("/erase")
        await leaving.sees("Erase everything about you?")
        api.delays["sendMessage"] = api.delays["sendMediaGroup"] = api.delays["sendPhoto"] = 60
        for one in (customer, gone):
            one.say("/start")
        leaving.press("Erase everything")
        async with asyncio.timeout(60):
            while len(await redis.hgetall("eider:telegram:owed_answers")) < 3 or api.pending:
                await asyncio.sleep(0.05)
        process.kill()
        await process.wait()
        api.delays.clear()
        for life in await redis.keys("eider:telegram:answering:*"):
            await redis.delete(life)  # half a minute later
        async with container.database.begin() as tx:
            [user] = await tx.find(User, platform_id="4499")
            await tx.put(replace(user, erased_at=await tx.now(), platform_id=""))
        async with serving_posts(container):
            await customer.sees("9.90")
            await leaving.sees("Receipt of erasure")
            async with asyncio.timeout(30):
                while await redis.exists("eider:telegram:owed_answers"):
                    await asyncio.sleep(0.05)
        assert not gone.texts()
        async with container.database.begin() as tx:
            assert await tx.count(User) == 3
            assert await tx.count(User, platform_id="4498") == 0
    api.problems.clear()
