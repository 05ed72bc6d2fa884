"""What a purchase in Stars needs: settings that sell for them, and an open bill."""

from pathlib import Path

from bot.container import Container
from bot.telegram import STARS, TELEGRAM
from handlers.session import Session, State
from shop.orders import orders
from shop.orders.orders import Checkout
from shop.people import consent, users
from shop.records import (
    Avatar,
    Charge,
    ConsentKind,
    Currency,
    Order,
    Photo,
    PhotoId,
    PhotoState,
    new_id,
)
from tests.bot.telegram.journey_steps import environment
from tests.botapi import BotApi, Customer, Shown, until
from tests.storing import CAPACITY

PRICE = 199


def selling(api: BotApi, folder: Path) -> dict[str, str]:
    """The variables of a deployment where an avatar costs Stars."""
    return environment(api, folder) | {
        "EIDER_TILL": "",
        "EIDER_LABEL_KEYS": "none",
        "EIDER_STARS_AVATAR": str(PRICE),
        "EIDER_ADMINS": "telegram:77",
    }


async def placed(container: Container, customer: Customer) -> Order:
    """An order with enough photos, at the till."""
    now, id = container.clock(), str(customer.user["id"])
    async with container.database.begin() as tx:
        user = await users.get_or_create(tx, TELEGRAM, id, "en", now)
        for kind in ConsentKind:
            await consent.give(tx, user, kind, now)
        order = await orders.begin(tx, container.cipher, user, now)
        for number in range(12):
            await tx.add(
                Photo(
                    PhotoId(new_id()), order.id, user.id, PhotoState.ACCEPTED, "",
                    f"{number:064x}", now, view="front",
                )
            )  # fmt: skip
        checkout = Checkout(STARS, Currency.XTR, "mini", photos_minimum=12, capacity=CAPACITY)
        order = await orders.place(tx, container.catalog, order, checkout, now)
    await container.sessions.save(TELEGRAM, id, Session(State.CHECKOUT, {}, 1))
    return order


async def billed(container: Container, customer: Customer) -> tuple[Order, Shown]:
    """The same, and its invoice in the chat."""
    order = await placed(container, customer)
    before = len(customer.chat.shown)
    customer.say("/start")

    def invoices() -> list[Shown]:
        return [shown for shown in customer.chat.shown[before:] if shown.invoice]

    await until(lambda: bool(invoices()), "an invoice", customer.texts)
    return order, invoices()[-1]


async def now_of(container: Container, order: Order) -> Order:
    async with container.database.begin() as tx:
        found = await tx.get(Order, order.id)
    assert found is not None
    return found


async def booked(container: Container) -> tuple[int, int]:
    """The numbers of charges and avatars."""
    async with container.database.begin() as tx:
        assert set((await tx.totals()).values()) <= {0}
        return await tx.count(Charge), await tx.count(Avatar)
