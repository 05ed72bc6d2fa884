"""Admin actions, each of which writes its audit entry in its own transaction.

``admin`` is :func:`shop.people.users.admin_name` of whoever asks; the caller has checked that they
are an admin. Results are records, without texts. Targets in the audit are opaque ids.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeVar

from shop import feature_flags, privacy
from shop.encryption import KeyedHash
from shop.errors import (
    Duplicate,
    NotAllowed,
    NotFound,
    NumberAmbiguous,
    NumberTooShort,
    RefundsWholeOnly,
)
from shop.job_kinds import JOB_KINDS
from shop.jobs import eta, outbox
from shop.jobs.kinds import JobKind
from shop.money import ledger, order_accounting, partial_refunds
from shop.orders import orders, payments
from shop.orders.history import Event, history
from shop.people import past_accounts, users
from shop.photos import photos
from shop.ports import Above, Below, Till, Tx
from shop.records import (
    AuditEntry,
    Avatar,
    ChannelName,
    Charge,
    Clip,
    ClipState,
    Currency,
    FeatureFlag,
    Order,
    OrderId,
    OrderState,
    PartialRefund,
    Photo,
    PhotoState,
    SupportCase,
    User,
    UserId,
    new_id,
)

MOST_ORDERS: Final = 10
"""Of one customer that are listed."""
MOST_CREDITS: Final = 10_000
ID_DIGITS: Final = 8
"""Of an order's or a case's id, that people see and type."""

T = TypeVar("T", Order, SupportCase)


async def find_typed(tx: Tx, kind: type[T], typed: str) -> T:
    """The record of that id, or whose id begins so. Raises :class:`NotFound`,
    :class:`NumberTooShort`, and :class:`NumberAmbiguous`."""
    start = typed.lower()
    if (exact := await tx.get(kind, start)) is not None:
        return exact
    if len(start) < ID_DIGITS:
        raise NumberTooShort(digits=ID_DIGITS)
    found = await tx.find(kind, id=Above(start), order="id", limit=2)
    if not (found := [one for one in found if one.id.startswith(start)]):
        raise NotFound
    if len(found) > 1:
        raise NumberAmbiguous(numbers=", ".join(one.id for one in found))
    return found[0]


@dataclass(frozen=True, slots=True)
class Stats:
    """Key figures. ``earned`` is sales less refunds, in minor units; ``ledger_sums`` must be all
    zero; ``credits`` are granted and not spent. ``held`` counts photos and clips' sources;
    ``animating``: pictures that are to come alive are taken.
    """

    users: int
    erased: int
    orders: Mapping[OrderState, int]
    held: int
    earned: Mapping[Currency, int]
    ledger_sums: Mapping[Currency, int]
    credits: int
    selling: bool
    animating: bool


@dataclass(frozen=True, slots=True)
class QueueView:
    """A job queue; ``wait`` is the forecast for one more job, None if nothing was measured, or no
    worker is there."""

    kind: str
    waiting: int
    running: int
    workers: int
    wait: eta.Estimate | None


@dataclass(frozen=True, slots=True)
class OrderView:
    """An order with what belongs to it. ``person`` is the chat address, as admins type it."""

    order: Order
    person: str
    tally: photos.PhotoCounts
    avatar: Avatar | None
    charges: tuple[Charge, ...]
    returned: tuple[PartialRefund, ...]
    """Parts of the charges that went back, or are owed."""
    events: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True)
class Balance:
    """A person's credits after a grant."""

    user: User
    granted: int
    credits: int


async def stats(tx: Tx, admin: str, now: datetime) -> Stats:
    money = [currency for currency in Currency if currency is not Currency.CREDITS]
    issued = await tx.total(ledger.ISSUED, Currency.CREDITS)
    spent = await tx.total(ledger.SPENT, Currency.CREDITS)
    merged = await tx.count(User, merged_into=Above(""))  # of people with several chats
    result = Stats(
        users=await tx.count(User) - merged,
        erased=await tx.count(User, erased_at=Below(now + timedelta(seconds=1))) - merged,
        orders={state: await tx.count(Order, state=state) for state in OrderState},
        held=await tx.count(Photo, state=PhotoState.HELD)
        + await tx.count(Clip, state=ClipState.HELD),
        earned={one: -await tx.total(ledger.SALES, one) for one in money},
        ledger_sums=dict(await tx.totals()),
        credits=-issued - spent,
        selling=await feature_flags.is_on(tx, feature_flags.SALES),
        animating=await feature_flags.is_on(tx, feature_flags.CLIPS),
    )
    await audit(tx, admin, "stats", "", "shown", now)
    return result


