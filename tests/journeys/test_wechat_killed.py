"""Every process killed with -9 in the middle of a journey through WeChat: the same end, once, and
within the budget. WeChat posts again what nobody answered."""

import asyncio

import pytest

from shop import privacy
from shop.avatars.avatars import TRAIN
from shop.avatars.portraits import PAINT
from shop.records import (
    Avatar,
    AvatarState,
    Charge,
    Order,
    OrderState,
    Photo,
    Portrait,
    Shoot,
    ShootState,
)  # fmt: skip
from tests.doubles import photo
from tests.journeys import wechat_steps
from tests.journeys.conftest import ClusterFixture
from tests.journeys.test_killed import at_rest, is_paid, kill, reap, runs, some_photos, until
from tests.journeys.wechat_steps import SAY, agree, kept_to_the_rules, pay, says, words_of
from tests.wechatapi import Person, Wechat, serving

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]
PAUSE = 4.0
PATIENCE = 90.0


async def is_painted(cluster: ClusterFixture) -> bool:
    async with cluster.container.database.begin() as tx:
        return bool(await tx.find(Shoot, state=ShootState.DONE))


@pytest.fixture
async def wechat():
    """It posts again after ten seconds: a process of this machine, with all its other work, starts
    in less than the thirty that this makes. WeChat's own pauses are not known."""
    async with serving(Wechat()) as wechat:
        wechat.callbacks.pause = 10.0
        yield wechat


async def test_killed_everywhere_it_ends_the_same_once_and_within_the_budget(wechat, open_cluster):
    env = wechat_steps.account_of(wechat) | {"QUICK_PAUSE": str(PAUSE)}
    async with open_cluster(**env) as cluster:
        wechat.callbacks.url = f"{cluster.address}/wechat"
        ada = Person(wechat)
        await agree(ada)

        sent = ada.send_photos([photo(number) for number in range(20)])
        await until(lambda: some_photos(cluster, 5))
        kill(cluster, "web", "check", "courier")
        for each in sent:
            await each
        await ada.sees(words_of("tally-head", sent=20, accepted=20), seconds=PATIENCE)

        reapers = [
            asyncio.create_task(reap(cluster, lambda: is_paid(cluster), 0, "web", "courier")),
            asyncio.create_task(reap(cluster, lambda: runs(cluster, TRAIN), 1, "studio")),
            asyncio.create_task(
                reap(cluster, lambda: runs(cluster, PAINT), 1, "studio", "courier")
            ),
        ]
        await pay(ada)
        await until(lambda: is_painted(cluster))
        await asyncio.gather(*reapers)
        kill(cluster, "courier")
        await says(ada, SAY.word("orders"))  # whatever the budget had no room for comes now
        await ada.sees("已完成", seconds=PATIENCE)
        await ada.sees("第一组写真：", seconds=PATIENCE)
        await ada.sees(SAY("news-training-erased", count=20)[:14], seconds=PATIENCE)
        await until(lambda: at_rest(cluster))

        container = cluster.container
        assert await privacy.uploads_left(container.database, container.blobs) == 0
        async with container.database.begin() as tx:
            (order,), (avatar,), (shoot,) = (
                await tx.find(Order), await tx.find(Avatar), await tx.find(Shoot)
            )  # fmt: skip
            assert (order.state, avatar.state) == (OrderState.DONE, AvatarState.READY)
            assert shoot.state is ShootState.DONE
            assert (await tx.count(Charge), await tx.count(Portrait)) == (1, 4)
            assert await tx.count(Photo) == 0
            assert set((await tx.totals()).values()) == {0}
        text = "\n".join(ada.texts())
        for once in ("收到 ¥9.90", "第一组写真：", "你的订单："):
            assert text.count(once) == 1, ada.read()
        kept_to_the_rules(wechat)
