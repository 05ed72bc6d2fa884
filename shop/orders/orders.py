"""Orders: purchases, from the first photo to the last refund. Their states and ledger entries are
in :mod:`shop.money.order_accounting`.

Everything that one event leads to happens in one transaction, with the outbox messages for what
follows outside. It begins with the owner's lock (:func:`shop.people.users.lock`): decision 10.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from shop.avatars import avatars
from shop.catalog import Catalog, Price
from shop.clips import endings
from shop.encryption import EnvelopeCipher, destroy
from shop.errors import (
    NotAllowed,
    NotFound,
    TemplateNotShown,
    WrongAmount,
)
from shop.jobs import outbox
from shop.money import bills, order_accounting, referrals
from shop.orders import sales_guard
from shop.orders.sales_guard import Capacity
from shop.people import consent
from shop.people.users import lock as lock_user
from shop.people.users import lock_unbanned
from shop.photos import photos
from shop.ports import Below, Database, OneOf, Till, Tx
from shop.records import (
    Charge,
    Currency,
    Order,
    OrderId,
    OrderState,
    PaymentEvent,
    Photo,
    Product,
    Subject,
    User,
    new_id,
)
from shop.transactions import run_transaction

OPEN: Final = (OrderState.COLLECTING, OrderState.AWAITING, OrderState.PAID)
UNPAID: Final = (OrderState.COLLECTING, OrderState.AWAITING)


@dataclass(frozen=True, slots=True)
class Checkout:
    """What is bought and how, and the limits of the settings."""

    till: str
    currency: Currency
    base: str
    subject: Subject = Subject.PERSON
    template: str = ""  # of the first portraits; "" is the first that can be shown
    photos_minimum: int = field(kw_only=True)
    capacity: Capacity = field(kw_only=True)


async def begin(tx: Tx, cipher: EnvelopeCipher, user: User, now: datetime) -> Order:
    """The user's open order, or a new one that takes photos, with the key that encrypts them.

    Raises :class:`Banned` or :class:`ConsentMissing`.
    """
    await lock_unbanned(tx, user.id)
    await consent.require(tx, user)
    if order := await current(tx, user):
        return order
    key_id = await cipher.new_key(tx, now)
    order = Order(
        OrderId(new_id()), user.id, Product.AVATAR, OrderState.COLLECTING, now, now, key_id=key_id
    )
    await tx.add(order)
    return order


async def current(tx: Tx, user: User) -> Order | None:
    """The avatar order that is being worked on: collecting, awaiting its payment, or paid."""
    found = await tx.find(
        Order, user_id=user.id, product=Product.AVATAR, state=OneOf(OPEN),
        order="-created_at", limit=1,
    )  # fmt: skip
    return found[0] if found else None


async def latest(tx: Tx, user: User) -> Order | None:
    """Their last avatar order, however it stands."""
    found = await tx.find(
        Order, user_id=user.id, product=Product.AVATAR, order="-created_at", limit=1
    )
    return found[0] if found else None


async def place(tx: Tx, catalog: Catalog, order: Order, checkout: Checkout, now: datetime) -> Order:
    """COLLECTING to AWAITING, the catalogue's price copied in; or AWAITING again, with another till
    or style. An avatar's order grants the price's credits and those of one shoot more. A bill at
    the former till is closed, as by :func:`cancel`.

    Raises :class:`SalesPaused`, :class:`NobodyWorks`, :class:`QueueTooLong` (minutes),
    :class:`StillChecking` (checking), :class:`TooFewPhotos` (accepted, minimum), :class:`Banned`,
    :class:`ConsentMissing`, :class:`NotAllowed`, :class:`TemplateNotShown`.
    """
    user = await lock_unbanned(tx, order.user_id)
    await consent.require(tx, user)
    fresh = await order_accounting.lock_order(tx, order.id)
    if fresh.state not in UNPAID or fresh.product is not Product.AVATAR:
        raise NotAllowed
    await sales_guard.require_sales_open(tx)
    await sales_guard.require_photos(tx, fresh, checkout.photos_minimum)
    await sales_guard.require_capacity(tx, checkout.capacity, now)
    await _close_former_bill(tx, fresh, checkout.till, now)
    template = catalog.first(checkout.base, checkout.subject, checkout.template)
    price = catalog.price(Product.AVATAR, checkout.currency)
    return await order_accounting.transition(
        tx, fresh, OrderState.AWAITING, now,
        **_priced(price, checkout.till),
        credits=price.credits + catalog.shoot_credits, shoot_credits=catalog.shoot_credits,
        referral=await referrals.promised_credits(tx, catalog, user),
        subject=checkout.subject, template=template.id, base=checkout.base,
    )  # fmt: skip


async def buy_credits(
    tx: Tx,
    catalog: Catalog,
    user: User,
    till: str,
    currency: Currency,
    now: datetime,
    credits: int | None = None,
    *,
    capacity: Capacity,
) -> Order:
    """An order for a pack of credits (the first listed, or that of so many), AWAITING its payment.

    An unpaid one is used again; its bill at another till is closed. Raises :class:`SalesPaused`,
    :class:`NobodyWorks`, :class:`Banned`, :class:`NotFound`.
    """
    await lock_unbanned(tx, user.id)
    await sales_guard.require_sales_open(tx)
    await sales_guard.require_attended(tx, capacity, now)
    price = catalog.price(Product.CREDITS, currency, credits)
    unpaid = await tx.find(
        Order, user_id=user.id, product=Product.CREDITS, state=OrderState.AWAITING, limit=1
    )
    changes = _priced(price, till) | {"credits": price.credits}
    if unpaid:
        await _close_former_bill(tx, unpaid[0], till, now)
        return await order_accounting.transition(tx, unpaid[0], OrderState.AWAITING, now, **changes)
    order = Order(OrderId(new_id()), user.id, Product.CREDITS, OrderState.AWAITING, now, now)
    order = replace(order, **changes)  # type: ignore[arg-type]
    await tx.add(order)
    return order


async def confirm_payment(tx: Tx, event: PaymentEvent, now: datetime) -> Order:
    """A till took money: book it, once per charge. Returns the order as it is afterwards.

    It pays the order that awaits exactly this amount, whose bills are closed then; any other charge
    is refunded whole, as is one for somebody who is banned, or that the till has refunded already
    (events out of order). Of one that is to be refunded the notice "payment_unwanted" tells the
    owner, unless somebody else paid it.
    Raises :class:`NotFound` for an order that does not exist, :class:`WrongAmount` for an amount
    that is not positive.
    """
    if event.amount <= 0:
        raise WrongAmount
    order = await order_accounting.lock_with_owner(tx, event.order_id)
    if await order_accounting.is_booked(tx, event):
        return order
    await order_accounting.lock_charge(tx, order_accounting.charge_id(event))
    charge = await order_accounting.book_charge(tx, event, now)
    if charge is None:
        return order
    exact = (event.amount, event.currency) == (order.amount, order.currency)
    returned = await order_accounting.returned_early(tx, charge.id)
    owner = await lock_user(tx, order.user_id)
    await order_accounting.note_payer(tx, charge.id, owner, event.payer)
    if returned or owner.banned or order.state is not OrderState.AWAITING or not exact:
        await order_accounting.owe_surplus(tx, charge, now)
        if returned:
            return await order_accounting.book_refund(tx, charge.id, now)
        if not event.payer or event.payer in await order_accounting.payer_ids(tx, owner):
            await outbox.notify(
                tx, owner.id, "payment_unwanted", now, order=order.id, charge=event.charge,
                amount=charge.amount, currency=charge.currency.value,
            )  # fmt: skip
        return order
    return await _paid(tx, order, event, now)


async def refund(tx: Tx, order: Order, reason: str, now: datetime) -> Order:
    """PAID, STOPPED or DONE to REFUNDING: what it bought is revoked, the money is owed to the
    customer.

    An avatar is erased with its portraits; credits are taken back as far as they are unspent. The
    outbox message "refund" {order, charge} asks the till, see
    :func:`shop.money.order_accounting.refund_due`. Nothing happens to an order that is being
    refunded already; raises :class:`NotAllowed` for an unpaid one.
    """
    await lock_user(tx, order.user_id)
    fresh = await order_accounting.lock_order(tx, order.id)
    if fresh.state in (OrderState.REFUNDING, OrderState.REFUNDED):
        return fresh
    if fresh.product is Product.AVATAR:
        # First, because credits held for shoots that this cancels are then unspent and taken back.
        await endings.revoke_avatar(tx, fresh, "refunded", now)
    return await order_accounting.reverse(tx, fresh, reason, now)


async def charges(tx: Tx, order: Order) -> list[Charge]:
    """Everything that tills took for the order, the earliest first."""
    return await tx.find(Charge, order_id=order.id, order="at")


async def cancel(tx: Tx, order: Order, now: datetime, why: str = "cancelled") -> Order:
    """Cancel an unpaid order and erase its uploads. Idempotent; raises :class:`NotAllowed` for a
    paid one: see :func:`refund`. If a bill was shown, the outbox message "close_bill" {order, till}
    has its till take it back; what is paid all the same goes back (:func:`confirm_payment`).

    One that nobody ever sent a photo to, billed or paid leaves no row and no key: there is nothing
    to account for, and beginning and cancelling for ever must not fill the database.
    """
    await lock_user(tx, order.user_id)
    fresh = await tx.get(Order, order.id, lock=True)
    if fresh is None:  # it was never used, and is cancelled already
        return replace(order, state=OrderState.CANCELLED, key_id=None)
    if fresh.state is OrderState.CANCELLED:
        return fresh
    cancelled = await order_accounting.transition(tx, fresh, OrderState.CANCELLED, now)
    if await was_never_used(tx, cancelled):
        await destroy(tx, cancelled.key_id)
        await tx.remove(Order, id=cancelled.id)
        return replace(cancelled, key_id=None)
    if fresh.bill:
        await bills.close(tx, fresh, fresh.till, now)
    await photos.erase_all(tx, fresh.id, why, now)
    return await order_accounting.lock_order(tx, fresh.id)


async def stale(tx: Tx, before: datetime) -> list[Order]:
    """The unpaid orders that nobody touched since ``before``: for :func:`expire`, each in a
    transaction of its own, since each is another person's."""
    return await tx.find(Order, state=OneOf(UNPAID), touched_at=Below(before))


