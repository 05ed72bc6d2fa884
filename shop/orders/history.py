"""What happened to an order, for whoever is on call: states and times, tries, workers, causes,
money, what is still to be told, and what admins did. Ids and words of ours; no name, no photo.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from shop.jobs import outbox
from shop.money import partial_refunds
from shop.orders import orders
from shop.ports import OneOf, Tx
from shop.records import (
    AuditEntry,
    Avatar,
    Charge,
    Job,
    Order,
    OutboxMessage,
    Photo,
    Shoot,
    ShootKind,
)

CHECKS: Final = "check"
_MOST: Final = 50  # of each kind of row


Value = str | int | datetime
Values = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened at a time. ``kind`` names its words, ``values`` are their arguments:
    numbers, times, ids and words of the program."""

    at: datetime
    kind: str
    values: Values


async def history(tx: Tx, order: Order) -> tuple[Event, ...]:
    """Everything that is known of the order, in the order of time."""
    events = [Event(order.created_at, "began", {})]
    charges = await orders.charges(tx, order)
    events += [_charge(one) for one in charges]
    for charge in charges:
        for part in await partial_refunds.of(tx, charge):
            events.append(Event(part.at, "part-owed", {"charge": part.charge_id}))
            if part.returned_at:
                events.append(Event(part.returned_at, "part-back", {"charge": part.charge_id}))
    for avatar in await tx.find(Avatar, order_id=order.id):
        events += await _avatar(tx, avatar)
    events += await _checks(tx, order)
    events += await _untold(tx, order)
    events += [
        Event(one.at, "act", {"command": one.command, "outcome": one.outcome})
        for one in await tx.find(AuditEntry, target=order.id, order="-at", limit=_MOST)
        if one.command != "order"
    ]
    return tuple(sorted(events, key=lambda one: one.at))


def _charge(charge: Charge) -> Event:
    values: Values = {
        "charge": charge.id,
        "amount": charge.amount,
        "currency": charge.currency.value,
    }
    return Event(charge.at, "charge", values)


async def _avatar(tx: Tx, avatar: Avatar) -> Sequence[Event]:
    shoots = await tx.find(Shoot, avatar_id=avatar.id, kind=ShootKind.FIRST)
    refs = OneOf([avatar.id, *(shoot.id for shoot in shoots)])
    found = await tx.find(Job, ref=refs, order="created_at", limit=_MOST)
    events = [event for job in found for event in _job(job)]
    if avatar.ready_at:
        events.append(Event(avatar.ready_at, "avatar-ready", {"avatar": avatar.id}))
    return events


def _job(job: Job) -> Iterator[Event]:
    names: dict[str, str | int] = {"kind": job.kind, "job": job.id}
    yield Event(job.created_at, "job-queued", names)
    if job.started_at:
        worker: Values = {
            "worker": job.worker or "—",
            "tries": job.attempts,
            "failures": job.failures,
        }
        yield Event(job.started_at, "job-begun", {**names, **worker})
    if job.ended_at:
        ended = {"state": job.state.value, "cause": job.error or "—"}
        yield Event(job.ended_at, "job-ended", {**names, **ended})


async def _checks(tx: Tx, order: Order) -> Sequence[Event]:
    """The checks of its photos as one: there may be dozens. They go with the photos."""
    ids = [photo.id for photo in await tx.find(Photo, order_id=order.id)]
    found = await tx.find(Job, kind=CHECKS, ref=OneOf(ids)) if ids else []
    if not found:
        return ()
    counts = Counter(job.state.value for job in found)
    last = max(job.ended_at or job.created_at for job in found)
    states = ", ".join(f"{state} {count}" for state, count in sorted(counts.items()))
    return (Event(last, "checks", {"count": len(found), "states": states}),)


async def _untold(tx: Tx, order: Order) -> Iterable[Event]:
    """Messages to its customer that wait, those of one kind as one: of progress there may be
    hundreds."""
    kinds: defaultdict[str, list[OutboxMessage]] = defaultdict(list)
    for one in await tx.find(
        OutboxMessage, user_id=order.user_id, state=_UNTOLD, order="created_at"
    ):
        kinds[str(one.payload.get("kind", one.name))].append(one)
    return (_messages(what, found) for what, found in kinds.items())


def _messages(what: str, found: Sequence[OutboxMessage]) -> Event:
    """At the time of the newest."""
    states = Counter(one.state.value for one in found)
    values: dict[str, Value] = {"what": what, "tries": max(one.attempts for one in found)}
    at = found[-1].created_at
    if len(found) == 1:
        return Event(at, "message", {**values, "state": found[0].state.value})
    told = ", ".join(f"{state} {count}" for state, count in sorted(states.items()))
    values |= {"count": len(found), "states": told, "oldest": found[0].created_at, "newest": at}
    return Event(at, "messages", values)


_UNTOLD: Final = OneOf((*outbox.PENDING.values, *outbox.UNDELIVERED))
