"""A customer of the shop in WeChat, up to the bill, and the outbox worker's part."""

from bot.container import Container
from bot.wechat import WECHAT, WECHAT_PAY
from handlers.billing import bill_title
from handlers.texts import texts
from shop.orders import orders
from shop.orders.orders import Checkout
from shop.people import consent, users
from shop.records import (
    ConsentKind,
    Currency,
    Order,
    OutboxMessage,
    OutboxState,
    Photo,
    PhotoId,
    PhotoState,
    new_id,
)
from tests.shop.money_invariants import demand_books_balance, demand_nothing_doubled
from tests.storing import CAPACITY
from tests.wechatpay.stand import PAYER


async def billed(container: Container, person: str = PAYER) -> Order:
    """Their order with enough photos, its bill out."""
    now = container.clock()
    async with container.database.begin() as tx:
        user = await users.get_or_create(tx, WECHAT, person, "en", now)
        for kind in ConsentKind:
            await consent.give(tx, user, kind, now)
        order = await orders.begin(tx, container.cipher, user, now)
        for number in range(12):
            photo = Photo(
                PhotoId(new_id()), order.id, user.id, PhotoState.ACCEPTED, "", f"{number:064x}",
                now, view=("front", "left", "right")[number % 3],
            )  # fmt: skip
            await tx.add(photo)
        checkout = Checkout(WECHAT_PAY, Currency.CNY, "mini", photos_minimum=12, capacity=CAPACITY)
        order = await orders.place(tx, container.catalog, order, checkout, now)
    bill = await container.tills[WECHAT_PAY].bill(order, bill_title(texts("en"), order))
    async with container.database.begin() as tx:
        return await orders.attach_bill(tx, order, bill.reference)


async def now_of(container: Container, order: Order) -> Order:
    async with container.database.begin() as tx:
        found = await tx.get(Order, order.id)
    assert found is not None
    return found


async def of_outbox(container: Container, name: str) -> list[OutboxMessage]:
    async with container.database.begin() as tx:
        return await tx.find(OutboxMessage, name=name, order="created_at")


async def handle(container: Container, name: str) -> list[OutboxMessage]:
    """Have the outbox's open messages of that name done; what is left of them."""
    for message in await of_outbox(container, name):
        await container.outbox_handlers.answer({"message": message.id})
    return [one for one in await of_outbox(container, name) if one.state is not OutboxState.DONE]


async def told(container: Container, kind: str) -> list[str]:
    """The ``what`` of the notices of that kind."""
    found = await of_outbox(container, "notice")
    return [str(one.payload.get("what", "")) for one in found if one.payload.get("kind") == kind]


async def demand_books(container: Container) -> None:
    async with container.database.begin() as tx:
        await demand_books_balance(tx, WECHAT_PAY)
        await demand_nothing_doubled(tx)
