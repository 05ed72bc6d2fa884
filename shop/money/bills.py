"""Bills that were shown: taken back at their till, and out of date once they say too much.

A bill of an avatar says of how many photos it is made, and whether those were compared. Once that
has changed it is paid no more, so that who pays has seen what for.
"""

from datetime import datetime

from shop.jobs import outbox
from shop.money import order_accounting
from shop.ports import Tx
from shop.records import CHAT, Order, OrderId, OrderState, Product


async def close(tx: Tx, order: Order, till: str, now: datetime) -> None:
    """The outbox message "close_bill" {order, till} has that till take the order's bills back."""
    await outbox.enqueue(tx, CHAT, "close_bill", {"order": order.id, "till": till}, now)


async def outdate(tx: Tx, id: OrderId, now: datetime) -> None:
    """What the bill of an avatar's order says has changed: AWAITING to COLLECTING, until it is
    placed again; what is paid for the old bill meanwhile goes back. Of any other order nothing.
    Its owner is locked already."""
    order = await order_accounting.lock_order(tx, id)
    if order.state is not OrderState.AWAITING or order.product is not Product.AVATAR:
        return
    if order.bill:
        await close(tx, order, order.till, now)
    await order_accounting.transition(tx, order, OrderState.COLLECTING, now)
