"""Signatures that have served: each is good for one message, so that nobody who reads one can put
another message behind it. WeChat's own repetition of a message may have the same one.

The signature itself is remembered, not the time and the nonce of which it is: they are signed
without a mark between them, so that other pairs have the same one.
"""

from collections.abc import Sequence
from typing import Final

from redis.asyncio import Redis

from bot.state.locks import outages

REMEMBERED_SECONDS: Final = 660
"""Longer than both sides of the time that is tolerated."""


class Nonces:
    """In Redis, for all processes."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def serve(self, signatures: Sequence[str], event_id: str) -> bool:
        """Whether each of these signatures serves that message: none before, or the same. Raises
        Unavailable."""
        keys = [f"eider:wechat:nonce:{signature}" for signature in signatures]
        with outages():
            async with self._redis.pipeline(transaction=True) as pipe:
                for key in keys:
                    pipe.set(key, event_id, nx=True, ex=REMEMBERED_SECONDS)
                pipe.mget(keys)
                *_, served = await pipe.execute()
        return all(one is not None and one.decode() == event_id for one in served)
