"""One job from lease to end: take it, beat while it runs, and leave it in a known state.

The row in the database is the truth. A worker that loses its lease stops at once, because another
one works on the same job; one that is told to shut down hands its job back uncounted.
"""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import structlog

from pipeline.engine import EngineError, Progress, Report
from shop import jobs, outbox, work
from shop.ports import Blobs, Database, Queue
from shop.records import Job, JobId
from shop.vault import Vault

log = structlog.get_logger()

BEATS = 3  # a lease survives two missed beats
NEWS = 2.0  # seconds between two words on progress
AGAIN = 2.0  # seconds before a job that failed in passing is rung for again


@dataclass(frozen=True, slots=True)
class House:
    """What every duty needs of the shop."""

    database: Database
    blobs: Blobs
    vault: Vault
    queue: Queue
    clock: Callable[[], datetime]


class Duty(Protocol):
    """What a queue's jobs mean; that a job cannot be done is :func:`shop.work.give_up`'s to say."""

    async def run(self, job: Job, report: Report) -> None:
        """Do the work and book its result in one transaction, safe to run twice. May raise an
        EngineError."""


class Shift:
    """A worker's way of doing the jobs of one queue, one after another."""

    def __init__(self, house: House, duty: Duty, worker: str, lease_seconds: float) -> None:
        self._house = house
        self._duty = duty
        self._worker = worker
        self._lease = lease_seconds

    async def work(self, job_id: JobId) -> None:
        """Answer a ring. Nothing happens if the job is ended, poisoned, or another's."""
        async with self._house.database.begin() as tx:
            job = await work.take(tx, job_id, self._worker, self._house.clock(), self._lease)
        await self._ring()
        if job is None:
            return
        with structlog.contextvars.bound_contextvars(
            job=job.id, queue=job.queue.value, ref=job.ref, user=job.user_id, attempt=job.attempts
        ):
            log.info("job_begun")
            await self._do(job)
            await self._ring()

    async def _do(self, job: Job) -> None:
        latest = _Latest()
        running = asyncio.ensure_future(self._duty.run(job, latest.hear))
        beating = asyncio.ensure_future(self._beat(job, latest))
        try:
            await asyncio.wait({running, beating}, return_when=asyncio.FIRST_COMPLETED)
            if not running.done():
                await _cancel(running)
                beating.result()  # why the beating ended, if it was an error
                log.warning("lease_lost")
                return
            await _cancel(beating)
            await self._end(job, running)
        except asyncio.CancelledError:
            await _cancel(beating)
            await _cancel(running)
            await self._hand_back(job, counted=False)
            raise

    async def _end(self, job: Job, running: "asyncio.Future[None]") -> None:
        try:
            running.result()
            log.info("job_done")
        except EngineError as error:
            why = type(error).__name__
            log.warning("job_failed", error=why, detail=str(error), retryable=error.retryable)
            if error.retryable:  # jobs.MAX_ATTEMPTS bounds the tries
                await self._hand_back(job, counted=True)
            else:
                await self._fail(job, why)
        except Exception:
            # A door: whatever a duty trips over, the customer's job must not hang until its lease
            # runs out, and a mistake that repeats must end in a refund.
            log.exception("job_broke")
            await self._hand_back(job, counted=True)

    async def _fail(self, job: Job, why: str) -> None:
        async with self._house.database.begin() as tx:
            await work.give_up(tx, job, why, self._house.clock())

    async def _hand_back(self, job: Job, *, counted: bool) -> None:
        async with self._house.database.begin() as tx:
            now = self._house.clock()
            delay = AGAIN if counted else 0.0
            await jobs.hand_back(tx, job, self._worker, now, delay=delay, counted=counted)

    async def _beat(self, job: Job, latest: "_Latest") -> None:
        """Prolong the lease and pass the progress on; returns when the lease is lost."""
        pause = min(self._lease / BEATS, NEWS)
        await asyncio.sleep(pause)
        while await self._prolong(job, latest.progress):
            await asyncio.sleep(pause)

    async def _prolong(self, job: Job, progress: Progress | None) -> bool:
        now = self._house.clock()
        async with self._house.database.begin() as tx:
            if progress is None:
                return await jobs.beat(tx, job, self._worker, now, self._lease)
            kept = await jobs.beat(
                tx, job, self._worker, now, self._lease,
                stage=progress.stage.value, step=progress.step, steps=progress.steps,
                seconds_left=progress.seconds_left,
            )  # fmt: skip
            if kept:
                await outbox.tell(
                    tx, job.user_id, "progress", now, key=f"progress:{job.id}", job=job.id
                )
        await self._ring()
        return kept

    async def _ring(self) -> None:
        await outbox.flush(self._house.database, self._house.queue, self._house.clock())


class _Latest:
    """The last word of the engine on a job, for the next beat."""

    def __init__(self) -> None:
        self.progress: Progress | None = None

    async def hear(self, progress: Progress) -> None:
        self.progress = progress


async def _cancel(task: "asyncio.Future[None]") -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError, Exception):
        await task