async def expire(tx: Tx, order: Order, before: datetime, now: datetime) -> Order | None:
    """Cancel an unpaid order that nobody touched since ``before``, and notify its owner. None, and
    nothing done, if it was touched, paid or cancelled meanwhile."""
    await lock_user(tx, order.user_id)
    fresh = await tx.get(Order, order.id, lock=True)
    if fresh is None or fresh.state not in UNPAID or fresh.touched_at >= before:
        return None
    cancelled = await cancel(tx, fresh, now, "expired")
    await outbox.notify(tx, fresh.user_id, "expired", now, order=fresh.id)
    return cancelled


async def change_template(tx: Tx, catalog: Catalog, order: Order, template_id: str) -> Order:
    """Choose another template for a placed order's initial portraits. The price stays.

    Raises :class:`NotAllowed` for an order in any other state, :class:`NotFound`, or
    :class:`TemplateNotShown` for a style that is not offered to its subject on its base.
    """
    fresh = await order_accounting.lock_with_owner(tx, order.id)
    if fresh.state not in (OrderState.AWAITING, OrderState.PAID):
        raise NotAllowed
    template = catalog.template(template_id)
    if template not in catalog.offered(fresh.base, fresh.subject)[0]:
        raise TemplateNotShown
    changed = replace(fresh, template=template.id)
    await tx.put(changed)
    return changed


