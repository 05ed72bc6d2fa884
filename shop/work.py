"""What the worker's front door needs of every queue alike: take a job, give one up, sweep.

Here a poisoned job finds the noun that it was for, so that each ends in an apology and, where money
is involved, in money back: never in a loop.
"""

from datetime import datetime

from shop import avatars, jobs, photos, portraits
from shop.ports import Database, Queue, Tx
from shop.records import (
    Avatar,
    AvatarId,
    Job,
    JobId,
    JobQueue,
    JobState,
    Photo,
    Shoot,
)

POISONED = "poisoned"


async def take(tx: Tx, job_id: JobId, worker: str, now: datetime, seconds: float) -> Job | None:
    """Lease the job. None: nothing to do here. A poisoned one is given up in passing."""
    job = await tx.get(Job, job_id)
    if job is not None and jobs.poisoned(job, now):
        await give_up(tx, job, POISONED, now)
        return None
    return await jobs.lease(tx, job_id, worker, now, seconds)


async def give_up(tx: Tx, job: Job, why: str, now: datetime) -> None:
    """The job will never succeed: end what it was for as kindly as can be. Twice is once.

    A photo is not counted; an avatar fails, with its money back; a shoot's credits are released.
    """
    match job.queue:
        case JobQueue.CHECK:
            if photo := await tx.get(Photo, job.ref):
                await photos.give_up(tx, photo, now, why)
        case JobQueue.TRAIN:
            if avatar := await tx.get(Avatar, AvatarId(job.ref)):
                await avatars.fail(tx, avatar, why, now)
        case JobQueue.PAINT:
            if shoot := await tx.get(Shoot, job.ref):
                await portraits.fail(tx, shoot, why, now)
        case JobQueue.CHAT:
            pass  # errands are no jobs
    await jobs.end(tx, job, JobState.FAILED, now, why)


async def sweep(database: Database, queue: Queue, now: datetime) -> int:
    """Ring again for lost jobs, give poisoned ones up; says how many. For every few seconds."""
    async with database.begin() as tx:
        lost = await jobs.lost(tx, now)
    for job in lost:
        if jobs.poisoned(job, now):
            async with database.begin() as tx:
                await give_up(tx, job, POISONED, now)
        else:
            await queue.ring(job.queue, "work", {"job": job.id}, key=jobs.ring_key(job, now))
    return len(lost)
