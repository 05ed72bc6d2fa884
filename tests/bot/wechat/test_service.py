"""What the channel asks the shop."""

from datetime import timedelta

import pytest

from bot.wechat import WECHAT, WECHAT_PAY
from bot.wechat.service import last_payment
from shop.orders import orders
from shop.people import users
from shop.records import ChargePayer, Currency, OrderState, PaymentEvent, Product
from tests.contracts.records import NOON, order

ADA, FRIEND = "oAda0000000000000000000000001", "oFriend0000000000000000000001"


async def paid(database, number: int, payer: str) -> None:
    """One more pack of credits of Ada's is paid, at that hour after noon."""
    at = NOON + timedelta(hours=number)
    async with database.begin() as tx:
        user = await users.get_or_create(tx, WECHAT, ADA, "zh_CN", NOON)
        await users.lock(tx, user.id)
        bought = order(
            f"o{number}", user_id=user.id, till=WECHAT_PAY, charge="", amount=990,
            currency=Currency.CNY, product=Product.CREDITS, state=OrderState.AWAITING,
        )  # fmt: skip
        await tx.add(bought)
        event = PaymentEvent(
            WECHAT_PAY, f"e{number}", f"c{number}", bought.id, 990, Currency.CNY, at, payer
        )
        await orders.confirm_payment(tx, event, at)


async def test_the_window_of_a_payment_is_theirs_whose_openid_paid(memory_database):
    assert await last_payment(memory_database, ADA) is None
    await paid(memory_database, 1, FRIEND)
    assert await last_payment(memory_database, ADA) is None, "a friend scanned the code"
    assert await last_payment(memory_database, FRIEND) is None, "whom the shop does not know"
    await paid(memory_database, 2, ADA)
    await paid(memory_database, 3, FRIEND)
    assert await last_payment(memory_database, ADA) == NOON + timedelta(hours=2)
    async with memory_database.snapshot() as tx:
        noted = {one.id: one.payer for one in await tx.find(ChargePayer)}
    assert noted == {f"{WECHAT_PAY}:c{n}": ADA if n == 2 else "" for n in (1, 2, 3)}


@pytest.mark.parametrize("payer", ["", FRIEND])
async def test_of_a_payment_of_nobody_known_no_window_is_open(memory_database, payer):
    await paid(memory_database, 1, payer)
    assert await last_payment(memory_database, ADA) is None
