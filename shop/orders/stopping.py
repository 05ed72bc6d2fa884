"""Stopping: what becomes of a paid avatar order that its customer ends before it is done, by
cancelling, by withdrawing the consent to training, or by erasing everything.

One rule. Until a worker has begun the training the whole price goes back. Once it has begun, the
work stops and everything is erased, but the money stays: the machine's time is spent, and whoever
could have it back after that could train for nothing. A training that is not done within
:data:`STALLED` of its latest lease counts as not begun: then nothing is being made for the money. A
training that fails is refunded (:func:`shop.avatars.avatars.fail`), and admins and tills can still
give the money back.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from shop.avatars import avatars
from shop.clips import endings
from shop.errors import NotAllowed
from shop.money import order_accounting
from shop.orders import orders
from shop.people import consent
from shop.people.users import lock as lock_user
from shop.ports import OneOf, Tx
from shop.records import (
    Avatar,
    AvatarState,
    ConsentKind,
    Currency,
    Order,
    OrderState,
    Product,
    User,
)

Amounts = Mapping[Currency, int]

FINGERPRINT_DIGITS: Final = 8

STALLED: Final = timedelta(hours=24)
"""From a training's latest lease: as long as the longest timeout that the settings allow for it.
One that has not ended by then keeps no money."""


class Fate(StrEnum):
    """What becomes of a person's money if they stop everything now."""

    NONE = "yes"  # nothing paid is unfinished
    REFUND = "refund"  # it goes back whole
    LOSS = "loss"  # work has begun: some of it stays


@dataclass(frozen=True, slots=True)
class Stake:
    """The paid, unfinished orders that stopping ends: by what becomes of their money. ``ends``: the
    ids of all avatar orders and avatars that it ends, paid or not, finished or not.
    """

    refunded: tuple[Order, ...] = ()
    kept: tuple[Order, ...] = ()
    ends: tuple[str, ...] = ()

    @property
    def fate(self) -> Fate:
        if self.kept:
            return Fate.LOSS
        return Fate.REFUND if self.refunded else Fate.NONE

    @property
    def answer(self) -> str:
        """The yes to the question about this stake, for its button: an answer counts only for the
        question that was asked, about the money and about what is lost."""
        return answer_about(self.fate, self.ends)


def answer_about(yes: str, ids: Iterable[str]) -> str:
    """The answer ``yes`` about the records of these ids, in any order: ASCII, at most 15
    characters, such as ``refund-1a2b3c4d``.
    """
    digest = hashlib.sha256(" ".join(sorted(ids)).encode()).hexdigest()
    return f"{yes}-{digest[:FINGERPRINT_DIGITS]}"


async def stake(tx: Tx, user: User, now: datetime) -> Stake:
    """What stopping would mean now, for the question. Reads only."""
    found = await tx.find(
        Order, user_id=user.id, product=Product.AVATAR, state=OneOf(orders.OPEN), order="created_at"
    )
    ready = await tx.find(Avatar, user_id=user.id, state=AvatarState.READY)
    paid = [order for order in found if order.state is OrderState.PAID]
    kept = [order for order in paid if await keeps_money(tx, order, now)]
    return Stake(
        tuple(order for order in paid if order not in kept),
        tuple(kept),
        (*(order.id for order in found), *(avatar.id for avatar in ready)),
    )


async def work_begun(tx: Tx, order: Order, *, lock: bool = False) -> bool:
    """Whether a worker has ever begun the order's training; a stored fact that nothing undoes.

    ``lock`` (in the order user, order, avatar, job): no worker can begin before the transaction
    ends.
    """
    if lock:
        await lock_user(tx, order.user_id)
        await order_accounting.lock_order(tx, order.id)
    return await avatars.training_begun(tx, order.id, lock=lock)


async def keeps_money(tx: Tx, order: Order, now: datetime, *, lock: bool = False) -> bool:
    """Whether the price stays if its customer stops the order now: the work has begun and has not
    stalled, and when they paid they had agreed to terms that say so. Earlier terms promised the
    money back.
    """
    begun = await work_begun(tx, order, lock=lock)
    alive = begun and await avatars.training_begun(tx, order.id, since=now - STALLED, lock=lock)
    return alive and await consent.had_agreed(
        tx, order.user_id, ConsentKind.TERMS, consent.STOPPING_KEEPS_MONEY,
        at=order.paid_at or order.touched_at,
    )  # fmt: skip


async def stop(tx: Tx, order: Order, why: str, now: datetime) -> Order:
    """End a PAID avatar order for its customer: to REFUNDING, or STOPPED if the money stays.

    Its training is cancelled and its uploads are erased, either way. Raises :class:`NotAllowed` for
    an order in any other state.
    """
    await lock_user(tx, order.user_id)
    fresh = await order_accounting.lock_order(tx, order.id)
    if fresh.state is not OrderState.PAID:
        raise NotAllowed
    if not await keeps_money(tx, fresh, now, lock=True):
        return await orders.refund(tx, fresh, why, now)
    await endings.revoke_avatar(tx, fresh, why, now)
    return await order_accounting.transition(tx, fresh, OrderState.STOPPED, now)


def by_outcome(stopped: Sequence[Order]) -> Stake:
    """The orders that :func:`stop` returned, by what became of their money."""
    kept = tuple(order for order in stopped if order.state is OrderState.STOPPED)
    return Stake(tuple(order for order in stopped if order not in kept), kept)


def amounts(found: Sequence[Order]) -> Amounts:
    """What these orders cost together, in minor units."""
    sums: dict[Currency, int] = {}
    for order in found:
        sums[order.currency] = sums.get(order.currency, 0) + order.amount
    return sums
