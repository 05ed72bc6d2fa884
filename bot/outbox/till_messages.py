"""What tills are asked for by outbox messages: money back, and bills taken back."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Final

import structlog

from shop.errors import TillError
from shop.money import order_accounting, partial_refunds
from shop.orders import orders, refund_reports
from shop.ports import Database, Till
from shop.records import Order, OrderId, OrderState, OutboxMessage, RefundState

_REFUND_LOOKS: Final = (
    (timedelta(minutes=5), timedelta(minutes=1)),
    (timedelta(hours=1), timedelta(minutes=5)),
    (timedelta.max, timedelta(minutes=30)),
)
"""How old a refund that its till has accepted is, and how long until it is asked for again."""

log = structlog.get_logger()


class NotYet(Exception):
    """Nothing failed, and there is nothing to do before ``after`` is over."""

    def __init__(self, after: timedelta) -> None:
        super().__init__(f"again in {after}")
        self.after = after


async def refund(
    database: Database, tills: Mapping[str, Till], admins: Collection[str], message: OutboxMessage
) -> None:
    """Ask the till for the money back, and book it once that is done. The till knows a second
    request by its key. What it has accepted is asked for again, ever more rarely (:class:`NotYet`);
    where a person has to act there first, the admins are told. Raises TillError."""
    charge, part = str(message.payload["charge"]), str(message.payload.get("part", ""))
    async with database.begin() as tx:
        owed = await (
            partial_refunds.due(tx, part) if part else order_accounting.refund_due(tx, charge)
        )
    if owed is None:
        return
    till = tills.get(owed.till)
    if till is None:  # closed since, by another setting: tried for ever, and counted as stuck
        log.error("refund_without_till", till=owed.till, charge=owed.charge)
        raise TillError
    state = await till.refund(owed.charge, owed.amount, owed.currency, owed.key, owed.payer)
    async with database.begin() as tx:
        now = await tx.now()
        if state is RefundState.DONE and part:
            await partial_refunds.book_returned(tx, part, now)
            return
        if state is RefundState.DONE:
            await order_accounting.book_refund(tx, charge, now)
            return
        if state is RefundState.STUCK:
            await refund_reports.tell(tx, charge, state.value, owed.key, admins)
    age = now - message.created_at
    raise NotYet(next(wait for until, wait in _REFUND_LOOKS if age < until))


async def close_bill(database: Database, tills: Mapping[str, Till], message: OutboxMessage) -> None:
    """Have the till take the bills back of an order that is paid, cancelled or billed at another
    till; not of one that is billed there again. What was paid before that, and nobody has told of,
    is booked. A till that is not open any more takes no money. Raises TillError."""
    till = tills.get(str(message.payload["till"]))
    id = OrderId(str(message.payload["order"]))
    if till is None:
        return
    async with database.snapshot() as tx:
        order = await tx.get(Order, id)
    if order is None or (order.state, order.till) != (OrderState.AWAITING, till.name):
        await orders.close_at(database, till, id)
