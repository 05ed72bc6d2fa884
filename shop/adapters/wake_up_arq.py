"""Wake-up signals over arq, and the one place that knows how arq is set up on either end.

Payloads travel as JSON (arq's default is pickle: whoever reaches Redis could run code here), no
results are kept (a kept result would swallow later signals of the same key), and tries are many:
how often a job may fail is said by its row in the database, not here.
"""

import asyncio
import contextlib
import json
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from datetime import UTC
from itertools import count
from typing import Any, Final, cast
from urllib.parse import urlsplit

import structlog
from arq.connections import ArqRedis
from arq.constants import in_progress_key_prefix, job_key_prefix
from arq.cron import CronJob
from arq.worker import Worker, func
from redis.asyncio import ConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as RedisUnreachable
from redis.exceptions import RedisError

from shop.errors import CannotStart, Unavailable
from shop.outages import REDIS_AWAY, REPEATS, plain_words
from shop.redis_client import REDIS_SECONDS, hear_cancellation

Payload = Mapping[str, str | int | float]
SignalHandler = Callable[[dict[str, Any], Payload], Coroutine[Any, Any, None]]
"""What a worker does for a signal: called with arq's ctx and the payload."""

_KEPT_MS = 7 * 24 * 3600 * 1000  # of a signal that nobody answers
_TRIES = 1000
_HEALTH_SECONDS = 10
_RECONNECT_SECONDS = 1.0
_PAUSES = (0.5, 1.0, 2.0, 5.0)  # seconds before another worker is built
_STEADY_SECONDS = 30.0
FINISH_SECONDS = 30.0
START_PAUSES = (1.0, 1.0, 1.0, 1.0, 1.0)
"""Seconds between the looks for a server at the start."""
LISTEN_SECONDS: Final = 60.0
"""Of one look for what is published."""
_AWAY = (RedisError, OSError)
"""What Redis, or the way to it, raises while it is away, starts, or has no memory left. A worker
also ends with such an error of a handler: handlers must catch theirs."""

log = structlog.get_logger(__name__)


def queue_name(queue: str) -> str:
    """Arq's name for one of our queues, such as ``eider:check``."""
    return f"eider:{queue}"


def redis_client(url: str) -> ArqRedis:
    """A pool of connections for ``redis://``, ``rediss://`` or ``unix://``, opened as needed.

    It outlives a restart of the server: a connection that is lost is tried again for some seconds.
    A command that is not answered within :data:`shop.redis_client.REDIS_SECONDS` is not repeated:
    it may have been done. (arq's own factory sets no such time-out, and waits for ever.)
    """
    pool = ConnectionPool.from_url(
        url,
        socket_timeout=REDIS_SECONDS,
        socket_connect_timeout=REDIS_SECONDS,
        retry=Retry(ExponentialBackoff(cap=2.0, base=0.05), 8, (RedisUnreachable,)),
        retry_on_error=[RedisUnreachable],
    )
    hear_cancellation(pool)
    client = cast(ArqRedis, ArqRedis.from_pool(pool))
    client.job_serializer = _to_json
    client.job_deserializer = json.loads
    client.expires_extra_ms = _KEPT_MS
    return client


async def connect(url: str) -> ArqRedis:
    """A pool of connections, for :class:`ArqWakeUp`. Raises :class:`shop.errors.CannotStart` if
    there is no server after five more tries, of which nothing is logged.
    """
    redis = redis_client(url)
    try:
        for pause in START_PAUSES:
            with contextlib.suppress(*_AWAY):
                await redis.ping()
                return redis
            await asyncio.sleep(pause)
        await redis.ping()
    except _AWAY as error:
        await redis.aclose()
        parts = urlsplit(url)  # of which only this much holds no secret
        where = f"{parts.hostname}:{parts.port or 6379}" if parts.hostname else parts.path
        why = plain_words(error)
        raise CannotStart(f"EIDER_REDIS_URL: no Redis answers at {where}: {why}") from error
    return redis


class ArqWakeUp:
    """A :class:`shop.ports.WakeUp`; whoever made the pool closes it."""

    def __init__(self, redis: ArqRedis) -> None:
        self._redis = redis

    async def signal(
        self,
        queue: str,
        name: str,
        payload: Payload,
        *,
        key: str,
        delay: float = 0.0,
    ) -> None:
        """One signal waits per key. arq would also swallow one while the job of an earlier one
        runs, or while a killed worker's is believed to run: then it waits under a next name.

        Raises :class:`shop.errors.Unavailable`.
        """
        try:
            await self._signal(queue, name, payload, key, delay)
        except _AWAY as error:
            raise Unavailable(REDIS_AWAY) from error

    async def _signal(
        self, queue: str, name: str, payload: Payload, key: str, delay: float
    ) -> None:
        for number in count():
            id = f"{queue}:{key}" + (f"~{number}" if number else "")
            while True:
                enqueued = await self._redis.enqueue_job(
                    name, dict(payload), _job_id=id, _queue_name=queue_name(queue), _defer_by=delay
                )
                exists, running = await self._exists_and_runs(id)
                if enqueued or (exists and not running):
                    return
                if running:
                    break

    async def _exists_and_runs(self, id: str) -> tuple[bool, bool]:
        async with self._redis.pipeline(transaction=True) as batch:
            batch.exists(job_key_prefix + id)
            batch.exists(in_progress_key_prefix + id)
            exists, running = await batch.execute()
        return bool(exists), bool(running)


