"""Transactional outbox: what a transaction wants done in the world, written in it, done after it.

Delivery is at least once. A message on a job kind's queue is a wake-up and ends with its signal,
because the job's row is what counts (workers look for jobs by themselves now and then). A message
for the outbox worker ends with :func:`mark_done`; until then :func:`flush` signals it again, ever
more rarely.

Messages of one key are gathered into the one that waits, whose words are found when it is
delivered. So it stops waiting before it is signalled and before anybody looks for its words, and
whoever adds to it holds its row until the commit: what was gathered is in those words.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from shop import tracing
from shop.errors import Duplicate, Unavailable
from shop.ports import Above, Below, Database, OneOf, Tx, WakeUp
from shop.records import CHAT, OutboxMessage, OutboxState, UserId, new_id
from shop.transitions import check

Payload = Mapping[str, str | int | float]

PATIENCE: Final = timedelta(seconds=30)  # before the second signal of one that is not done
LONGEST: Final = timedelta(minutes=10)  # between two signals
HORIZON: Final = timedelta(seconds=60)  # how far a flush looks ahead

FORGET_DONE: Final = timedelta(days=1)
FORGET_GIVEN_UP: Final = timedelta(days=3)  # of news only: refunds and erasures are never given up

TRANSITIONS: Final[Mapping[OutboxState, frozenset[OutboxState]]] = {
    OutboxState.WAITING: frozenset({OutboxState.DISPATCHED}),
    OutboxState.DISPATCHED: frozenset(
        {
            OutboxState.DISPATCHED,
            OutboxState.SCRUBBING,
            OutboxState.KEPT,
            OutboxState.GIVEN_UP,
            OutboxState.DONE,
        }
    ),
    OutboxState.SCRUBBING: frozenset({OutboxState.SCRUBBING, OutboxState.DONE}),
    OutboxState.KEPT: frozenset({OutboxState.WAITING, OutboxState.DONE}),
}
"""Nothing leads from WAITING to the end: what is not dispatched yet may still gather."""

PENDING: Final = OneOf((OutboxState.WAITING, OutboxState.DISPATCHED, OutboxState.SCRUBBING))
"""Of what is to be done, and is signalled until it is."""

UNDELIVERED: Final = (OutboxState.KEPT, OutboxState.GIVEN_UP)
"""Of what is not signalled any more, or not now, and was not done."""

_TRIES: Final = 10


@dataclass(frozen=True, slots=True)
class Flushed:
    """How many messages were signalled at ``at``, and when the next one is due, if within
    :data:`HORIZON`."""

    sent: int
    at: datetime
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
    user_id: str = "",
) -> OutboxMessage:
    """Add a message, due ``delay`` seconds from now.

    With ``key``, one that still waits is enough: the new one is gathered into it, so that 20 photos
    make one answer. With ``once`` as well, any earlier message of that key is enough, until it is
    forgotten (:data:`FORGET_DONE`). A key is used either with ``once`` or without. Raises
    :class:`Unavailable` where others come in between again and again.
    """
    due, unique = now + timedelta(seconds=delay), key or None
    message = OutboxMessage(
        new_id(), queue, name, dict(payload), now, due,
        key=key, once=once, unique_key=unique, user_id=user_id, trace=tracing.current(),
    )  # fmt: skip
    for _ in range(_TRIES):
        try:
            await tx.add(message)
        except Duplicate:
            # Locked, unless it cannot change what is enough: it must not be dispatched, and told
            # without what this transaction has yet to commit.
            if earlier := await tx.find(OutboxMessage, unique_key=unique, lock=not once):
                return earlier[0]
        else:
            return message
    raise Unavailable("an outbox message is dispatched again and again")


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
    return await enqueue(
        tx, CHAT, "notice", payload, now, delay=delay, key=key, once=once, user_id=user_id
    )


async def flush(
    database: Database, wake_up: WakeUp, now: datetime | None = None, limit: int = 100
) -> Flushed:
    """Signal every message that is due (``now``: by default the database's). For after a commit.

    The signal's payload is the message's, but for the outbox worker its id alone, as ``message``:
    it reads the rest in the database, so that no address waits in the queue. A crash before the
    signals leaves them to a later flush, after :data:`PATIENCE`; equal keys are one signal. What
    the queue did not take is due again at once.
    """
    async with database.begin() as tx:
        now = now or await tx.now()
        before = Below(now + HORIZON)
        soon = await tx.find(
            OutboxMessage, state=PENDING, due_at=before, order="due_at", limit=limit + 1
        )
        due = [message for message in soon if message.due_at <= now][:limit]
        dispatched = await _dispatch(tx, due, now)
    heard: list[OutboxMessage] = []
    try:
        for message in dispatched:
            await _signal(wake_up, message)
            heard.append(message)
    finally:
        await _note_signals(database, heard, dispatched[len(heard) :], now)
    return Flushed(len(heard), now, next((one.due_at for one in soon[len(due) :]), None))


async def pending(tx: Tx, id: str) -> OutboxMessage | None:
    """The message, locked, if it is still to be done: a second signal finds None."""
    message = await tx.get(OutboxMessage, id, lock=True)
    return message if message is not None and message.state in PENDING.values else None


async def take_up(tx: Tx, id: str, now: datetime) -> OutboxMessage | None:
    """The message, for whoever does it now: it gathers nothing more. None: there is nothing left to
    do, or not now."""
    message = await pending(tx, id)
    return message and await _taken_up(tx, message, now)


async def take_up_news(tx: Tx, user_id: str, now: datetime) -> list[OutboxMessage]:
    """Every notice for a person, whose lock the transaction has, that is due or was signalled, the
    oldest first. They gather nothing more."""
    open_ = OneOf((OutboxState.WAITING, OutboxState.DISPATCHED))
    found = await tx.find(OutboxMessage, user_id=user_id, state=open_)
    theirs = await _locked(tx, (one for one in found if _is_next(one, now)))
    news = [await _taken_up(tx, one, now) for one in theirs if _is_next(one, now)]
    return sorted(news, key=lambda one: one.created_at)


async def keep_news(tx: Tx, user_id: str, now: datetime) -> int:
    """The person has blocked us, or their platform takes nothing for them now: what is due for them
    is kept until :func:`release_news`, but for what a later one replaces. Returns how many are kept
    anew."""
    kept = await tx.find(OutboxMessage, user_id=user_id, state=OutboxState.KEPT)
    news = [*await _locked(tx, kept), *await take_up_news(tx, user_id, now)]
    count = 0
    for place, message in enumerate(news):
        if any(replaces(later, message) for later in news[place + 1 :]):
            await _end(tx, message, now)
        elif message.state is not OutboxState.KEPT:
            await _move(tx, message, OutboxState.KEPT)
            count += 1
    return count


def replaces(later: OutboxMessage, earlier: OutboxMessage) -> bool:
    """Whether the later notice says all that the earlier one does: both tell how far one thing is,
    and were given its key to gather by. Events have no such key, and are told each, if equal."""
    return later.key != "" and (later.key, later.payload) == (earlier.key, earlier.payload)


async def keeps_news(tx: Tx, user_id: str) -> bool:
    """Whether anything is kept for that person."""
    return await tx.count(OutboxMessage, user_id=user_id, state=OutboxState.KEPT) > 0


async def release_news(tx: Tx, user_id: str, now: datetime) -> int:
    """The person came back: what was kept for them is due. Returns how many."""
    kept = await _locked(tx, await tx.find(OutboxMessage, user_id=user_id, state=OutboxState.KEPT))
    for message in kept:
        await _move(tx, message, OutboxState.WAITING, due_at=now, attempts=0)
    return len(kept)


async def hand_over_news(tx: Tx, user_id: UserId, to: UserId) -> None:
    """The person became part of another one, and both are locked: what they were to be told the
    other one is told."""
    found = await tx.find(OutboxMessage, user_id=user_id)
    for message in await _locked(tx, found):
        told = {"user": to} if "user" in message.payload else {}
        await tx.put(replace(message, user_id=to, payload={**message.payload, **told}))


async def forget_news(tx: Tx, user_id: str) -> None:
    """The person is erased: whatever they had yet to be told is removed, kept or not."""
    await tx.remove(OutboxMessage, user_id=user_id)


async def postpone(tx: Tx, id: str, until: datetime, *, tried: bool = True) -> None:
    """It is not signalled before then; ``tried`` False: nothing failed, and the signal is not
    counted as an attempt. Raises :class:`shop.errors.NotAllowed` for one that nobody has taken
    up."""
    if message := await pending(tx, id):
        attempts = message.attempts if tried else max(0, message.attempts - 1)
        await _move(tx, message, message.state, due_at=until, attempts=attempts)


async def give_up(tx: Tx, id: str, now: datetime) -> None:
    """It cannot be delivered: it stays, without signals, for :data:`FORGET_GIVEN_UP`. Raises
    :class:`shop.errors.NotAllowed` for one that nobody has taken up, or whose scrub is due."""
    if message := await pending(tx, id):
        await _move(tx, message, OutboxState.GIVEN_UP, due_at=now + FORGET_GIVEN_UP)


async def forget_payload(tx: Tx, message: OutboxMessage) -> OutboxMessage:
    """It was done, but for the scrub of the stores' files. The row forgets whom it was about before
    that, or the files would still say it. Unchanged if another has ended it meanwhile.
    """
    fresh = await pending(tx, message.id)
    if fresh is None:
        return message
    return await _move(tx, fresh, OutboxState.SCRUBBING, payload={}, user_id="", trace="")


async def mark_done(tx: Tx, id: str, now: datetime) -> None:
    """It was done. The row forgets whom it was about. Raises :class:`shop.errors.NotAllowed` for
    one that nobody has taken up."""
    if message := await pending(tx, id):
        await _end(tx, message, now)


async def prune(tx: Tx, now: datetime) -> int:
    """Remove messages long done, and notices that were given up days ago."""
    ended = OneOf((OutboxState.DONE, OutboxState.GIVEN_UP))
    return await tx.remove(OutboxMessage, state=ended, due_at=Below(now))


async def stuck(tx: Tx, attempts: int) -> int:
    """How many were given up, or signalled so often and are still not done."""
    tried = await tx.count(OutboxMessage, queue=CHAT, state=PENDING, attempts=Above(attempts - 1))
    return tried + await tx.count(OutboxMessage, state=OutboxState.GIVEN_UP)


async def _move(
    tx: Tx, message: OutboxMessage, state: OutboxState, **changes: object
) -> OutboxMessage:
    """The one way by which a message changes: ``message`` is its row, locked by this transaction.

    Raises :class:`shop.errors.NotAllowed` for a step that :data:`TRANSITIONS` lacks.
    """
    check(TRANSITIONS, message.state, state)
    unique = message.unique_key if message.once else None
    moved = replace(message, state=state, unique_key=unique, **changes)  # type: ignore[arg-type]
    await tx.put(moved)
    return moved


async def _end(tx: Tx, message: OutboxMessage, now: datetime) -> None:
    forgotten = now + FORGET_DONE
    await _move(tx, message, OutboxState.DONE, due_at=forgotten, payload={}, user_id="", trace="")


async def _taken_up(tx: Tx, message: OutboxMessage, now: datetime) -> OutboxMessage:
    if message.state is not OutboxState.WAITING:
        return message
    return await _move(tx, message, OutboxState.DISPATCHED, due_at=now + PATIENCE)


async def _locked(
    tx: Tx, messages: Iterable[OutboxMessage], *, skip: bool = False
) -> list[OutboxMessage]:
    """The rows as they are now, in the order in which they were added. They are one person's, whose
    lock the transaction has; of many people's it must ``skip`` those that another one holds."""
    ids = [message.id for message in messages]
    if not ids:
        return []
    return await tx.find(OutboxMessage, id=OneOf(ids), lock=not skip, skip_locked=skip)


def _is_next(message: OutboxMessage, now: datetime) -> bool:
    signalled = message.state is OutboxState.DISPATCHED
    return signalled or (message.state is OutboxState.WAITING and message.due_at <= now)


async def _dispatch(tx: Tx, due: list[OutboxMessage], now: datetime) -> list[OutboxMessage]:
    """Those that no other flush was faster with, and that nobody holds: it waits for no one, or a
    hundred people's rows and their persons' locks could wait for each other."""
    fresh = [one for one in await _locked(tx, due, skip=True) if one.due_at <= now]
    return [
        await _move(
            tx, one,
            OutboxState.DISPATCHED if one.state is OutboxState.WAITING else one.state,
            due_at=now + min(PATIENCE * 2 ** min(one.attempts, 10), LONGEST),
            attempts=one.attempts + 1,
        )
        for one in fresh
        if one.state in PENDING.values
    ]  # fmt: skip


async def _signal(wake_up: WakeUp, message: OutboxMessage) -> None:
    if message.queue == CHAT:
        payload = {"message": message.id}
        await wake_up.signal(message.queue, message.name, payload, key=message.id)
    else:  # here the key names the attempt at a job: two messages for it are one signal
        key = message.key or message.id
        await wake_up.signal(message.queue, message.name, message.payload, key=key)


async def _note_signals(
    database: Database, heard: list[OutboxMessage], unheard: list[OutboxMessage], now: datetime
) -> None:
    """Wake-ups are done with their signal; what the queue did not take counts as not tried. A row
    that another transaction holds is left as it is: signalled again after :data:`PATIENCE`."""
    done = [message for message in heard if message.queue != CHAT]
    if not done and not unheard:
        return
    async with database.begin() as tx:
        for message in await _locked(tx, done, skip=True):
            if message.state in PENDING.values:
                await _end(tx, message, now)
        for message in await _locked(tx, unheard, skip=True):
            if message.state in PENDING.values:
                tried = max(0, message.attempts - 1)
                await _move(tx, message, message.state, due_at=now, attempts=tried)
