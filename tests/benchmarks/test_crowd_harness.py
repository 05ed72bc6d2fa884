"""What measures a house does so: in one as an operator runs it, and through the whole way of one
customer."""

import asyncio
from dataclasses import replace
from functools import partial

import pytest
from aiohttp import ClientSession

from benchmarks.crowd.soak import Soak
from benchmarks.crowd.throughput import in_a_row, measure, to_flood
from benchmarks.crowd.walk import Walker
from bot.container import open_container, open_redis
from bot.state.gcra import Rate
from bot.telegram.rate_limiter import RateLimiter
from shop.records import Portrait, User
from shop.settings import Settings
from tests.bot.telegram.journey_steps import PUBLIC, posted_to, serving_posts, working
from tests.bot.telegram.mini_app import TOKEN
from tests.bot.telegram.purchases import selling
from tests.botapi import BotApi, serving
from tests.postgres import NoPostgres

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.mark.parametrize("id", [800_000_001, 800_000_003])
async def test_a_customer_goes_the_whole_way_and_is_gone(id, tmp_path, monkeypatch):
    """In English and in Korean: an avatar, two sets, the page, and nothing of theirs after it."""
    quick = partial(RateLimiter, private=(Rate(0.001, 10),), overall=Rate(0.001, 10))
    monkeypatch.setattr("bot.telegram.channel.RateLimiter", quick)
    async with serving(BotApi(TOKEN)) as api:
        env = selling(api, tmp_path) | {"EIDER_TELEGRAM_TOKEN": TOKEN} | posted_to(api)
        settings = Settings.from_env(env)
        async with (
            open_redis(settings), open_container(settings) as house, serving_posts(house),
            working(house), ClientSession() as http,
        ):  # fmt: skip
            walker = Walker(api, id, f"http://127.0.0.1:{settings.port}", PUBLIC)
            await asyncio.wait_for(walker.walk(http), 120)
            async with house.database.begin() as tx:
                (user,) = await tx.find(User)
                assert user.erased_at
                assert not await tx.count(Portrait)
        assert {"first portraits", "page", "another set", "erasure"} <= set(walker.took)
        walker.forget()
        assert api.problems == []
        assert id not in api.chats


async def test_updates_cost_what_they_cost_and_every_process_is_watched(monkeypatch):
    monkeypatch.setattr("benchmarks.updates.cloud.QUIET_SECONDS", 0.4)
    monkeypatch.setattr("benchmarks.crowd.throughput.REST_SECONDS", 1.0)
    try:
        async with to_flood(1) as (house, cloud, meter):
            found = await measure(house, cloud, meter, (0.0, 30.0), {"button": 40}, 4)
            soak = Soak(house, BotApi(TOKEN, strict=False))
            values = dict(soak.of_processes()) | await soak.of_stores()
    except NoPostgres as why:
        pytest.skip(str(why))
    assert [one.milliseconds for one in found] == [0, 30]
    for one in found:
        assert one.rate > 0 < one.each.cpu["web"]
        assert 0.9 < one.each.transactions < 8
        assert 2 < one.each.asked < 60  # a second of rest is short: the tasks come unevenly
    assert found[1].p50 > 2 * 30, "in a row, and each waits so long, on however busy a machine"
    assert in_a_row([replace(found[0], p50=90.0), replace(found[1], p50=390.0)], "button") == 10
    for name in house.health_ports:
        assert values[f"{name}: MiB"] > 20
        assert values[f"{name}: files"] > 5
    assert values["rows of users"] == 4
    assert min(values[f"connections to {store}"] for store in ("PostgreSQL", "Valkey")) > 0
    assert min(values["keys in Valkey"], values["blobs"]) > 0