async def queue(
    tx: Tx, admin: str, now: datetime, kinds: Iterable[JobKind] = JOB_KINDS.values()
) -> tuple[QueueView, ...]:
    """All job queues."""
    views = []
    for kind in kinds:
        snapshot = await eta.snapshot(tx, kind.name, now)
        workers = snapshot.workers if snapshot.attended else 0
        wait = await eta.forecast(tx, kind, now) if workers else None
        views.append(
            QueueView(kind.name, len(snapshot.waiting), len(snapshot.running), workers, wait)
        )
    await audit(tx, admin, "queue", "", "shown", now)
    return tuple(views)


async def order(tx: Tx, admin: str, order_id: str, now: datetime) -> OrderView:
    """Raises :class:`NotFound`."""
    found = await order_accounting.get_order(tx, OrderId(order_id))
    owner = await tx.get(User, found.user_id)
    trained = await tx.find(Avatar, order_id=found.id)
    charges = await orders.charges(tx, found)
    view = OrderView(
        order=found,
        person=users.admin_name(owner) if owner else "",
        tally=await photos.tally(tx, found),
        avatar=trained[0] if trained else None,
        charges=tuple(charges),
        returned=tuple([part for one in charges for part in await partial_refunds.of(tx, one)]),
        events=await history(tx, found),
    )
    await audit(tx, admin, "order", found.id, "shown", now)
    return view


def customer_of(typed: str) -> str:
    """Whose invitation link that is, or its end (``r-`` and an id): by it a customer is found
    without a name. Friends have it too: it proves nothing. "" for what is none."""
    found = re.search(r"(?:^|[=/])r-([0-9a-f]{32})$", typed)
    return found[1] if found else ""


async def orders_of(tx: Tx, admin: str, user_id: UserId, now: datetime) -> list[Order]:
    """The latest orders of that person, the newest first. Raises :class:`NotFound`."""
    user = await users.current(tx, user_id)
    if user is None:
        raise NotFound
    found = await tx.find(Order, user_id=user.id, order="-created_at", limit=MOST_ORDERS)
    await audit(tx, admin, "orders", user.id, str(len(found)), now)
    return found


async def person(tx: Tx, reference: str) -> User:
    """The user that an admin names as ``telegram:42`` or by id. Raises :class:`NotFound`."""
    platform, _, platform_id = reference.partition(":")
    if platform_id and (found := await users.find(tx, ChannelName(platform), platform_id)):
        return found
    user = await users.current(tx, UserId(reference))
    if user is None:
        raise NotFound
    return user


async def grant(tx: Tx, admin: str, reference: str, credits: int, now: datetime) -> Balance:
    """Grant credits to a user. Raises :class:`NotFound`; :class:`NotAllowed` beyond 1..10,000 and
    for an erased user.
    """
    user = await users.lock(tx, (await person(tx, reference)).id)
    if not 1 <= credits <= MOST_CREDITS or user.erased_at is not None:
        raise NotAllowed
    entry = await audit(tx, admin, "grant", user.id, str(credits), now)
    await ledger.grant(tx, user.id, credits, f"grant:{entry.id}", now)
    return Balance(user, credits, await ledger.balance(tx, user.id))


async def refund(tx: Tx, admin: str, order_id: str, now: datetime) -> Order:
    """Give an order's money back; a notice tells the customer what ends with it.

    Raises :class:`NotFound`, or :class:`NotAllowed` for an order that nobody paid.
    """
    found = await order_accounting.lock_with_owner(tx, OrderId(order_id))
    refunding = await orders.refund(tx, found, "admin", now)
    if found.state in payments.PAID_STATES:
        await outbox.notify(
            tx,
            found.user_id,
            "given_back",
            now,
            order=found.id,
            was=found.state.value,
        )
    await audit(tx, admin, "refund", found.id, refunding.state, now)
    return refunding


