"""A worker's loop: it leases what the policy gives it and does several things at once, each kind at
most once: portraits are painted while a training runs in the same child.

It looks for work when it is woken up, when something has ended, and when the policy's answer may
change by itself; as a fallback every :data:`FALLBACK_SECONDS`, should a wake-up be lost or a worker
die.
When it is cancelled it hands everything back uncounted; when its host is not well, too: then it is
out of service, takes nothing, and counts as no worker, until a self-test has passed.
"""

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

import structlog

from pipeline.worker.host_health import AlwaysWell, HostHealth, Verdict
from pipeline.worker.job_batch import JobBatch, JobHandler, WorkerDependencies
from shop.errors import Unavailable
from shop.jobs import dispatch
from shop.jobs.dispatch import LeasedJobs, LeaseResult, WorkerSpec
from shop.outages import told
from shop.ports import Tx
from shop.transactions import run_transaction

log = structlog.get_logger()

FALLBACK_SECONDS: Final = 10.0
LEAST_SECONDS: Final = 0.05  # the shortest time between two looks that no wake-up caused
_PARTING_SECONDS: Final = 5.0  # for saying goodbye; who could not counts as dead in a minute


class WorkerLoop:
    """Leases the jobs of some kinds and has their handlers do them."""

    def __init__(
        self,
        deps: WorkerDependencies,
        handlers: Mapping[str, JobHandler[Any, Any]],
        spec: WorkerSpec,
        timeouts: Mapping[str, float] = MappingProxyType({}),
        host: HostHealth | None = None,
    ) -> None:
        """``handlers`` and ``timeouts`` (seconds) are by the names of the spec's kinds; without a
        timeout the handler keeps the time itself. ``host``: by default one that is not tested."""
        self._deps, self._handlers, self._spec = deps, handlers, spec
        self._timeouts = timeouts
        self._host = host or AlwaysWell()
        self._running: dict[asyncio.Task[None], LeasedJobs] = {}
        self._woken = asyncio.Event()
        self._waiting: list[asyncio.Future[bool]] = []  # wake-ups that wait for the next look
        self._looked_for: list[asyncio.Future[bool]] = []  # those that the present look answers
        self._next_look = FALLBACK_SECONDS
        self._looked_at: float | None = None  # by the event loop's clock

    @property
    def is_looking(self) -> bool:
        """Whether it could look for work lately; not before the first look, nor after it ended."""
        if self._looked_at is None:
            return False
        return asyncio.get_running_loop().time() - self._looked_at < 3 * FALLBACK_SECONDS

    async def run(self) -> None:
        """Work until cancelled."""
        try:
            while True:
                self._woken.clear()
                self._looked_for, self._waiting = self._waiting, []
                began = 0
                try:
                    if await self._in_service():
                        began = len(await self.look())
                        self._looked_at = asyncio.get_running_loop().time()
                except Exception as error:
                    # Boundary: the database may be away for a while, a worker must not be.
                    self._next_look = FALLBACK_SECONDS
                    mistake = None if isinstance(error, Unavailable) else error
                    log.error("look_failed", exc_info=mistake, **told(error))
                # Each wake-up stands for a job: one that nothing was begun for is another's.
                for number, one in enumerate(self._looked_for):
                    if not one.done():
                        one.set_result(number < began)
                with contextlib.suppress(TimeoutError):
                    # Not wait_for: in Python 3.11 it can swallow a cancellation.
                    async with asyncio.timeout(self._next_look):
                        await self._woken.wait()
        finally:
            self._looked_at = None
            await self._hand_everything_back()

    async def wake_up(self, kind: str = "") -> bool:
        """Look for work now; False when this worker took nothing, so that another may. For a job of
        a ``kind`` that it is busy with it does not look: it does so once that has ended."""
        if self._host.fault is not None or kind in {one.kind.name for one in self._busy()}:
            return False
        took: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append(took)
        self._woken.set()
        return await took

    async def _in_service(self) -> bool:
        """Whether the host is well; if it is not, nothing is kept, and it is tested again."""
        if self._host.fault is None:
            return True
        if self._looked_at is not None:
            await self._leave_service()
        elif await self._host.examine() is Verdict.WELL:
            return True
        self._next_look = self._host.pause
        return False

    async def _leave_service(self) -> None:
        self._looked_at = None
        await self._hand_back_jobs()
        await self._deregister()

    async def look(self) -> list["asyncio.Task[None]"]:
        """Lease what there is to be leased, and give the tasks that were begun for it."""
        began: list[asyncio.Task[None]] = []
        more = True
        while more and self._host.fault is None:
            offer = await self._lease()
            more = offer.more
            if offer.leased is not None:
                task = asyncio.create_task(self._do(offer.leased))
                self._running[task] = offer.leased
                task.add_done_callback(self._ended)
                began.append(task)
        return began

    def _busy(self) -> list[LeasedJobs]:
        return list(self._running.values())

    async def _lease(self) -> LeaseResult:
        busy = self._busy()

        async def lease(tx: Tx) -> LeaseResult:
            now = await tx.now()
            return await dispatch.lease_next(tx, self._deps.kinds, self._spec, busy, now)

        offer = await run_transaction(self._deps.database, lease)
        self._next_look = FALLBACK_SECONDS
        if offer.retry_at is not None:
            wait = (offer.retry_at - offer.at).total_seconds()
            self._next_look = min(max(wait, LEAST_SECONDS), FALLBACK_SECONDS)
        if offer.poisoned and await dispatch.give_up_poisoned(
            self._deps.database, self._deps.kinds, offer.poisoned
        ):
            with contextlib.suppress(Unavailable):  # the outbox worker's own look finds it
                await self._deps.flusher.flush()
        return offer

    async def _do(self, leased: LeasedJobs) -> None:
        name = leased.kind.name
        handler, timeout = self._handlers[name], self._timeouts.get(name)
        batch = JobBatch(
            self._deps, leased.kind, handler, self._spec, leased.jobs, timeout, self._host,
            leased.base,
        )  # fmt: skip
        await batch.run()
        if batch.lacks_base and leased.kind.one_base:
            log.error("kind_not_done_here", kind=name, base=leased.base)
            self._spec = replace(self._spec, kinds=self._spec.kinds - {leased.kind})

    def _ended(self, task: "asyncio.Task[None]") -> None:
        del self._running[task]
        self._woken.set()
        if not task.cancelled() and (error := task.exception()):
            log.error("batch_broke", exc_info=error)

    async def _hand_everything_back(self) -> None:
        for one in (*self._looked_for, *self._waiting):
            one.cancel()
        await self._hand_back_jobs()
        await self._deregister()

    async def _hand_back_jobs(self) -> None:
        tasks = list(self._running)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _deregister(self) -> None:
        try:
            async with asyncio.timeout(_PARTING_SECONDS), self._deps.database.begin() as tx:
                await dispatch.deregister(tx, self._spec, await tx.now())
        except Exception:
            log.exception("not_deregistered")  # it will count as dead in a minute
