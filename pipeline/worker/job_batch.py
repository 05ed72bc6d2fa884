"""Jobs leased together, from preparation to commit: each has its own heartbeat and its own end.

The row in the database is the truth. A job whose lease is lost, because its customer had everything
erased or because another worker took it, is worked at no longer: the batch begins again without
it, a training from its last checkpoint. One that fails, or whose result cannot be committed, leaves
the others as they are; whose fault that was, :mod:`pipeline.worker.blame` says, once the host has
been tested.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, TypeVar

import structlog

from pipeline.engine.engine import EngineError, EngineTimeout, HostError, Progress
from pipeline.worker.blame import Blame, befell_all, blame
from pipeline.worker.host_health import AlwaysWell, HostHealth, Verdict
from pipeline.worker.job_context import bound, traced
from pipeline.worker.job_metrics import JobMetrics, StepClock
from shop.encryption import EnvelopeCipher
from shop.errors import Unavailable
from shop.jobs import dispatch, jobs
from shop.jobs.dispatch import WorkerSpec
from shop.jobs.kinds import JobKind, JobKinds
from shop.jobs.outbox_flusher import OutboxFlusher
from shop.outages import told
from shop.ports import Blobs, Database, Tx
from shop.records import Job, JobId
from shop.transactions import run_transaction

log = structlog.get_logger()

Report = Callable[[int, Progress], Awaitable[None]]
"""Told the index of the request, and its progress."""

HEARTBEATS: Final = 3  # in the time of a lease: it survives two that are missed
BEAT_SECONDS: Final = 2.0  # at most between two: so soon a batch goes on without a lost lease
PROGRESS_BEATS: Final = 2  # from one notice of progress to the next
RETRY_SECONDS: Final = 2.0  # before a job that failed in passing is tried again
HOST_RETRY_SECONDS: Final = 30.0  # one that this host cannot do, though it is well for others

Request = TypeVar("Request")
Result = TypeVar("Result")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class WorkerDependencies:
    """What every handler needs of the shop. ``kinds`` are all job kinds that are known."""

    database: Database
    blobs: Blobs
    cipher: EnvelopeCipher
    kinds: JobKinds
    flusher: OutboxFlusher
    metrics: JobMetrics = field(default_factory=JobMetrics)


class JobHandler(Protocol[Request, Result]):
    """What a worker does for a job kind: a request is prepared and run, its result committed."""

    async def prepare(self, job: Job) -> Request | None:
        """The request. None: there is nothing to do, the job was ended meanwhile."""

    async def run(
        self, requests: Sequence[Request], report: Report
    ) -> Sequence[Result | EngineError]:
        """Carry the requests out; the results in the same order. May raise an EngineError that
        concerns them all. Cancelled when a lease is lost, and run again without that job."""

    async def commit(self, request: Request, result: Result) -> None:
        """Keep the result and end the job in one transaction, safe to run twice."""


class JobBatch:
    """Some jobs of one kind that a worker has leased."""

    def __init__(
        self,
        deps: WorkerDependencies,
        kind: JobKind,
        handler: JobHandler[Any, Any],
        spec: WorkerSpec,
        leased: Sequence[Job],
        timeout: float | None = None,
        host: HostHealth | None = None,
        base: str = "",
    ) -> None:
        """``timeout``: seconds for one run of the handler, after which it fails as EngineTimeout;
        None where the engine behind it keeps the time. ``base``: the base model of the jobs."""
        self._deps, self._kind, self._handler, self._spec = deps, kind, handler, spec
        self._timeout, self._host, self._base = timeout, host or AlwaysWell(), base
        self._verdict: Verdict | None = None  # of the test after this run of the handler
        self._live = {job.id: job for job in leased}  # those that are ours and not ended
        self._requests: dict[JobId, Any] = {}
        self._progress: dict[JobId, Progress] = {}
        self._told: dict[JobId, int] = {}  # the beat at which each was told last
        self._beat = 0
        self._leased_until = 0.0  # by the event loop's clock, which goes on in a stopped process
        self._lost = asyncio.Event()

    async def run(self) -> None:
        """Until every job is ended or handed back; cancelled, hands back what is left uncounted."""
        self._leased_until = asyncio.get_running_loop().time() + self._spec.lease_seconds
        heartbeats = asyncio.ensure_future(self._send_heartbeats())
        try:
            for job in list(self._live.values()):
                await self._prepare(job)
            while self._live and not await self._run_handler():
                log.info("batch_goes_on", jobs=len(self._live))
        except asyncio.CancelledError:
            await cancelled(heartbeats)
            for job in list(self._live.values()):
                await self._hand_back(job, counted=False)
            await self._flush()
            raise
        finally:
            await cancelled(heartbeats)

    @property
    def lacks_base(self) -> bool:
        """The host is well, and cannot do the base of these jobs."""
        return self._verdict is Verdict.UNABLE

    async def _prepare(self, job: Job) -> None:
        with bound(job, "prepare"):
            log.info("job_begun")
            try:
                request = await self._handler.prepare(job)
            except Exception as error:
                _say_broke(error)
                self._verdict = None
                await self._failed(job, error, together=False)
                self._live.pop(job.id, None)
                await self._flush()
                return
            if request is None:
                self._live.pop(job.id, None)
            else:
                self._requests[job.id] = request

    async def _run_handler(self) -> bool:
        """True once everything is settled; False when a lease was lost: go on with the others."""
        self._lost.clear()
        self._verdict = None
        batch = list(self._live.values())

        began = asyncio.get_running_loop().time()
        steps = StepClock(self._deps.metrics)

        async def on_progress(which: int, progress: Progress) -> None:
            self._progress[batch[which].id] = progress
            steps.hear(which, progress, asyncio.get_running_loop().time())

        working = self._handler.run([self._requests[job.id] for job in batch], on_progress)
        running = asyncio.ensure_future(traced(batch, working))
        lost_lease = asyncio.ensure_future(self._lost.wait())
        late = False
        try:
            await asyncio.wait(
                {running, lost_lease}, timeout=self._timeout, return_when=asyncio.FIRST_COMPLETED
            )
            late = not running.done() and not lost_lease.done()
            if not running.done() and not late:
                return False
        finally:
            await cancelled(lost_lease)
            if not running.done():
                await cancelled(running)
            took = asyncio.get_running_loop().time() - began
            self._deps.metrics.add_busy(self._kind.name, took)
        if late:
            error = EngineTimeout(f"{self._kind.name} took too long")
            results: Sequence[object] = [error] * len(batch)
        else:
            results = _results(running, len(batch))
        together = befell_all(results)
        # What succeeded is kept first: a self-test takes its time.
        failed_last = sorted(
            zip(batch, results, strict=True), key=lambda one: isinstance(one[1], Exception)
        )
        for job, result in failed_last:
            if job.id in self._live:
                await self._settle(job, result, together)
        return True

    async def _settle(self, job: Job, result: object, together: bool) -> None:
        with bound(job, "settle"):
            try:
                if not isinstance(result, Exception):
                    await self._commit(job, result)
                elif isinstance(result, EngineError):
                    await self._failed(job, result, together)
                else:
                    raise result
            except Exception as error:
                # Boundary: whatever a handler raises, the customer's job must not hang until its
                # lease runs out, and a mistake that repeats must end in a refund.
                _say_broke(error)
                await self._failed(job, error, together)
            self._live.pop(job.id, None)
        if self._kind.gathers and not isinstance(result, Exception):
            self._deps.flusher.flush_soon()
        else:
            await self._flush()

    async def _commit(self, job: Job, result: object) -> None:
        """Unless another worker has done it, or its customer ended it, while our lease was over."""
        if self._may_be_lost:
            async with self._deps.database.snapshot() as tx:
                fresh = await tx.get(Job, job.id)
            if fresh is None or fresh.state in jobs.ENDED:
                log.warning(
                    "result_not_taken", why="our lease ran out, and the job has ended since"
                )
                return
        await self._handler.commit(self._requests[job.id], result)
        log.info("job_done")
        self._deps.metrics.count(self._kind.name, "done")

    @property
    def _may_be_lost(self) -> bool:
        return asyncio.get_running_loop().time() > self._leased_until

    async def _failed(self, job: Job, error: Exception, together: bool) -> None:
        if self._verdict is None:
            self._verdict = await self._host.examine(self._base)
        whose, why = blame(error, self._verdict, together=together), type(error).__name__
        self._deps.metrics.count_failure(self._kind.name, error)
        detail = str(error) if isinstance(error, EngineError) else ""
        log.warning("job_failed", error=why, detail=detail, host=self._verdict, blame=whose)
        match whose:
            case Blame.ORDER:
                self._deps.metrics.count(self._kind.name, "failed")

                async def give_up(tx: Tx) -> None:
                    await dispatch.give_up(tx, job, self._kind, why, await tx.now())

                await run_transaction(self._deps.database, give_up)
            case Blame.HOST:
                self._deps.metrics.count(self._kind.name, "handed_back")
                await self._hand_back(job, counted=False, delay=self._delay(error))
            case _:  # jobs.MAX_FAILURES and MAX_ATTEMPTS bound the tries
                self._deps.metrics.count(self._kind.name, "retried")
                failed = whose is Blame.FAILURE
                await self._hand_back(job, counted=True, delay=RETRY_SECONDS, failed=failed)

    def _delay(self, error: Exception) -> float:
        """Seconds until a worker may have what is handed back, be it this one, if it is well."""
        if self._verdict is Verdict.FAULTY:
            return 0.0
        return HOST_RETRY_SECONDS if isinstance(error, HostError) else RETRY_SECONDS

    async def _hand_back(
        self, job: Job, *, counted: bool, delay: float = 0.0, failed: bool = False
    ) -> None:
        """One that cannot be handed back, because the database is away, waits for its lease."""

        async def hand_back(tx: Tx) -> None:
            now, name = await tx.now(), self._spec.name
            await jobs.hand_back(tx, job, name, now, delay=delay, counted=counted, failed=failed)

        try:
            await run_transaction(self._deps.database, hand_back)
        except Exception:
            log.exception("job_not_handed_back", job=job.id)

    async def _send_heartbeats(self) -> None:
        """Prolong the leases and pass the news on; those that were lost are let go."""
        lease = self._spec.lease_seconds
        loop = asyncio.get_running_loop()
        while self._live:
            await asyncio.sleep(min(lease / HEARTBEATS, BEAT_SECONDS))
            self._beat += 1
            try:
                lost = await self._prolong()
                self._leased_until = loop.time() + lease
            except Exception as error:  # the database is away: the leases stand for a while
                log.warning("heartbeat_missed", **told(error))
                lost = list(self._live.values()) if self._may_be_lost else []
            for job in lost:
                if self._live.pop(job.id, None):
                    log.warning("lease_lost", job=job.id, kind=job.kind)
                    self._lost.set()

    async def _prolong(self) -> list[Job]:
        before = self._beat - PROGRESS_BEATS
        tells = [one for one in self._progress if self._told.get(one, before) <= before]

        async def prolong(tx: Tx) -> list[Job]:
            live = list(self._live.values())
            return [job for job in live if not await self._heartbeat(tx, job, job.id in tells)]

        lost = await run_transaction(self._deps.database, prolong)
        if tells:
            self._told |= dict.fromkeys(tells, self._beat)
            await self._flush()
        return lost

    async def _heartbeat(self, tx: Tx, job: Job, tells: bool) -> bool:
        now, name, lease = await tx.now(), self._spec.name, self._spec.lease_seconds
        progress = self._progress.get(job.id)
        if progress is None:
            return await jobs.heartbeat(tx, job, name, now, lease)
        kept = await jobs.heartbeat(
            tx, job, name, now, lease, stage=progress.stage.value, step=progress.step,
            steps=progress.steps, seconds_left=progress.seconds_left,
        )  # fmt: skip
        if kept and tells:
            await jobs.tell_progress(tx, job, now)
        return kept

    async def _flush(self) -> None:
        """What is left unsent is found by the outbox worker."""
        try:
            await self._deps.flusher.flush()
        except Exception as error:
            log.warning("flush_failed", **told(error))


def _results(running: "asyncio.Future[Any]", count: int) -> Sequence[object]:
    """What came of each, or what befell them all."""
    error = running.exception()
    return running.result() if error is None else [error] * count


async def cancelled(task: "asyncio.Future[Any]") -> None:
    """Cancel it, and wait until it has ended, however."""
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError, Exception):
        await task


def _say_broke(error: Exception) -> None:
    """Where it broke; of an outage, what is away."""
    if isinstance(error, Unavailable):
        log.warning("job_broke", **told(error))
    else:
        log.error("job_broke", exc_info=error)
