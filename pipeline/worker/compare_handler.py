"""The job handler of comparisons: an order's photos, decrypted into memory only, through the
engine's pipe; of the answer one word a photo is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from pipeline.engine.engine import ComparisonResult, Engine, EngineError
from pipeline.worker.job_batch import JobHandler, Report, WorkerDependencies
from shop.photos import comparison
from shop.photos.comparison import PlannedComparison
from shop.ports import Tx
from shop.records import Job
from shop.transactions import run_transaction


@dataclass(frozen=True, slots=True)
class PhotosToCompare:
    """The photos of one order, and their JPEGs."""

    planned: PlannedComparison
    jpegs: tuple[bytes, ...] = field(repr=False)


class CompareHandler(JobHandler[PhotosToCompare, ComparisonResult]):
    """Has the photos of orders compared with each other."""

    def __init__(self, deps: WorkerDependencies, engine: Engine) -> None:
        self._deps = deps
        self._engine = engine

    async def prepare(self, job: Job) -> PhotosToCompare | None:
        deps = self._deps

        async def plan(tx: Tx) -> PlannedComparison | None:
            return await comparison.plan(tx, deps.cipher, job, await tx.now())

        planned = await run_transaction(deps.database, plan)
        if planned is None:
            return None
        return PhotosToCompare(planned, await planned.open(deps.blobs))

    async def run(
        self, requests: Sequence[PhotosToCompare], report: Report
    ) -> Sequence[ComparisonResult | EngineError]:
        return [await self._compared(one.jpegs) for one in requests]

    async def commit(self, request: PhotosToCompare, result: ComparisonResult) -> None:
        planned = request.planned
        words = dict(zip(planned.sealed, result.words, strict=True))

        async def apply(tx: Tx) -> None:
            await comparison.apply(tx, planned, words, await tx.now())

        await run_transaction(self._deps.database, apply)

    async def _compared(self, jpegs: Sequence[bytes]) -> ComparisonResult | EngineError:
        try:
            return await self._engine.compare(jpegs)
        except EngineError as error:
            return error
