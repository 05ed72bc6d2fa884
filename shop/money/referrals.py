"""Referrals: whoever brings somebody, and whoever comes, both get credits at the first purchase.

What it is worth is copied into the order when it is placed, like its price, and granted when it is
paid. It goes back with the money, as far as it is unspent. A host is a user's id and nothing more:
who has erased everything is thanked no longer.
"""

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


class ReferralInvitation(StrEnum):
    """What becomes of a link that somebody followed."""

    TAKEN = "taken"  # remembered, by this link or by an earlier one
    OWN = "own"  # their own link
    KNOWN = "known"  # they were here before
    NOBODYS = "nobodys"  # whoever sent it is gone, or never was


async def record_invitation(tx: Tx, user: User, host_id: str) -> ReferralInvitation:
    """Remember by whom somebody new came: who has no order yet, and did not bring the host. The
    first host stays.
    """
    guest = await users.lock(tx, user.id)
    if host_id == guest.id:
        return ReferralInvitation.OWN
    host = await _thankable(tx, host_id)
    if host is None:
        return ReferralInvitation.NOBODYS
    if host.invited_by == guest.id or await tx.count(Order, user_id=guest.id):
        return ReferralInvitation.KNOWN
    if not guest.invited_by:
        await tx.put(replace(guest, invited_by=host.id))
    return ReferralInvitation.TAKEN


async def promised_credits(tx: Tx, catalog: Catalog, buyer: User) -> int:
    """The credits that an avatar's order brings to each of the two; 0 for who came alone, or has
    bought before.
    """
    if not buyer.invited_by or await _bought(tx, buyer.id):
        return 0
    return catalog.referral_credits


async def reward(tx: Tx, order: Order, now: datetime) -> None:
    """An avatar's order was paid: thank both. Twice is once."""
    guest = await tx.get(User, order.user_id)
    others = [one for one in await _bought(tx, order.user_id) if one.id != order.id]
    if guest is None or not order.referral or others:
        return
    await _thank(tx, order, guest.id, GUEST, now)
    if host := await _thankable(tx, guest.invited_by):
        await _thank(tx, order, host.id, HOST, now)


async def take_back(tx: Tx, order: Order, now: datetime) -> None:
    """That order's money goes back, and so does the thanks, as far as it is unspent.

    The books say who was thanked: the people may have been erased since. The guest's row should be
    locked before the order's; the host's comes after it, which is safe as long as nobody is the
    host of their own host (see :func:`record_invitation`).
    """
    for side in (GUEST, HOST):
        thanks = await ledger.find_grant(tx, _key(order, side))
        if thanks is None:
            continue
        person, credits = thanks
        gone = await ledger.take_back(tx, person, credits, f"{_key(order, side)}:back", now)
        if gone and side == HOST:
            await outbox.notify(tx, person, "referral_back", now, credits=gone)


async def _thank(tx: Tx, order: Order, user_id: UserId, side: str, now: datetime) -> None:
    if await ledger.grant(tx, user_id, order.referral, _key(order, side), now):
        await outbox.notify(tx, user_id, "referral", now, credits=order.referral, side=side)


async def _bought(tx: Tx, user_id: UserId) -> list[Order]:
    """The avatars that somebody has paid for and kept."""
    return await tx.find(Order, user_id=user_id, product=Product.AVATAR, state=OneOf(BOUGHT))


async def _thankable(tx: Tx, id: str) -> User | None:
    host = await tx.get(User, UserId(id)) if id else None
    return host if host and host.erased_at is None and not host.banned else None


def _key(order: Order, side: str) -> str:
    return f"referral:{order.id}:{side}"
