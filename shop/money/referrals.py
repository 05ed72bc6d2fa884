"""Referrals: the referrer ("host") and the person who came by their link ("guest") both get credits
once the guest's first avatar is done.

The reward is copied into the order when it is placed, like its price, and granted when the avatar
is finished: until then the guest could have the purchase back. A later refund, which only admins
and tills can make, takes it back as far as it is unspent; what was spent stays as a claim in the
ledger, and that account's later rewards make up for it first (there are none after an erasure). A
host is stored as a user's id alone: one who was erased or banned gets no reward.
"""

from collections.abc import Set
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from shop.catalog import Catalog
from shop.jobs import outbox
from shop.money import ledger
from shop.people import users
from shop.ports import OneOf, Tx
from shop.records import Order, OrderState, Product, User, UserId

GUEST: Final = "guest"
HOST: Final = "host"
BOUGHT: Final = (OrderState.PAID, OrderState.DONE)
PROMISED: Final = (OrderState.COLLECTING, OrderState.AWAITING, OrderState.PAID)


class ReferralInvitation(StrEnum):
    """The outcome when somebody followed a referral link."""

    TAKEN = "taken"  # stored, by this link or by an earlier one
    OWN = "own"  # their own link
    KNOWN = "known"  # they were here before
    INVALID = "nobodys"  # its sender was erased or banned, or never existed


async def accept_invite(tx: Tx, user: User, host_id: str) -> ReferralInvitation:
    """Store who referred a new user: one without an order, who was not here before an erasure and
    did not refer that host. The first host stays.
    """
    guest = await users.lock(tx, user.id)
    if host_id == guest.id:
        return ReferralInvitation.OWN
    # Locked: two who follow each other's links at once must not both become the other's guest.
    host = await _eligible_host(tx, host_id, lock=True)
    if host is None:
        return ReferralInvitation.INVALID
    if host.id == guest.id:  # a link of a chat that is linked with theirs
        return ReferralInvitation.OWN
    known = guest.returned or await tx.count(Order, user_id=guest.id) > 0
    hosts_host = await users.current(tx, UserId(host.invited_by))
    if known or _is_in(hosts_host, {guest.id}):
        return ReferralInvitation.KNOWN
    if not guest.invited_by:
        await tx.put(replace(guest, invited_by=host.id))
    return ReferralInvitation.TAKEN


async def promised_credits(tx: Tx, catalog: Catalog, buyer: User) -> int:
    """The credits that an avatar's order grants to each of the two; 0 for a buyer who was not
    referred, whose host was erased or banned meanwhile, who has bought before, or was rewarded
    before for a purchase that was undone.
    """
    if not await _eligible_host(tx, buyer.invited_by) or await _bought_avatars(tx, buyer.id):
        return 0
    for earlier in await tx.find(Order, user_id=buyer.id, product=Product.AVATAR):
        if await ledger.booked(tx, _key(earlier, GUEST)):
            return 0
    return catalog.referral_credits


async def reward(tx: Tx, order: Order, now: datetime) -> None:
    """An avatar's order is done: grant the reward to both. Idempotent.

    The guest's row is locked before; the host's comes after it, see :func:`take_back`.
    """
    guest = await tx.get(User, order.user_id)
    others = [one for one in await _bought_avatars(tx, order.user_id) if one.id != order.id]
    if guest is None or not order.referral or others:
        return
    await _grant(tx, order, guest.id, GUEST, now)
    if host := await _eligible_host(tx, guest.invited_by, lock=True):
        await _grant(tx, order, host.id, HOST, now)


async def take_back(tx: Tx, order: Order, now: datetime) -> None:
    """The order is refunded: take the reward back, as far as it is unspent; the rest is claimed.

    The ledger says who got it: the people may have been erased since. The guest's row should be
    locked before the order's; the host's comes after it, which is safe as long as nobody is the
    host of their own host (see :func:`accept_invite`).
    """
    for side in (GUEST, HOST):
        grant = await ledger.find_grant(tx, _key(order, side))
        if grant is None:
            continue
        granted_to, credits = grant
        key = _key(order, side)
        if await ledger.booked(tx, f"{key}:back"):
            continue
        user_id = (await users.lock(tx, granted_to)).id  # another one since their chats were linked
        taken = await ledger.take_back(tx, user_id, credits, f"{key}:back", now)
        settled = -await ledger.posted(tx, f"{key}:settled", ledger.claim_account(granted_to))
        owed = credits - taken + settled  # a claim that this reward had settled stands again
        if owed:
            await ledger.add_claim(tx, user_id, owed, f"{key}:claim", now)
        if taken and side == HOST:
            await outbox.notify(tx, user_id, "referral_back", now, credits=taken)


async def become_one(tx: Tx, kept: User, joining: User, now: datetime) -> str:
    """Two people, both locked, turn out to be one, before anything of theirs is moved. Returns who
    invited the one that is kept, "" for nobody: never themselves, nor a guest of theirs.

    Where one had come by the other's link, what that had earned is taken back, as by a refund, and
    nothing more is promised. Nor is a reward that is still to come to whoever has bought before.
    """
    pair = {kept.id, joining.id}
    hosts = [await users.current(tx, UserId(one.invited_by)) for one in (kept, joining)]
    own = {one.id for one, host in zip((kept, joining), hosts, strict=True) if _is_in(host, pair)}
    bought = {one for one in pair if await _bought_avatars(tx, one)}
    for one in (kept, joining):
        for order in await tx.find(Order, user_id=one.id, product=Product.AVATAR, lock=True):
            if one.id in own:
                await take_back(tx, order, now)
            if order.referral and order.state in PROMISED and (one.id in own or bought - {one.id}):
                await tx.put(replace(order, referral=0))
    for host in hosts:
        if host is None or host.id in pair:
            continue
        theirs = await users.current(tx, UserId(host.invited_by))
        if not _is_in(theirs, pair):
            return host.id
    return ""


def _is_in(user: User | None, ids: Set[str]) -> bool:
    return user is not None and user.id in ids


async def _grant(tx: Tx, order: Order, user_id: UserId, side: str, now: datetime) -> None:
    key = _key(order, side)
    if await ledger.booked(tx, key):
        return
    await users.lock(tx, user_id)  # its claim must not be settled twice
    settled = await ledger.settle_claim(tx, user_id, order.referral, f"{key}:settled", now)
    credits = order.referral - settled
    await ledger.grant(tx, user_id, credits, key, now)
    await outbox.notify(tx, user_id, "referral", now, credits=credits, side=side, settled=settled)


async def _bought_avatars(tx: Tx, user_id: UserId) -> list[Order]:
    """The avatar orders that somebody has paid and not had refunded."""
    return await tx.find(Order, user_id=user_id, product=Product.AVATAR, state=OneOf(BOUGHT))


async def _eligible_host(tx: Tx, id: str, *, lock: bool = False) -> User | None:
    """``lock``: neither erased nor banned before the transaction ends."""
    host = await users.current(tx, UserId(id)) if id else None
    if host and lock:
        host = await users.lock(tx, host.id)
    return host if host and host.erased_at is None and not host.banned else None


def _key(order: Order, side: str) -> str:
    return f"referral:{order.id}:{side}"
