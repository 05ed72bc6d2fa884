"""How Redis is asked: with a time-out, for a server that is frozen says nothing by itself, and by
tasks that can be cancelled at any moment."""

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any, Final, TypeVar

from redis.asyncio import (
    Connection,
    ConnectionPool,
    Redis,
    SSLConnection,
    UnixDomainSocketConnection,
)
from redis.asyncio.connection import AbstractConnection

T = TypeVar("T")

REDIS_SECONDS: Final = 5.0
"""For so long a connection, and each answer, is waited for."""


def open_client(url: str) -> Redis:
    """A client for a few questions, to be closed. Each is asked once, and raises
    :class:`redis.exceptions.RedisError` or OSError."""
    client: Redis = Redis.from_url(
        url, socket_timeout=REDIS_SECONDS, socket_connect_timeout=REDIS_SECONDS
    )
    hear_cancellation(client.connection_pool)
    return client


def hear_cancellation(pool: ConnectionPool) -> None:
    """Have a pool that has opened nothing yet make connections that no cancellation gets lost in.

    redis-py sends by :func:`asyncio.wait_for`, and that of Python 3.11 loses a cancellation that
    comes as the bytes have just gone out: the task goes on for ever, and so does who waits for it.
    """
    pool.connection_class = _HEARING[pool.connection_class]


async def even_if_cancelled(asking: Coroutine[Any, Any, T]) -> T:
    """What is asked on the way out of a task that may have been cancelled.

    redis-py tells by a time-out of nothing whether a connection is fit, and that of Python 3.11 up
    to 3.11.3 is lost in a task that was cancelled before: the question fails as if it were.
    """
    task = asyncio.current_task()
    if task and task.cancelling():
        return await asyncio.create_task(asking)
    return await asking


class _Hearing(AbstractConnection):
    async def send_packed_command(
        self, command: bytes | str | Iterable[bytes], check_health: bool = True
    ) -> None:
        task = asyncio.current_task()
        before = task.cancelling() if task else 0
        await super().send_packed_command(command, check_health)
        if task and task.cancelling() > before:
            await self.disconnect(nowait=True)  # its answer belongs to nobody
            raise asyncio.CancelledError


class _HearingConnection(_Hearing, Connection):
    pass


class _HearingSSLConnection(_Hearing, SSLConnection):
    pass


class _HearingUnixConnection(_Hearing, UnixDomainSocketConnection):
    pass


_HEARING: Final[dict[type[AbstractConnection], type[AbstractConnection]]] = {
    Connection: _HearingConnection,
    SSLConnection: _HearingSSLConnection,
    UnixDomainSocketConnection: _HearingUnixConnection,
}
