"""Parts of a charge that go back while the rest stays paid, as a goodwill of the studio's.

A part is a price reduction: the order stays as it is, and nothing that it bought is taken back, no
credit and no portrait. Whoever refunds the order later gives back what the parts left, and takes
back then what was bought. There may be any number of parts, by us or at the till's console, which
together are less than the charge: the part that would be all that is left is the refund itself
(:func:`shop.orders.orders.refund`).

Callers hold the order's lock, and its owner's before (:func:`order_accounting.lock_with_owner`).
"""

from dataclasses import replace
from datetime import datetime

from shop.errors import NotFound
from shop.jobs import outbox
from shop.money import ledger, order_accounting
from shop.money.order_accounting import RefundDue
from shop.ports import Tx
from shop.records import CHAT, Charge, Order, PartialRefund


def part_id(charge_id: str, refund: str) -> str:
    """The id of the refund that we asked for by that key, or that has that number at the till."""
    return refund if refund.startswith(f"{charge_id}:") else f"{charge_id}:{refund}"


async def of(tx: Tx, charge: Charge) -> list[PartialRefund]:
    """Every part of the charge that is owed or went back, the earliest first."""
    return await tx.find(PartialRefund, charge_id=charge.id, order="at")


async def owe(tx: Tx, order: Order, charge: Charge, amount: int, now: datetime) -> PartialRefund:
    """Owe a part of the charge that paid the order: the outbox message "refund" {order, charge,
    part} asks the till. ``amount`` is positive and less than what is left."""
    turn = 1
    while await tx.get(PartialRefund, f"{charge.id}:part:{turn}"):
        turn += 1
    part = PartialRefund(f"{charge.id}:part:{turn}", charge.id, amount, now)
    await _reverse(tx, order, part, now)
    payload = {"order": order.id, "charge": charge.id, "part": part.id}
    await outbox.enqueue(tx, CHAT, "refund", payload, now)
    return part


async def due(tx: Tx, id: str) -> RefundDue | None:
    """That part, to ask its till for; None once it is given back. Raises :class:`NotFound`."""
    part, charge, order = await _find(tx, id)
    if part.returned_at is not None:
        return None
    return await order_accounting.refund_of(tx, order, charge, part.amount, part.id)


async def book_returned(tx: Tx, id: str, now: datetime) -> bool:
    """The till gave the part back: book it, and tell the customer. False if it was booked before.
    Raises :class:`NotFound`."""
    _, charge, _ = await _find(tx, id)
    order = await order_accounting.lock_with_owner(tx, charge.order_id)
    part = await tx.get(PartialRefund, id, lock=True)
    if part is None or part.returned_at is not None:
        return False
    await tx.put(replace(part, returned_at=now))
    await _book(tx, order, charge, part, now)
    return True


async def book_unasked(
    tx: Tx, order: Order, charge: Charge, refund: str, amount: int, now: datetime
) -> None:
    """Somebody gave a part back at the till's console; ``refund`` is its number there, which was
    not booked before. ``amount`` is less than what is left. Of a charge that is owed back whole,
    less is owed now."""
    part = PartialRefund(part_id(charge.id, refund), charge.id, amount, now, returned_at=now)
    if await order_accounting.is_owed(tx, order, charge.id):
        await tx.add(part)
    else:
        await _reverse(tx, order, part, now)
    await _book(tx, order, charge, part, now)


async def _reverse(tx: Tx, order: Order, part: PartialRefund, now: datetime) -> None:
    till, _, _ = part.charge_id.partition(":")
    await tx.add(part)
    await tx.put(replace(order, reduced=order.reduced + part.amount))
    await ledger.transfer(
        tx, f"part:{part.id}", "refund", part.amount, order.currency,
        source=ledger.owed_account(till), target=ledger.SALES, now=now,
    )  # fmt: skip


async def _book(tx: Tx, order: Order, charge: Charge, part: PartialRefund, now: datetime) -> None:
    till, _, _ = charge.id.partition(":")
    await ledger.transfer(
        tx, f"part:{part.id}:returned", "returned", part.amount, charge.currency,
        source=ledger.till_account(till), target=ledger.owed_account(till), now=now,
    )  # fmt: skip
    whole = await order_accounting.is_owed(tx, order, charge.id)
    await outbox.notify(
        tx, order.user_id, "payment_refunded" if whole else "payment_reduced", now,
        order=order.id, amount=part.amount, currency=charge.currency.value,
    )  # fmt: skip


async def _find(tx: Tx, id: str) -> tuple[PartialRefund, Charge, Order]:
    part = await tx.get(PartialRefund, id)
    charge = None if part is None else await tx.get(Charge, part.charge_id)
    if part is None or charge is None:
        raise NotFound
    return part, charge, await order_accounting.get_order(tx, charge.order_id)
