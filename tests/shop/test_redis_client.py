"""A task that asks Redis can be cancelled at any moment of it."""

import asyncio

from redis.asyncio import Redis

from shop.adapters.wake_up_arq import redis_client
from shop.redis_client import open_client

MOMENTS = 24  # more turns of the loop than a command takes: see the last assertion


async def test_no_cancellation_is_lost_whenever_it_comes(valkey: str) -> None:
    for client in (open_client(valkey), redis_client(valkey)):
        async with client:
            await client.ping()
            ended_by_itself = [await _cancelled_after(turns, client) for turns in range(MOMENTS)]
            assert ended_by_itself[-1], "the last moments are after the command"
            assert await client.ping(), "what was cancelled left no answer behind"


async def _cancelled_after(turns: int, client: Redis) -> bool:
    """Whether the command was over by then."""
    answered = asyncio.Event()

    async def ask() -> None:
        await client.ping()
        answered.set()
        await asyncio.Event().wait()

    asking = asyncio.create_task(ask())
    for _ in range(turns):
        await asyncio.sleep(0.0005 if turns > MOMENTS // 2 else 0)
    over = answered.is_set()
    asking.cancel()
    done, _ = await asyncio.wait({asking}, timeout=2.0)
    assert done, f"cancelled after {turns} turns of the loop, it went on"
    assert asking.cancelled()
    return over
