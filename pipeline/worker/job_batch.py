"""Jobs leased together, from begin to end: each is beaten, and ended, on its own.

The row in the database is the truth. A job whose lease is lost, because its customer had everything
erased or because another worker took it, is worked at no longer: the batch begins again without
it, a training from its last checkpoint. One that fails, or whose result cannot be booked, leaves
the others as they are.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol, TypeVar

import structlog

from pipeline.engine.engine import EngineError, Progress
from shop.encryption import EnvelopeCipher
from shop.jobs import dispatch, jobs, outbox
from shop.jobs.dispatch import WorkerSpec
from shop.ports import Blobs, Database, Tx, WakeUp
from shop.records import Job, JobId

log = structlog.get_logger()

Report = Callable[[int, Progress], Awaitable[None]]
"""Told the index of the order, and its news."""

BEATS: Final = 3  # a lease survives two missed beats
NEWS: Final = 2.0  # seconds between two words on progress
AGAIN: Final = 2.0  # seconds before a job that failed in passing is tried again

A = TypeVar("A")
C = TypeVar("C")


@dataclass(frozen=True, slots=True)
class WorkerDependencies:
    """What every duty needs of the shop."""

    database: Database
    blobs: Blobs
    cipher: EnvelopeCipher
    queue: WakeUp
    clock: Callable[[], datetime]


class JobHandler(Protocol[A, C]):
    """What a queue's jobs mean: asked (A) of the engine, and what comes of it (C)."""

    async def open(self, job: Job) -> A | None:
        """What to ask for. None: there is nothing to do, it was ended meanwhile."""

    async def work(self, asked: Sequence[A], report: Report) -> Sequence[C | EngineError]:
        """Have it done, in that order. May raise an EngineError that concerns them all."""

    async def book(self, asked: A, came: C) -> None:
        """Keep the result and end the job in one transaction, safe to run twice."""

    async def drop(self, asked: A) -> None:
        """The job will not be tried again: forget what is left of the work."""


