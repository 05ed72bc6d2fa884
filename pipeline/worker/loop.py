"""A worker's shift: it looks for work, takes what the policy gives it, and does several things at
once, each kind at most once: portraits are painted while a training runs in the same child.

It looks when it is rung for, when something has ended, and every second besides: a ring reaches
one worker alone, and perhaps not the one that had better come. One that is told to go home hands
everything back uncounted.
"""

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Any, Final

import structlog

from pipeline.worker.job_batch import JobBatch, JobHandler, WorkerDependencies
from shop.jobs import dispatch, outbox
from shop.jobs.dispatch import LeasedJobs, WorkerSpec
from shop.records import JobQueue

log = structlog.get_logger()

LOOK: Final = 1.0  # seconds between two looks


class WorkerLoop:
    """A worker's way of doing the jobs of some queues."""

    def __init__(
        self,
        deps: WorkerDependencies,
        handlers: Mapping[JobQueue, JobHandler[Any, Any]],
        spec: WorkerSpec,
    ) -> None:
        self._deps, self._handlers, self._spec = deps, handlers, spec
        self._begun: dict[asyncio.Task[None], LeasedJobs] = {}
        self.bell = asyncio.Event()
        """To be set by whoever knows of new work."""

    async def run(self) -> None:
        """Work until cancelled."""
        try:
            while True:
                self.bell.clear()
                try:
                    await self.look()
                except Exception:
                    # A door: the database may be away for a while, a worker must not be.
                    log.exception("look_failed")
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self.bell.wait(), LOOK)
        finally:
            await self._go_home()

    async def look(self) -> list["asyncio.Task[None]"]:
        """Take what there is to be taken, and say what was begun with it."""
        began = []
        while (taken := await self._take()) is not None:
            task = asyncio.create_task(self._do(taken))
            self._begun[task] = taken
            task.add_done_callback(self._ended)
            began.append(task)
        return began

    async def _take(self) -> LeasedJobs | None:
        async with self._deps.database.begin() as tx:
            busy = list(self._begun.values())
            taken = await dispatch.lease_next(tx, self._spec, busy, self._deps.clock())
            wrote = bool(tx.writes)
        if wrote:  # a poisoned job that was given up leaves an apology to be told
            await outbox.flush(self._deps.database, self._deps.queue, self._deps.clock())
        return taken

    async def _do(self, taken: LeasedJobs) -> None:
        await JobBatch(self._deps, self._handlers[taken.kind], self._spec, taken.jobs).run()

    def _ended(self, task: "asyncio.Task[None]") -> None:
        del self._begun[task]
        self.bell.set()
        if not task.cancelled() and (error := task.exception()):
            log.error("batch_broke", exc_info=error)

    async def _go_home(self) -> None:
        tasks = list(self._begun)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        try:
            async with self._deps.database.begin() as tx:
                await dispatch.deregister(tx, self._spec, self._deps.clock())
        except Exception:
            log.exception("not_taken_leave")  # it will be seen no more