async def refund_part(
    tx: Tx, tills: Mapping[str, Till], admin: str, order_id: str, amount: int, now: datetime
) -> PartialRefund:
    """Give back a part of what was paid for an order, in minor units, once its till has confirmed
    that: nothing that it bought is taken back.

    Raises :class:`RefundsWholeOnly` where its till gives back no part, and as
    :func:`shop.orders.payments.refund_part`.
    """
    found = await order_accounting.lock_with_owner(tx, OrderId(order_id))
    till = tills.get(found.till)
    if till is not None and not till.refunds_parts:
        raise RefundsWholeOnly
    part = await payments.refund_part(tx, found.id, amount, now)
    await audit(tx, admin, "refund", found.id, f"part {amount}", now)
    return part


async def ban(
    tx: Tx, addresses: KeyedHash, admin: str, reference: str, now: datetime
) -> User | None:
    """Close a person's account to orders. Somebody who was erased and is not back can be named as
    ``telegram:42`` for as long as a past account is kept of them: then None is returned.

    Raises :class:`NotFound`, or :class:`NotAllowed` for an erased user's id, which leads nowhere.
    """
    return await _set_banned(tx, addresses, admin, reference, now, banned=True)


async def unban(
    tx: Tx, addresses: KeyedHash, admin: str, reference: str, now: datetime
) -> User | None:
    """The opposite of :func:`ban`, and as that."""
    return await _set_banned(tx, addresses, admin, reference, now, banned=False)


async def pause(tx: Tx, admin: str, now: datetime) -> FeatureFlag:
    """Stop selling. Paid orders go on."""
    return await _set(tx, admin, "pause", feature_flags.SALES, False, now)


async def resume(tx: Tx, admin: str, now: datetime) -> FeatureFlag:
    return await _set(tx, admin, "resume", feature_flags.SALES, True, now)


async def pause_clips(tx: Tx, admin: str, now: datetime) -> FeatureFlag:
    """Take no picture that is to come alive. Clips that wait already are made."""
    return await _set(tx, admin, "pauseclips", feature_flags.CLIPS, False, now)


async def resume_clips(tx: Tx, admin: str, now: datetime) -> FeatureFlag:
    return await _set(tx, admin, "resumeclips", feature_flags.CLIPS, True, now)


async def erase(
    tx: Tx, addresses: KeyedHash, admin: str, reference: str, now: datetime
) -> privacy.Erasure:
    """Erase a person who asked for it outside the chat. Raises :class:`NotFound`."""
    user = await past_accounts.identified(tx, addresses, await person(tx, reference))
    erasure = await privacy.erase(tx, user, now)
    await audit(tx, admin, "erase", user.id, "erased", now)
    return erasure


async def audit(
    tx: Tx, admin: str, command: str, target: str, outcome: str, now: datetime
) -> AuditEntry:
    """Write down what an admin did, to which opaque id, with which result."""
    entry = AuditEntry(new_id(), admin, command, target, outcome, now)
    await tx.add(entry)
    return entry


async def _set_banned(
    tx: Tx, addresses: KeyedHash, admin: str, reference: str, now: datetime, *, banned: bool
) -> User | None:
    command, outcome = ("ban", "banned") if banned else ("unban", "pardoned")
    try:
        named = await person(tx, reference)
    except NotFound:
        platform, _, platform_id = reference.partition(":")
        await past_accounts.set_banned(tx, addresses(platform, platform_id), now, banned=banned)
        if await users.find(tx, ChannelName(platform), platform_id):
            # They came back while we waited for that row.
            return await _set_banned(tx, addresses, admin, reference, now, banned=banned)
        # Without the hash: the audit is kept for ever, and the hash is not.
        await audit(tx, admin, command, "a past account", outcome, now)
        return None
    if named.erased_at is not None:
        raise NotAllowed
    user = await (users.ban if banned else users.unban)(tx, named)
    await past_accounts.set_ban_remembered(tx, user, now, banned=banned)
    await audit(tx, admin, command, user.id, outcome, now)
    return user


async def _set(tx: Tx, admin: str, command: str, what: str, on: bool, now: datetime) -> FeatureFlag:
    flag = FeatureFlag(what, on, admin, now)
    try:
        await tx.add(flag)
    except Duplicate:
        await tx.put(flag)
    await audit(tx, admin, command, what, "on" if on else "off", now)
    return flag
