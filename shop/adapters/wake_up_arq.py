"""The doorbell over arq, and the one place that knows how arq is set up on either end of it.

Payloads travel as JSON (arq's default is pickle: whoever reaches Redis could run code here), no
results are kept (a kept result would swallow later rings of the same key), and tries are many:
how often a job may fail is said by its row in the database, not here.
"""

import json
from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import UTC
from itertools import count
from typing import Any
from urllib.parse import unquote

from arq.connections import ArqRedis, RedisSettings, create_pool
from arq.constants import in_progress_key_prefix, job_key_prefix
from arq.cron import CronJob
from arq.worker import Worker, func
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as RedisUnreachable
from redis.exceptions import TimeoutError as RedisTimeout

from shop.records import JobQueue

Payload = Mapping[str, str | int | float]
Work = Callable[[dict[str, Any], Payload], Coroutine[Any, Any, None]]
"""What a worker does for a ring: called with arq's ctx and the payload."""

_KEPT_MS = 7 * 24 * 3600 * 1000  # of a ring that nobody answers; the sweep rings again anyway
_TRIES = 1000
_HEALTH_SECONDS = 10


def queue_name(queue: JobQueue) -> str:
    """Arq's name for one of our queues, such as ``eider:check``."""
    return f"eider:{queue.value}"


def redis_settings(url: str) -> RedisSettings:
    """For ``redis://``, ``rediss://`` or ``unix://``; outlives a restart of the server."""
    settings = RedisSettings.from_dsn(url)
    if settings.unix_socket_path:
        settings.unix_socket_path = unquote(settings.unix_socket_path)  # arq does not
    settings.conn_timeout = 5
    settings.retry = Retry(ExponentialBackoff(cap=2.0, base=0.05), 8)
    settings.retry_on_error = [RedisUnreachable, RedisTimeout]
    return settings


async def connect(url: str) -> ArqRedis:
    """A pool of connections, for :class:`ArqWakeUp`. Raises ``redis.RedisError`` if there is no
    server after five tries.
    """
    return await create_pool(
        redis_settings(url),
        job_serializer=_to_json,
        job_deserializer=json.loads,
        expires_extra_ms=_KEPT_MS,
    )


class ArqWakeUp:
    """A :class:`shop.ports.WakeUp`; whoever made the pool closes it."""

    def __init__(self, redis: ArqRedis) -> None:
        self._redis = redis

    async def ring(
        self,
        queue: JobQueue,
        name: str,
        payload: Payload,
        *,
        key: str,
        delay: float = 0.0,
    ) -> None:
        """One ring waits per key. arq would also swallow a ring while the job of an earlier one
        runs, or while a killed worker's is believed to run: then this one waits under a next name.
        """
        for number in count():
            id = f"{queue.value}:{key}" + (f"~{number}" if number else "")
            while True:
                rung = await self._redis.enqueue_job(
                    name, dict(payload), _job_id=id, _queue_name=queue_name(queue), _defer_by=delay
                )
                exists, running = await self._standing(id)
                if rung or (exists and not running):
                    return
                if running:
                    break

    async def _standing(self, id: str) -> tuple[bool, bool]:
        """Whether the job of this id exists, and whether it runs."""
        async with self._redis.pipeline(transaction=True) as batch:
            batch.exists(job_key_prefix + id)
            batch.exists(in_progress_key_prefix + id)
            exists, running = await batch.execute()
        return bool(exists), bool(running)


def build_worker(
    url: str,
    queue: JobQueue,
    work: Mapping[str, Work],
    *,
    timeout: float,
    at_once: int = 1,
    crons: Sequence[CronJob] = (),
    poll_delay: float = 0.1,
    handle_signals: bool = True,
) -> Worker:
    """An ``arq.Worker`` that answers the rings of one queue: run it with ``await async_run()``,
    end it with ``await close()``.

    ``work`` maps a ring's name to what is done for it, ``timeout`` is in seconds for each (after
    that it is cancelled; set it above the engine's own), ``at_once`` is how many run together.
    """
    return Worker(
        functions=[func(run, name=name) for name, run in work.items()],
        queue_name=queue_name(queue),
        cron_jobs=list(crons),
        redis_settings=redis_settings(url),
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
