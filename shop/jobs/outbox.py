"""Errands: what a transaction wants done in the world, written in it and done after it.

Delivery is at least once. A ring on a work queue ends the errand, because the job's row is what
counts (:mod:`shop.jobs.jobs` rings again for lost ones). An errand of the chat queue ends when the
courier says :func:`mark_done`; until then :func:`flush` rings again, ever more rarely.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from shop.ports import Below, Database, Tx, WakeUp
from shop.records import JobQueue, OutboxMessage, UserId, new_id

Payload = Mapping[str, str | int | float]

PATIENCE = timedelta(seconds=30)  # before the second ring of one that nobody called done
LONGEST = timedelta(minutes=10)  # between two rings
FORGET_DONE = timedelta(days=1)
FORGET_NOTICE = timedelta(days=3)  # older news is no news; refunds and erasures are never dropped


async def enqueue(
    tx: Tx,
    queue: JobQueue,
    name: str,
    payload: Payload,
    now: datetime,
    *,
    delay: float = 0.0,
    key: str = "",
    once: bool = False,
) -> OutboxMessage:
    """Leave an errand, due ``delay`` seconds from now.

    With ``key``, one that was not yet rung is enough: the new one is gathered into it, so that 20
    photos make one answer. With ``once`` as well, any earlier errand of that key is enough.
    """
    earlier = await tx.find(OutboxMessage, key=key) if key else []
    for one in earlier:
        if once or one.sent_at is None:
            return one
    due = now + timedelta(seconds=delay)
    message = OutboxMessage(new_id(), queue, name, dict(payload), now, due, key=key)
    await tx.add(message)
    return message


async def notify(
    tx: Tx,
    user_id: UserId,
    kind: str,
    now: datetime,
    *,
    delay: float = 0.0,
    key: str = "",
    once: bool = False,
    **ids: str | int | float,
) -> OutboxMessage:
    """Leave a notice for a person: ``handlers.notifications`` finds the words for its ``kind``."""
    payload: Payload = {"user": user_id, "kind": kind} | ids
    return await enqueue(tx, JobQueue.CHAT, "notice", payload, now, delay=delay, key=key, once=once)


async def flush(database: Database, queue: WakeUp, now: datetime, limit: int = 100) -> int:
    """Ring for everything that is due; says how many rings. For after a commit, and every second.

    The ring's payload is the errand's, and for the chat queue its id as ``message``. A crash
    between the rings and their being written down rings again: the queue takes equal keys once.
    """
    async with database.begin() as tx:
        due = await tx.find(
            OutboxMessage,
            done_at=None,
            due_at=Below(now + timedelta(microseconds=1)),
            order="due_at",
            limit=limit,
        )
    if not due:
        return 0
    for message in due:
        await _ring(queue, message)
    async with database.begin() as tx:
        for message in due:
            await _rang(tx, message.id, now)
    return len(due)


async def pending(tx: Tx, id: str) -> OutboxMessage | None:
    """The errand, locked, if it is still to be done: a second ring finds None."""
    message = await tx.get(OutboxMessage, id, lock=True)
    return message if message is not None and message.done_at is None else None


async def mark_done(tx: Tx, id: str, now: datetime) -> None:
    """The courier did it. The row forgets whom it was about."""
    if message := await pending(tx, id):
        await tx.put(replace(message, done_at=now, payload={}))


async def prune(tx: Tx, now: datetime) -> int:
    """Remove errands long done, and notices that could not be delivered for days."""
    gone = await tx.remove(OutboxMessage, done_at=Below(now - FORGET_DONE))
    return gone + await tx.remove(
        OutboxMessage, name="notice", created_at=Below(now - FORGET_NOTICE)
    )


async def _ring(queue: WakeUp, message: OutboxMessage) -> None:
    if message.queue is JobQueue.CHAT:
        payload = message.payload | {"errand": message.id}
        await queue.ring(message.queue, message.name, payload, key=message.id)
    else:  # here the key names the attempt at a job: two errands for it are one ring
        key = message.key or message.id
        await queue.ring(message.queue, message.name, message.payload, key=key)


async def _rang(tx: Tx, id: str, now: datetime) -> None:
    message = await pending(tx, id)
    if message is None:
        return
    rung = replace(message, sent_at=now, attempts=message.attempts + 1)
    if message.queue is not JobQueue.CHAT:
        await tx.put(replace(rung, done_at=now, payload={}))
        return
    wait = min(PATIENCE * 2 ** min(message.attempts, 10), LONGEST)
    await tx.put(replace(rung, due_at=now + wait))
