"""Every process killed with -9 in the middle of what it does: the same end, once."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable

import pytest

from shop import privacy
from shop.avatars.avatars import TRAIN
from shop.avatars.portraits import PAINT
from shop.jobs import outbox
from shop.jobs.kinds import JobKind
from shop.records import (
    Avatar,
    AvatarState,
    Charge,
    Job,
    JobState,
    Order,
    OrderState,
    Photo,
    Portrait,
    Shoot,
    ShootState,
)  # fmt: skip
from tests.doubles import photo
from tests.journeys.conftest import ClusterFixture, agree, is_set, sets

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]
PAUSE = 4.0
PATIENCE = 90


async def until(true: Callable[[], Awaitable[bool]], seconds: float = PATIENCE) -> None:
    async with asyncio.timeout(seconds):
        while not await true():
            await asyncio.sleep(0.05)


def kill(cluster: ClusterFixture, *names: str) -> None:
    for name in names:
        os.kill(cluster.processes.pids[name], signal.SIGKILL)


async def reap(
    cluster: ClusterFixture, moment: Callable[[], Awaitable[bool]], after: float, *names: str
) -> None:
    """Kill them ``after`` seconds from the moment."""
    await until(moment)
    await asyncio.sleep(after)
    kill(cluster, *names)


async def runs(cluster: ClusterFixture, queue: JobKind) -> bool:
    async with cluster.container.database.begin() as tx:
        return bool(await tx.find(Job, kind=queue.name, state=JobState.RUNNING))


async def test_killed_everywhere_it_ends_the_same_once(open_cluster):
    async with open_cluster(QUICK_PAUSE=str(PAUSE)) as cluster, cluster.enter() as chat:
        await agree(chat)

        sending = asyncio.create_task(chat.send_photos([photo(n) for n in range(20)]))
        await until(lambda: some_photos(cluster, 5))
        kill(cluster, "web", "check", "courier")
        await sending
        await chat.wait(lambda seen: "20 usable" in seen.text, seconds=PATIENCE)

        reapers = [
            asyncio.create_task(reap(cluster, lambda: is_paid(cluster), 0, "web", "courier")),
            asyncio.create_task(reap(cluster, lambda: runs(cluster, TRAIN), 1, "studio")),
            asyncio.create_task(
                reap(cluster, lambda: runs(cluster, PAINT), 1, "studio", "courier")
            ),
        ]
        await chat.press("done")
        await chat.press("pay:")
        await chat.wait(is_set, seconds=PATIENCE)
        await asyncio.gather(*reapers)
        kill(cluster, "courier")

        await until(lambda: at_rest(cluster))
        assert len(sets(chat)) == 1
        assert await privacy.uploads_left(cluster.container.database, cluster.container.blobs) == 0
        async with cluster.container.database.begin() as tx:
            (order,), (avatar,), (shoot,) = (
                await tx.find(Order), await tx.find(Avatar), await tx.find(Shoot)
            )  # fmt: skip
            assert (order.state, avatar.state) == (OrderState.DONE, AvatarState.READY)
            assert shoot.state is ShootState.DONE
            assert (await tx.count(Charge), await tx.count(Portrait)) == (1, 4)
            assert await tx.count(Photo) == 0
            assert set((await tx.totals()).values()) == {0}
            trained = await tx.find(Job, kind=TRAIN.name)
            assert [(job.state, job.attempts) for job in trained] == [(JobState.DONE, 2)]
            painted = await tx.find(Job, kind=PAINT.name)
            assert [(job.state, job.attempts) for job in painted] == [(JobState.DONE, 2)]


async def test_told_to_stop_a_studio_hands_on_at_once(open_cluster):
    """As when its node is taken away: nobody waits for the end of the lease, here ten minutes, and
    it counts as no attempt."""
    pause = {"QUICK_PAUSE": str(PAUSE), "EIDER_LEASE_SECONDS": "600"}
    async with open_cluster(**pause) as cluster, cluster.enter() as chat:
        await agree(chat)
        await chat.send_photos([photo(n) for n in range(20)])
        await chat.wait(lambda seen: "20 usable" in seen.text, seconds=PATIENCE)
        await chat.press("done")
        await chat.press("pay:")
        await until(lambda: runs(cluster, TRAIN))
        os.kill(cluster.processes.pids["studio"], signal.SIGTERM)
        await chat.wait(is_set, seconds=PATIENCE)
        assert "worker_left" in (cluster.settings.data_dir / "logs" / "studio.log").read_text()
        async with cluster.container.database.begin() as tx:
            (job,) = await tx.find(Job, kind=TRAIN.name)
        assert (job.state, job.attempts, job.failures) == (JobState.DONE, 1, 0)


async def test_the_store_itself_may_be_killed(open_cluster):
    """The queue holds signals only: without it everything owed is found in the database."""
    async with open_cluster() as cluster, cluster.enter() as chat:
        await agree(chat)
        await chat.send_photos([photo(n) for n in range(20)])
        kill(cluster, "store")
        await chat.wait(lambda seen: "20 usable" in seen.text, seconds=PATIENCE)
        await chat.press("done")
        await chat.press("pay:")
        kill(cluster, "store")
        await chat.wait(is_set, seconds=PATIENCE)
        assert len(sets(chat)) == 1


async def some_photos(cluster: ClusterFixture, least: int) -> bool:
    async with cluster.container.database.begin() as tx:
        return await tx.count(Photo) >= least


async def is_paid(cluster: ClusterFixture) -> bool:
    async with cluster.container.database.begin() as tx:
        return bool(await tx.count(Charge))


async def at_rest(cluster: ClusterFixture) -> bool:
    """No outbox message left: whatever would be sent twice has been."""
    from shop.records import OutboxMessage

    async with cluster.container.database.begin() as tx:
        return not await tx.count(OutboxMessage, state=outbox.PENDING)
