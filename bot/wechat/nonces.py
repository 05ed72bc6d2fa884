"""Nonces that have served: a signature is good for one message, so that nobody who reads one can
put another message behind it. WeChat's own repetition of a message may have the same one.
"""

from typing import Final

from redis.asyncio import Redis

from bot.state.locks import outages

REMEMBERED_SECONDS: Final = 660
"""Longer than both sides of the time that is tolerated."""


class Nonces:
    """In Redis, for all processes."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def serve(self, timestamp: str, nonce: str, event_id: str) -> bool:
        """Whether that nonce serves that message: none before, or the same. Raises Unavailable."""
        key = f"eider:wechat:nonce:{timestamp}:{nonce}"
        with outages():
            async with self._redis.pipeline(transaction=True) as pipe:
                pipe.set(key, event_id, nx=True, ex=REMEMBERED_SECONDS)
                pipe.get(key)
                _, served = await pipe.execute()
        return bool(served is not None and served.decode() == event_id)
