"""Transactional outbox: what a transaction wants done in the world, written in it, done after it.

Delivery is at least once. A message on a job kind's queue is a wake-up and ends with its signal,
because the job's row is what counts (workers look for jobs by themselves now and then). A message
for the outbox worker ends with :func:`mark_done`; until then :func:`flush` signals it again, ever
more rarely.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from shop.ports import Below, Database, Tx, WakeUp
from shop.records import CHAT, OutboxMessage, UserId, new_id

Payload = Mapping[str, str | int | float]

PATIENCE: Final = timedelta(seconds=30)  # before the second signal of one that is not done
LONGEST: Final = timedelta(minutes=10)  # between two signals
HORIZON: Final = timedelta(seconds=60)  # how far a flush looks ahead
ONLY_SCRUB: Final[Payload] = {"left": "scrub"}
"""The payload of a message of which nothing else is left to do."""

FORGET_DONE: Final = timedelta(days=1)
FORGET_NOTICE: Final = timedelta(days=3)  # refunds and erasures are never dropped


@dataclass(frozen=True, slots=True)
class Flushed:
    """How many messages were signalled, and when the next one is due, if within :data:`HORIZON`."""

    sent: int
    next_due: datetime | None = None


async def enqueue(
    tx: Tx,
    queue: str,
    name: str,
    payload: Payload,
    now: datetime,
    *,
    delay: float = 0.0,
    key: str = "",
    once: bool = False,
) -> OutboxMessage:
    """Add a message, due ``delay`` seconds from now.

    With ``key``, one that was not yet signalled is enough: the new one is gathered into it, so that
    20 photos make one answer. With ``once`` as well, any earlier message of that key is enough.
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
    """Add a notice for a person: :mod:`handlers.notifications` renders its ``kind``."""
    payload: Payload = {"user": user_id, "kind": kind} | ids
    return await enqueue(tx, CHAT, "notice", payload, now, delay=delay, key=key, once=once)


async def flush(database: Database, wake_up: WakeUp, now: datetime, limit: int = 100) -> Flushed:
    """Signal every message that is due. For after a commit, and now and then besides.

    The signal's payload is the message's, but for the outbox worker its id alone, as ``message``:
    it reads the rest in the database, so that no address waits in the queue. A crash
    between the signals and their being noted signals again: equal keys are one signal.
    """
    async with database.begin() as tx:
        soon = await tx.find(
            OutboxMessage,
            done_at=None,
            due_at=Below(now + HORIZON),
            order="due_at",
            limit=limit + 1,
        )
    due = [message for message in soon if message.due_at <= now][:limit]
    if due:
        for message in due:
            await _signal(wake_up, message)
        async with database.begin() as tx:
            for message in due:
                await _note_signal(tx, message.id, now)
    return Flushed(len(due), next((one.due_at for one in soon[len(due) :]), None))


async def pending(tx: Tx, id: str) -> OutboxMessage | None:
    """The message, locked, if it is still to be done: a second signal finds None."""
    message = await tx.get(OutboxMessage, id, lock=True)
    return message if message is not None and message.done_at is None else None


async def forget_payload(tx: Tx, message: OutboxMessage) -> OutboxMessage:
    """It was done, but for the scrub of the stores' files (:data:`ONLY_SCRUB`). The row forgets
    whom it was about before that, or the files would still say it.
    """
    left = replace(await pending(tx, message.id) or message, payload=dict(ONLY_SCRUB))
    await tx.put(left)
    return left


async def mark_done(tx: Tx, id: str, now: datetime) -> None:
    """It was done. The row forgets whom it was about."""
    if message := await pending(tx, id):
        await tx.put(replace(message, done_at=now, payload={}))


async def prune(tx: Tx, now: datetime) -> int:
    """Remove messages long done, and notices that could not be delivered for days."""
    gone = await tx.remove(OutboxMessage, done_at=Below(now - FORGET_DONE))
    return gone + await tx.remove(
        OutboxMessage, name="notice", created_at=Below(now - FORGET_NOTICE)
    )


async def _signal(wake_up: WakeUp, message: OutboxMessage) -> None:
    if message.queue == CHAT:
        payload = {"message": message.id}
        await wake_up.signal(message.queue, message.name, payload, key=message.id)
    else:  # here the key names the attempt at a job: two messages for it are one signal
        key = message.key or message.id
        await wake_up.signal(message.queue, message.name, message.payload, key=key)


async def _note_signal(tx: Tx, id: str, now: datetime) -> None:
    message = await pending(tx, id)
    if message is None:
        return
    sent = replace(message, sent_at=now, attempts=message.attempts + 1)
    if message.queue != CHAT:
        await tx.put(replace(sent, done_at=now, payload={}))
        return
    wait = min(PATIENCE * 2 ** min(message.attempts, 10), LONGEST)
    await tx.put(replace(sent, due_at=now + wait))
