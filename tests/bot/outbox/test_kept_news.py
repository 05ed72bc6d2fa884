"""What could not be told to somebody who blocked us waits until they come back."""

from collections import Counter
from dataclasses import replace

from bot.outbound import Unreachable
from shop import privacy
from shop.jobs import outbox
from shop.people import users
from shop.records import OutboxMessage, OutboxState, User
from tests.bot.outbox.harness import ErasedNews, OutboxHarness


async def comes_back(harness: OutboxHarness, user: User) -> None:
    async with harness.database.begin() as tx:
        await users.set_unreachable(tx, user, False)
        await outbox.release_news(tx, user.id, harness.clock())


async def is_away(harness: OutboxHarness, user: User) -> bool:
    async with harness.database.begin() as tx:
        fresh = await tx.get(User, user.id)
    assert fresh is not None
    return fresh.unreachable


async def test_news_of_whoever_blocked_us_is_kept_until_they_come_back(harness, anna, bert):
    """However long that takes, and in its order; nobody else waits for it."""
    counted = Counter()
    harness.outbox_handlers = replace(
        harness.outbox_handlers, count=lambda *what: counted.update([what])
    )
    await harness.notify(anna, "ready")
    await harness.notify(anna, "portraits")
    harness.outbound.troubles = [Unreachable()]
    await harness.round()
    assert await is_away(harness, anna)
    for day in range(10):
        await harness.notify(anna, "news", n=day)
        await harness.notify(bert, "news", n=day)
        await harness.round()
        harness.clock.forward(days=1)
        async with harness.database.begin() as tx:
            await outbox.prune(tx, harness.clock())
    assert harness.outbound.said == [f"bert: news {day}" for day in range(10)]
    assert await harness.left() == []
    assert counted["notice", "kept"] == 12
    await comes_back(harness, anna)
    await harness.round()
    told = ["ready", "portraits", *(f"news {day}" for day in range(10))]
    assert harness.outbound.said[10:] == [f"anna: {news}" for news in told]
    assert await harness.outbox_handlers.stuck() == 0


async def test_who_comes_back_in_the_midst_of_it_loses_nothing(harness, anna):
    """They block us again before everything was told: what was shown is not shown twice."""
    for number in range(3):
        await harness.notify(anna, "pair", n=number)
    harness.outbound.troubles = [Unreachable()]
    await harness.round()
    await comes_back(harness, anna)
    harness.outbound.troubles = [None, None, None, Unreachable()]
    await harness.round()
    assert harness.outbound.said == ["anna: pair 0", "anna: and", "anna: pair 1"]
    assert await is_away(harness, anna)
    await comes_back(harness, anna)
    await harness.round()
    assert harness.outbound.said[3:] == ["anna: and", "anna: pair 2", "anna: and"]


async def test_nothing_is_kept_of_somebody_who_is_erased(harness, anna):
    """Neither what was kept before, nor the receipt, which holds the address."""
    await harness.notify(anna, "portraits")
    harness.outbound.troubles = [Unreachable()]
    await harness.round()
    await harness.notify(anna, "paid")
    harness.outbox_handlers = replace(
        harness.outbox_handlers, notifications=ErasedNews(harness.database)
    )
    async with harness.database.begin() as tx:
        await privacy.erase(tx, anna, harness.clock())
        assert not await tx.count(OutboxMessage, state=OutboxState.KEPT)
    harness.outbound.troubles = [Unreachable()] * 9
    for _ in range(5):
        await harness.round()
        harness.clock.forward(minutes=10)
    assert harness.outbound.said == []
    assert set(harness.outbound.forgotten) == {"anna"}
    async with harness.database.begin() as tx:
        for message in await tx.find(OutboxMessage):
            assert (message.state, message.payload) == (OutboxState.DONE, {})
