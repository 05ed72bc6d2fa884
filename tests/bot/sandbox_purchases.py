"""What a purchase at the sandbox till needs: an open bill, and its notification posted."""

from aiohttp import ClientSession

from bot.container import Container
from bot.playground import PLAYGROUND
from shop.adapters.tills.sandbox import SandboxNotification
from shop.orders import orders
from shop.orders.orders import Checkout
from shop.people import consent, users
from shop.records import (
    ChannelName,
    ConsentKind,
    Currency,
    Order,
    Photo,
    PhotoId,
    PhotoState,
    new_id,
)
from tests.storing import CAPACITY


async def billed(container: Container, person: str, channel: ChannelName = PLAYGROUND) -> Order:
    """Somebody's order with enough photos, its bill out."""
    now = container.clock()
    async with container.database.begin() as tx:
        user = await users.get_or_create(tx, channel, person, "en", now)
        for kind in ConsentKind:
            await consent.give(tx, user, kind, now)
        order = await orders.begin(tx, container.cipher, user, now)
        for number in range(20):
            await tx.add(
                Photo(
                    PhotoId(new_id()), order.id, user.id, PhotoState.ACCEPTED, "", f"{number:064x}",
                    now, view=("front", "left", "right")[number % 3],
                )
            )  # fmt: skip
        checkout = Checkout("sandbox", Currency.CNY, "mini", photos_minimum=12, capacity=CAPACITY)
        order = await orders.place(tx, container.catalog, order, checkout, now)
    bill = await container.tills["sandbox"].bill(order, "Eider · one avatar")
    async with container.database.begin() as tx:
        return await orders.attach_bill(tx, order, bill.reference)


async def now_of(container, order: Order) -> Order:
    async with container.database.begin() as tx:
        found = await tx.get(Order, order.id)
    assert found is not None
    return found


async def posted_status(
    http: ClientSession,
    base: str,
    notification: SandboxNotification,
    *,
    headers: dict[str, str] | None = None,
    body: bytes | None = None,
) -> int:
    """What ``/pay/sandbox`` answers to it, or to an alteration of it."""
    sent = dict(notification.headers) | (headers or {})
    data = notification.body if body is None else body
    async with http.post(f"{base}/pay/sandbox", data=data, headers=sent) as answer:
        return answer.status
