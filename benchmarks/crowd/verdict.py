"""What came of a run, as it is in the database, in the bucket, in Redis, and on people's phones."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from benchmarks.crowd.faults import Happened
from bot.container import Container
from bot.outbox.worker import tidy
from shop import privacy
from shop.jobs.outbox import PENDING
from shop.ports import OneOf, Tx
from shop.records import (
    Avatar,
    AvatarState,
    Charge,
    Clip,
    Job,
    JobState,
    Order,
    OrderState,
    OutboxMessage,
    Product,
    Prompt,
    Shoot,
    ShootState,
    User,
)
from tests.traces import blobs_of_people, traces_of_any

ANSWERED: Final = "every customer was answered"
TWICE: Final = "nothing was sent twice"
AS_TOLD: Final = "sets shown twice, as docs/outbox.md says of a killed sender"
CUTTING: Final = (
    "kill -9 of courier", "kill -9 of serve", "SIGTERM", "connections cut", "Valkey", "PostgreSQL",
)  # fmt: skip
"""Faults that part what is sent from the note of it."""

ENDED: Final = frozenset({OrderState.DONE, OrderState.STOPPED, OrderState.REFUNDED})
KEEPS: Final = frozenset({OrderState.DONE, OrderState.STOPPED})
"""States of an order whose money stays."""


@dataclass(slots=True)
class Verdict:
    """``broken``: by what was promised, the cases in which it was not kept. ``counts`` are worth
    knowing and break nothing."""

    broken: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    counts: dict[str, Any] = field(default_factory=dict)

    @property
    def cases(self) -> int:
        return sum(map(len, self.broken.values()))


PROMISES: Final = (
    "every order has ended", "no order is doubled", "the ledger sums to zero",
    "every payment has its order", "uploads are gone", "every blob has an owner",
    ANSWERED, TWICE, "nothing of the erased is left",
    "no quota was exceeded", "no rule of a platform was broken", "nothing is owed any more",
)  # fmt: skip


async def judge(
    container: Container, chats: Mapping[str, Mapping[str, Any]], happened: Sequence[Happened]
) -> Verdict:
    """``chats``: what each load process told in the end."""
    verdict = Verdict({promise: [] for promise in PROMISES})
    records = [one for told in chats.values() for one in told["records"]]
    verdict.counts["blobs that the sweep found"] = await _sweep(container)
    async with container.database.snapshot() as tx:
        await _owed(tx, verdict)
        await _orders(tx, chats, records, verdict)
        await _books(tx, verdict)
        await _blobs(tx, container, verdict)
    left = await privacy.uploads_left(container.database, container.blobs)
    if left:
        verdict.broken["uploads are gone"].append(f"{left} blobs and keys")
    look_at_phones(records, happened, verdict)
    _platforms(chats, verdict)
    await _erased(container, records, verdict)
    _promises(records, verdict)
    return verdict


async def _sweep(container: Container) -> int:
    """What crashes left before their row, which the courier looks for four times an hour."""
    before = len(await blobs_of_people(container.blobs))
    await tidy(container)
    return before - len(await blobs_of_people(container.blobs))


async def at_rest(container: Container) -> bool:
    """No job is owed, and no message."""
    async with container.database.snapshot() as tx:
        jobs = await tx.count(Job, state=OneOf((JobState.WAITING, JobState.RUNNING)))
        return not jobs and not await tx.count(OutboxMessage, state=PENDING)


async def _owed(tx: Tx, verdict: Verdict) -> None:
    for job in await tx.find(Job, state=OneOf((JobState.WAITING, JobState.RUNNING))):
        verdict.broken["nothing is owed any more"].append(f"job {job.kind} {job.id} {job.state}")
    for message in await tx.find(OutboxMessage, state=PENDING):
        verdict.broken["nothing is owed any more"].append(f"message {message.name} {message.id}")
    failed = Counter(
        f"{job.kind}: {job.error}" for job in await tx.find(Job, state=JobState.FAILED)
    )
    attempts = Counter(job.attempts for job in await tx.find(Job, state=JobState.DONE))
    verdict.counts["jobs failed"] = dict(failed)
    verdict.counts["jobs done, by tries"] = dict(sorted(attempts.items()))


async def _orders(
    tx: Tx, chats: Mapping[str, Mapping[str, Any]], records: Sequence[Mapping[str, Any]],
    verdict: Verdict,
) -> None:  # fmt: skip
    orders = {order.id: order for order in await tx.find(Order)}
    avatars = await tx.find(Avatar)
    for order in orders.values():
        if order.charge and order.state not in ENDED:
            verdict.broken["every order has ended"].append(f"{order.id} is {order.state}")
    for id, count in Counter(one.order_id for one in avatars).items():
        if count > 1:
            verdict.broken["no order is doubled"].append(f"{id} has {count} avatars")
    ready = {one.order_id for one in avatars if one.state is AvatarState.READY}
    for order in orders.values():
        if order.state is OrderState.DONE and order.product is Product.AVATAR:
            gone = any(
                one.order_id == order.id and one.state is AvatarState.ERASED for one in avatars
            )
            if order.id not in ready and not gone:
                verdict.broken["every order has ended"].append(
                    f"{order.id} is done, without avatar"
                )
    charges = {one.id.partition(":")[2]: one for one in await tx.find(Charge)}
    for told in chats.values():
        for id, state in told["charges"].items():
            if (wrong := wrong_payment(id, state, charges, orders)) is not None:
                verdict.broken["every payment has its order"].append(wrong)
    states = Counter(f"{one.product} {one.state}" for one in orders.values())
    verdict.counts["orders"] = dict(sorted(states.items()))
    await _sets(tx, records, verdict)


def wrong_payment(
    id: str, state: str, charges: Mapping[str, Charge], orders: Mapping[Any, Order]
) -> str | None:
    """What is wrong with a payment of the platform's book, if anything."""
    charge = charges.get(id)
    if charge is None:
        return f"{id[-12:]} was {state}, and is not in our books"
    order = orders.get(charge.order_id)
    if order is None:
        return f"{id[-12:]} is for no order"
    its = order.charge is not None and id in order.charge
    if state == "taken" and not (its and order.state in KEEPS):
        return f"{id[-12:]} was kept, and order {order.id} is {order.state}, paid by {order.charge}"
    if state == "refunded" and its and order.state in KEEPS:
        return f"{id[-12:]} went back, and order {order.id} is {order.state}"
    return None


