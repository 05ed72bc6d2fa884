"""A worker and a courier whose machine's clock is set to whatever time:
``python -m tests.journeys.other_clock URL BLOBS``.

They look for work once, run every scheduled task of theirs that ends or erases, and say what time
the machine has and which jobs were taken.
"""

import asyncio
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from bot.outbox import worker
from pipeline.worker.job_batch import WorkerDependencies
from pipeline.worker.loop import WorkerLoop
from shop.adapters.blobs_disk import DiskBlobs
from shop.adapters.database import SqlDatabase
from shop.adapters.memory import MemoryWakeUp
from shop.avatars.avatars import TRAIN
from shop.encryption import EnvelopeCipher
from shop.erasure_journal import ErasureJournal
from shop.job_kinds import JOB_KINDS
from shop.jobs.dispatch import WorkerSpec
from shop.jobs.kinds import JobKinds
from shop.jobs.outbox_flusher import OutboxFlusher
from shop.jobs.scheduler import SchedulingRules
from shop.photos.photos import CHECK
from shop.settings import Settings
from tests.keys import MASTER_KEY, MASTER_KEY_BASE64


class Taken:
    """A handler that notes what it was given, and does not do it."""

    def __init__(self) -> None:
        self.refs: list[str] = []

    async def prepare(self, job: object) -> None:
        self.refs.append(job.ref)  # type: ignore[attr-defined]


class NothingStuck:
    async def stuck(self) -> int:
        return 0


@dataclass
class Courier:
    """What the scheduled tasks use of a container."""

    database: SqlDatabase
    blobs: DiskBlobs
    erasure_journal: ErasureJournal
    flusher: OutboxFlusher
    settings: Settings
    kinds: JobKinds = field(default_factory=lambda: JOB_KINDS)
    outbox_handlers: NothingStuck = field(default_factory=NothingStuck)


async def main(url: str, blobs: str) -> None:
    env = {
        "EIDER_MASTER_KEY": MASTER_KEY_BASE64, "EIDER_PLAYGROUND": "yes", "EIDER_TILL": "sandbox",
        "EIDER_SALES_NEED": "none",
    }  # fmt: skip
    database, store = SqlDatabase(url), DiskBlobs(Path(blobs))
    flusher = OutboxFlusher(database, MemoryWakeUp())
    settings = Settings.from_env(env)
    journal = ErasureJournal(store, settings.signing_key)
    courier = Courier(database, store, journal, flusher, settings)
    taken, kinds = Taken(), (TRAIN, CHECK)
    deps = WorkerDependencies(database, store, EnvelopeCipher(MASTER_KEY), JOB_KINDS, flusher)
    spec = WorkerSpec("fast", frozenset(kinds), 30, SchedulingRules())
    loop = WorkerLoop(deps, dict.fromkeys((kind.name for kind in kinds), taken), spec)  # type: ignore[arg-type]
    for _ in range(2):
        await asyncio.gather(*await loop.look())
        for task in (worker.give_up_poisoned, worker.expire, worker.tidy):
            await task(courier)  # type: ignore[arg-type]
    print(datetime.now(UTC).isoformat(), *taken.refs)  # noqa: T201 - to the test
    await flusher.close()
    await database.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
