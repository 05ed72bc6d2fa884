"""What the channel asks the shop."""

from datetime import timedelta

from bot.wechat import WECHAT, WECHAT_PAY
from bot.wechat.service import last_payment
from shop.people import users
from shop.records import Charge, ChargePayer, Currency, OrderState
from tests.contracts.records import NOON, order

ADA, FRIEND = "oAda0000000000000000000000001", "oFriend0000000000000000000001"


async def test_a_payment_that_is_noted_as_a_friend_s_opens_no_budget(memory_database):
    assert await last_payment(memory_database, ADA) is None
    async with memory_database.begin() as tx:
        user = await users.get_or_create(tx, WECHAT, ADA, "zh_CN", NOON)
        for number, payer in enumerate((None, ADA, FRIEND), start=1):
            bought = order(
                f"o{number}", user_id=user.id, till=WECHAT_PAY, charge=f"c{number}",
                state=OrderState.DONE,
            )  # fmt: skip
            await tx.add(bought)
            charge = f"{WECHAT_PAY}:c{number}"
            at = NOON + timedelta(hours=number)
            await tx.add(Charge(charge, bought.id, 990, Currency.CNY, at))
            if payer:
                await tx.add(ChargePayer(charge, user.id, payer))
    assert await last_payment(memory_database, FRIEND) is None
    assert await last_payment(memory_database, ADA) == NOON + timedelta(hours=2)
    async with memory_database.begin() as tx:
        await tx.remove(ChargePayer, user_id=user.id, payer=FRIEND)
    assert await last_payment(memory_database, ADA) == NOON + timedelta(hours=3), "nothing is noted"