async def _sets(tx: Tx, records: Sequence[Mapping[str, Any]], verdict: Verdict) -> None:
    """As many sets as each asked for, and no more."""
    users = {one.platform_id: one for one in await tx.find(User)}
    shoots = Counter(one.user_id for one in await tx.find(Shoot, state=ShootState.DONE))
    failed = Counter(one.user_id for one in await tx.find(Shoot, state=ShootState.FAILED))
    for record in records:
        user = users.get(record["person"])
        if user is None or record["failed"] or record["withdrew"]:
            continue
        painted = shoots[user.id]
        if painted != record["sets_wanted"]:
            told = f"wanted {record['sets_wanted']} sets, {painted} done, {failed[user.id]} failed"
            verdict.broken["no order is doubled"].append(f"customer {record['number']} {told}")


async def _books(tx: Tx, verdict: Verdict) -> None:
    totals = await tx.totals()
    for currency, amount in totals.items():
        if amount:
            verdict.broken["the ledger sums to zero"].append(f"{amount} {currency}")
    verdict.counts["currencies in the ledger"] = sorted(map(str, totals))


async def _blobs(tx: Tx, container: Container, verdict: Verdict) -> None:
    owners = {
        str(one.id)
        for kind in (Order, Avatar, Prompt, Clip)
        for one in await tx.find(kind)
        if getattr(one, "key_id", None) or getattr(one, "source_key_id", None)
    }
    paths = await blobs_of_people(container.blobs)
    for path in paths:
        if path.split("/")[1] not in owners:
            verdict.broken["every blob has an owner"].append(path)
    verdict.counts["blobs"] = len(paths)


