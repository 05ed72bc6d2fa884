"""How Redis is asked: with a time-out, for a server that is frozen says nothing by itself."""

from typing import Final

from redis.asyncio import Redis

REDIS_SECONDS: Final = 5.0
"""For so long a connection, and each answer, is waited for."""


def open_client(url: str) -> Redis:
    """A client for a few questions, to be closed. Each is asked once, and raises
    :class:`redis.exceptions.RedisError` or OSError."""
    client: Redis = Redis.from_url(
        url, socket_timeout=REDIS_SECONDS, socket_connect_timeout=REDIS_SECONDS
    )
    return client