async def attach_bill(tx: Tx, order: Order, reference: str) -> Order:
    """Store the till's reference of the bill that is to be shown, of ``order`` as it was billed.
    One that was paid, cancelled or outdated meanwhile is closed there again, and not to be shown:
    the order that is returned is not AWAITING then."""
    fresh = await order_accounting.lock_with_owner(tx, order.id)
    billed = replace(fresh, bill=reference, billed_till=order.till)
    if billed != fresh:
        await tx.put(billed)
    if billed.state is not OrderState.AWAITING:
        await bills.close(tx, billed, order.till, await tx.now())
    return billed


async def close_at(database: Database, till: Till, id: OrderId) -> bool:
    """Close the order's bills at that till, and book what was paid there before; whether that paid
    the order. Not within a transaction. Raises :class:`shop.errors.TillError`."""
    await till.close_bill(id)
    event = await till.find(id)
    if event is None:
        return False

    async def book(tx: Tx) -> bool:
        order = await confirm_payment(tx, event, await tx.now())
        return order_accounting.paid_by(order, order_accounting.charge_id(event))

    return await run_transaction(database, book)


async def get_owned(tx: Tx, user: User, id: str) -> Order:
    """The user's order of that id. Raises :class:`NotFound`, also for another's."""
    order = await tx.get(Order, id)
    if order is None or order.user_id != user.id:
        raise NotFound
    return order


async def was_never_used(tx: Tx, order: Order) -> bool:
    """Whether nothing outside the order speaks of it: no photo, bill or charge. A bill that was
    shown may still be paid late, and then its order must be there to be refunded."""
    if order.bill or order.charge or await tx.count(Photo, order_id=order.id):
        return False
    return not await tx.count(Charge, order_id=order.id)


async def _close_former_bill(tx: Tx, order: Order, till: str, now: datetime) -> None:
    if order.bill and order.till != till:
        await bills.close(tx, order, order.till, now)


async def _paid(tx: Tx, order: Order, event: PaymentEvent, now: datetime) -> Order:
    if order.bill:
        for till in sorted({order.till, event.till}):
            await bills.close(tx, order, till, now)
    paid = await order_accounting.transition(
        tx, order, OrderState.PAID, now,
        till=event.till, charge=event.charge, paid_at=event.at,
    )  # fmt: skip
    await order_accounting.book_sale(tx, paid, now)
    await outbox.notify(tx, paid.user_id, "paid", now, order=paid.id)
    if paid.product is Product.CREDITS:
        await order_accounting.grant_credits(tx, paid, now)
        return await order_accounting.transition(tx, paid, OrderState.DONE, now)
    await photos.close_tally(tx, paid, now)
    await avatars.request_training(tx, paid, paid.base, now)
    return paid


def _priced(price: Price, till: str) -> dict[str, object]:
    return {"amount": price.amount, "currency": price.currency, "till": till}