def look_at_phones(
    records: Sequence[Mapping[str, Any]], happened: Sequence[Happened], verdict: Verdict
) -> None:
    for one in records:
        who, seen = f"customer {one['number']} ({one['person']})", one["seen"]
        if one["failed"]:
            verdict.broken[ANSWERED].append(f"{who} waited in vain: {one['failed']}")
            continue
        if one["unanswered"]:
            verdict.broken[ANSWERED].append(f"{who} still reads: {one['unanswered']}")
        if not one["sets_wanted"]:
            continue
        if not one["wechat"] and not one["erased"] and not seen["erasures"]:
            verdict.broken[ANSWERED].append(f"{who} has no receipt of erasure")
        expected = {
            "sets": one["sets_wanted"], "clips": one["clips_wanted"], "receipts": 1,
            "erasures": 1, "ready": 1,
        }  # fmt: skip
        for what, count in expected.items():
            if (found := seen.get(what, count)) <= count:
                continue
            if what in ("sets", "ready") and _cut_off(one["sets_at"], happened):
                verdict.counts[AS_TOLD] = verdict.counts.get(AS_TOLD, 0) + 1
                continue
            verdict.broken[TWICE].append(f"{who}: {what} {found} times instead of {count}")


def _cut_off(sets_at: Sequence[int], happened: Sequence[Happened]) -> bool:
    """Whether what showed a set may have been killed, or cut off from where it notes that, before
    it could: then it is shown once more (docs/outbox.md says so)."""
    hits = [one for one in happened if one.name.startswith(CUTTING)]
    return any(one.began - 15 <= at <= one.ended + 15 for one in hits for at in sets_at)


def _platforms(chats: Mapping[str, Mapping[str, Any]], verdict: Verdict) -> None:
    for chat, told in chats.items():
        if told["floods"]:
            verdict.broken["no quota was exceeded"].append(f"{chat}: {told['floods']} refused")
        for problem in told["problems"]:
            verdict.broken["no rule of a platform was broken"].append(f"{chat}: {problem}")
        verdict.counts[f"{chat}: updates"] = told["updates"]
        verdict.counts[f"{chat}: posts of them"] = told["posts"]


async def _erased(
    container: Container, records: Sequence[Mapping[str, Any]], verdict: Verdict
) -> None:
    erased = [one["person"] for one in records if one["erased"]]
    for person, where in (await traces_of_any(erased, container.database, container.redis)).items():
        verdict.broken["nothing of the erased is left"].append(f"{person}: {', '.join(where)}")
    verdict.counts["people erased"] = len(erased)


def _promises(records: Sequence[Mapping[str, Any]], verdict: Verdict) -> None:
    """Of the waits that were told, how many were as told. A longer one breaks nothing here: the
    faults are none that anybody could have foretold."""
    told = [one["promise"] for one in records if one["promise"] and one["promise"]["ready"]]
    took = [(one["ready"] - one["told"], one["low"], one["high"]) for one in told]
    verdict.counts["waits told"] = len(took)
    verdict.counts["waits within what was told"] = sum(low <= t <= high for t, low, high in took)
    verdict.counts["waits shorter"] = sum(t < low for t, low, _ in took)
    verdict.counts["waits longer"] = sum(t > high for t, _, high in took)
    verdict.counts["asked again"] = sum(one["asked_again"] for one in records)
    deeds = Counter(deed for one in records for deed in one["deeds"])
    verdict.counts["deeds"] = dict(deeds.most_common())


def lines_of(verdict: Verdict) -> list[str]:
    """Every broken promise with its cases, the first twenty of each."""
    return [
        f"{promise}: {' '.join(case.split())}"
        for promise, cases in verdict.broken.items()
        for case in cases[:20]
    ]