class PeerWakeUps:
    """Passes a signal on to the other workers of a queue, by Redis' pub/sub.

    arq hands a signal to one worker, which may be busy or not the one that the policy wants.
    Nothing is kept for a worker that does not listen: it looks for work by itself now and then.
    """

    def __init__(self, redis: ArqRedis, worker: str) -> None:
        """``worker``: the name of this one, which does not hear itself."""
        self._redis = redis
        self._name = worker.encode()

    async def pass_on(self, queue: str) -> None:
        """Wake every other worker of that queue up. Raises :class:`shop.errors.Unavailable`."""
        try:
            await self._redis.publish(_channel(queue), self._name)
        except _AWAY as error:
            raise Unavailable(REDIS_AWAY) from error

    async def listen(self, queues: Sequence[str], hear: Callable[[str], Awaitable[object]]) -> None:
        """Call ``hear`` with the queue of whatever others pass on, until cancelled. Connects again
        when Redis was away."""
        channels = {_channel(queue).encode(): queue for queue in queues}
        while True:
            try:
                async with self._redis.pubsub() as subscription:
                    await subscription.subscribe(*channels)
                    while True:  # with a time-out of its own: silence is no outage
                        message = await subscription.get_message(timeout=LISTEN_SECONDS)
                        if message is None or message["type"] != "message":
                            continue
                        if message["data"] != self._name:
                            await hear(channels[message["channel"]])
            except _AWAY as error:
                _log_outage(error)
                await asyncio.sleep(_RECONNECT_SECONDS)


def _channel(queue: str) -> str:
    return f"eider:peers:{queue}"


async def answer_signals(build: Callable[[], Worker]) -> None:
    """Answer signals with what ``build`` gives (:func:`build_worker`), until cancelled.

    An arq worker ends with the first error of Redis. So what it has begun is let finish, for up to
    :data:`FINISH_SECONDS`, and after a pause another one is built, for as long as Redis is away or
    its memory full.
    """
    pauses = iter(_PAUSES)
    pause = _PAUSES[0]
    while True:
        worker, began = build(), time.monotonic()
        try:
            await worker.async_run()
        except _AWAY as error:
            _log_outage(error)
            if worker.tasks:
                await asyncio.wait(worker.tasks.values(), timeout=FINISH_SECONDS)
        finally:
            await _close(worker)
        if time.monotonic() - began > _STEADY_SECONDS:  # it has worked since the last outage
            pauses = iter(_PAUSES)
        pause = next(pauses, pause)
        await asyncio.sleep(pause)


async def _close(worker: Worker) -> None:
    """End what it is doing, and its connections, whether Redis is there or not."""
    await asyncio.gather(worker.close(), return_exceptions=True)  # also what it cancels itself
    for task in worker.tasks.values():
        if task.done() and not task.cancelled():
            task.exception()  # it is heard, or asyncio would log it
    if worker.pool is not None:
        with contextlib.suppress(*_AWAY):
            await worker.pool.aclose(close_connection_pool=True)


def _log_outage(error: BaseException) -> None:
    log.warning(
        "signals_unheard", error=type(error).__name__, why=REDIS_AWAY, **{REPEATS: REDIS_AWAY}
    )


def build_worker(
    url: str,
    queue: str,
    handlers: Mapping[str, SignalHandler],
    *,
    timeout: float,
    at_once: int = 1,
    crons: Sequence[CronJob] = (),
    poll_delay: float = 0.1,
    handle_signals: bool = True,
) -> Worker:
    """An ``arq.Worker`` that answers the signals of one queue: run it by :func:`answer_signals`.

    ``handlers`` maps a signal's name to what is done for it, ``timeout`` is in seconds for each
    (after that it is cancelled), ``at_once`` is how many run together. ``poll_delay``: seconds
    between two looks into Redis, which is how late a signal may be heard.
    """
    return Worker(
        functions=[func(run, name=name) for name, run in handlers.items()],
        queue_name=queue_name(queue),
        cron_jobs=list(crons),
        redis_pool=redis_client(url),
        max_jobs=at_once,
        job_timeout=timeout,
        keep_result=0,
        poll_delay=poll_delay,
        max_tries=_TRIES,
        health_check_interval=_HEALTH_SECONDS,
        job_serializer=_to_json,
        job_deserializer=json.loads,
        expires_extra_ms=_KEPT_MS,
        log_results=False,
        timezone=UTC,
        handle_signals=handle_signals,
    )


def _to_json(value: dict[str, Any]) -> bytes:
    """Of an exception, which arq puts into a failed job's result, only the kind is told."""
    return json.dumps(value, default=lambda odd: type(odd).__name__).encode()
