"""Stopping: what becomes of a paid avatar order that its customer ends before it is done, by
cancelling, by withdrawing the consent to training, or by erasing everything.

One rule. Until a worker has begun the training the whole price goes back. Once it has begun, the
work stops and everything is erased, but the money stays: the machine's time is spent, and whoever
could have it back after that could train for nothing. A training that fails is refunded
(:func:`shop.avatars.avatars.fail`), and admins and tills can still give the money back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shop.avatars import avatars
from shop.errors import NotAllowed
from shop.money import order_accounting
from shop.orders import orders
from shop.people import consent
from shop.people.users import lock as lock_user
from shop.ports import Tx
from shop.records import ConsentKind, Currency, Order, OrderState, Product, User

Amounts = Mapping[Currency, int]


class Fate(StrEnum):
    """What becomes of a person's money if they stop everything now. The values are in buttons, so
    that an answer counts only for the question that was asked."""

    NONE = "yes"  # nothing paid is unfinished
    REFUND = "refund"  # it goes back whole
    LOSS = "loss"  # work has begun: some of it stays


@dataclass(frozen=True, slots=True)
class Stake:
    """The paid, unfinished orders that stopping ends: by what becomes of their money."""

    refunded: tuple[Order, ...] = ()
    kept: tuple[Order, ...] = ()

    @property
    def fate(self) -> Fate:
        if self.kept:
            return Fate.LOSS
        return Fate.REFUND if self.refunded else Fate.NONE


async def stake(tx: Tx, user: User) -> Stake:
    """What stopping would mean now, for the question. Reads only."""
    found = await tx.find(
        Order, user_id=user.id, product=Product.AVATAR, state=OrderState.PAID, order="created_at"
    )
    kept = [order for order in found if await keeps_money(tx, order)]
    return Stake(tuple(order for order in found if order not in kept), tuple(kept))


async def work_begun(tx: Tx, order: Order, *, lock: bool = False) -> bool:
    """Whether a worker has ever begun the order's training; a stored fact that nothing undoes.

    ``lock`` (in the order user, order, avatar, job): no worker can begin before the transaction
    ends.
    """
    if lock:
        await lock_user(tx, order.user_id)
        await order_accounting.lock_order(tx, order.id)
    return await avatars.training_begun(tx, order.id, lock=lock)


async def keeps_money(tx: Tx, order: Order, *, lock: bool = False) -> bool:
    """Whether the price stays if its customer stops the order now: the work has begun, and when
    they paid they had agreed to terms that say so. Earlier terms promised the money back.
    """
    begun = await work_begun(tx, order, lock=lock)
    return begun and await consent.had_agreed(
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
    if not await keeps_money(tx, fresh, lock=True):
        return await orders.refund(tx, fresh, why, now)
    await avatars.revoke(tx, fresh, why, now)
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