class JobBatch:
    """Some jobs of one queue in a worker's hands."""

    def __init__(
        self,
        deps: WorkerDependencies,
        handler: JobHandler[Any, Any],
        spec: WorkerSpec,
        leased: Sequence[Job],
    ) -> None:
        self._deps, self._handler, self._spec = deps, handler, spec
        self._live = {job.id: job for job in leased}  # those that are ours and not ended
        self._asked: dict[JobId, Any] = {}
        self._news: dict[JobId, Progress] = {}
        self._lost = asyncio.Event()

    async def run(self) -> None:
        """Until every job is ended or handed back; cancelled, hands back what is left uncounted."""
        beating = asyncio.ensure_future(self._beat())
        try:
            for job in list(self._live.values()):
                await self._open(job)
            while self._live and not await self._work():
                log.info("batch_goes_on", jobs=len(self._live))
        except asyncio.CancelledError:
            await cancelled(beating)
            for job in list(self._live.values()):
                await self._hand_back(job, counted=False)
            raise
        finally:
            await cancelled(beating)
            await self._ring()

    async def _open(self, job: Job) -> None:
        with _bound(job):
            log.info("job_begun")
            try:
                asked = await self._handler.open(job)
            except Exception:
                await self._broke(job)
                return
            if asked is None:
                self._live.pop(job.id, None)
            else:
                self._asked[job.id] = asked

    async def _work(self) -> bool:
        """True once everything is settled; False when a lease was lost: go on with the others."""
        self._lost.clear()
        now = list(self._live.values())

        async def hear(which: int, progress: Progress) -> None:
            self._news[now[which].id] = progress

        running = asyncio.ensure_future(
            self._handler.work([self._asked[job.id] for job in now], hear)
        )
        losing = asyncio.ensure_future(self._lost.wait())
        try:
            await asyncio.wait({running, losing}, return_when=asyncio.FIRST_COMPLETED)
            if not running.done():
                return False
        finally:
            await cancelled(losing)
            if not running.done():
                await cancelled(running)
        for job, came in zip(now, _results(running, len(now)), strict=True):
            if job.id in self._live:
                await self._settle(job, came)
        return True

    async def _settle(self, job: Job, came: object) -> None:
        with _bound(job):
            try:
                if isinstance(came, EngineError):
                    await self._failed(job, came)
                elif isinstance(came, Exception):
                    raise came
                else:
                    await self._handler.book(self._asked[job.id], came)
                    log.info("job_done")
            except Exception:
                # A door: whatever a duty trips over, the customer's job must not hang until its
                # lease runs out, and a mistake that repeats must end in a refund.
                await self._broke(job)
            self._live.pop(job.id, None)
        await self._ring()

    async def _failed(self, job: Job, error: EngineError) -> None:
        why = type(error).__name__
        log.warning("job_failed", error=why, detail=str(error), retryable=error.retryable)
        if error.retryable:  # jobs.MAX_ATTEMPTS bounds the tries
            await self._hand_back(job, counted=True)
            return
        async with self._deps.database.begin() as tx:
            await dispatch.give_up(tx, job, why, self._deps.clock())
        await self._handler.drop(self._asked[job.id])

    async def _broke(self, job: Job) -> None:
        log.exception("job_broke")
        await self._hand_back(job, counted=True)
        self._live.pop(job.id, None)

    async def _hand_back(self, job: Job, *, counted: bool) -> None:
        """One that cannot be handed back, because the database is away, waits for its lease."""
        try:
            async with self._deps.database.begin() as tx:
                now = self._deps.clock()
                delay = AGAIN if counted else 0.0
                name = self._spec.name
                await jobs.hand_back(tx, job, name, now, delay=delay, counted=counted)
        except Exception:
            log.exception("job_not_handed_back", job=job.id)

    async def _beat(self) -> None:
        """Prolong the leases and pass the news on; those that were lost are let go."""
        lease = self._spec.lease_seconds
        loop = asyncio.get_running_loop()
        until = loop.time() + lease
        while self._live:
            await asyncio.sleep(min(lease / BEATS, NEWS))
            try:
                lost = await self._prolong()
                until = loop.time() + lease
            except Exception as error:  # the database is away: the leases stand for a while
                log.warning("beat_missed", error=type(error).__name__)
                lost = list(self._live.values()) if loop.time() > until else []
            for job in lost:
                if self._live.pop(job.id, None):
                    log.warning("lease_lost", job=job.id, queue=job.kind.value)
                    self._lost.set()

    async def _prolong(self) -> list[Job]:
        async with self._deps.database.begin() as tx:
            live = list(self._live.values())
            lost = [job for job in live if not await self._beaten(tx, job)]
        await self._ring()
        return lost

    async def _beaten(self, tx: Tx, job: Job) -> bool:
        now, name, lease = self._deps.clock(), self._spec.name, self._spec.lease_seconds
        progress = self._news.get(job.id)
        if progress is None:
            return await jobs.heartbeat(tx, job, name, now, lease)
        kept = await jobs.heartbeat(
            tx, job, name, now, lease, stage=progress.stage.value, step=progress.step,
            steps=progress.steps, seconds_left=progress.seconds_left,
        )  # fmt: skip
        if kept:
            await outbox.notify(
                tx, job.user_id, "progress", now, key=f"progress:{job.id}", job=job.id
            )
        return kept

    async def _ring(self) -> None:
        """What is left unrung is rung for by the courier's sweep."""
        try:
            await outbox.flush(self._deps.database, self._deps.queue, self._deps.clock())
        except Exception as error:
            log.warning("ring_failed", error=type(error).__name__)


def _results(running: "asyncio.Future[Any]", count: int) -> Sequence[object]:
    """What came of each, or what befell them all."""
    error = running.exception()
    return running.result() if error is None else [error] * count


def _bound(job: Job) -> contextlib.AbstractContextManager[object]:
    return structlog.contextvars.bound_contextvars(
        job=job.id, queue=job.kind.value, ref=job.ref, user=job.user_id, attempt=job.attempts
    )


async def cancelled(task: "asyncio.Future[Any]") -> None:
    """Cancel it, and wait until it has ended, however."""
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError, Exception):
        await task
