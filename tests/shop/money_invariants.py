"""What is true of a shop's books and records at any moment, whatever happens at once."""

from collections import Counter

from shop.jobs import jobs
from shop.money import ledger
from shop.ports import Tx
from shop.records import (
    Avatar,
    Charge,
    Currency,
    Job,
    JobState,
    Order,
    OrderState,
    OutboxMessage,
    Portrait,
    Product,
    Shoot,
    ShootState,
    User,
)

PAYING = {OrderState.PAID, OrderState.STOPPED, OrderState.DONE}
OPEN = {OrderState.COLLECTING, OrderState.AWAITING, OrderState.PAID}


async def demand_books_balance(tx: Tx, till: str = "sandbox") -> None:
    assert set((await tx.totals()).values()) <= {0}
    charges, found = await tx.find(Charge), await tx.find(Order)
    for order in found:
        assert await tx.total(ledger.order_account(order.id), order.currency) == 0
    taken = sum(charge.amount for charge in charges)
    returned = sum(
        [one.amount for one in charges if await ledger.booked(tx, f"charge:{one.id}:returned")]
    )
    kept = sum(order.amount for order in found if order.state in PAYING)
    owed = -await tx.total(ledger.owed_account(till), Currency.CNY)
    assert await tx.total(ledger.till_account(till), Currency.CNY) == taken - returned
    assert -await tx.total(ledger.SALES, Currency.CNY) == kept
    assert taken == kept + owed + returned, "every fen is ours, owed or returned"
    for user in await tx.find(User):
        waiting = await tx.find(Shoot, user_id=user.id, state=ShootState.WAITING)
        held = await tx.total(ledger.held_account(user.id), Currency.CREDITS)
        assert held == sum(shoot.credits for shoot in waiting)
        assert await ledger.balance(tx, user.id) >= 0
        assert await ledger.claimed(tx, user.id) >= 0


async def demand_nothing_doubled(tx: Tx) -> None:
    refunds = [one for one in await tx.find(OutboxMessage, name="refund") if one.payload]
    assert max(Counter(one.payload["charge"] for one in refunds).values(), default=0) <= 1
    avatars = Counter(avatar.order_id for avatar in await tx.find(Avatar))
    sold = await tx.find(Order, product=Product.AVATAR)
    assert max(avatars.values(), default=0) <= 1
    assert all(avatars[order.id] == 1 for order in sold if order.charge)
    trainings = await tx.find(Job, kind="train")
    assert len(trainings) == avatars.total()
    assert all(one.attempts <= jobs.MAX_ATTEMPTS for one in trainings)
    for shoot in await tx.find(Shoot):
        painted = await tx.count(Portrait, shoot_id=shoot.id)
        assert painted <= len(shoot.seeds)
        owed = await tx.find(Job, kind="paint", ref=shoot.id, state=JobState.WAITING)
        assert len(owed) <= (shoot.state is ShootState.WAITING)
    opened = Counter(order.user_id for order in sold if order.state in OPEN)
    assert max(opened.values(), default=0) <= 1, "one open order each"
    hosts = {user.id: user.invited_by for user in await tx.find(User)}
    assert not [one for one, host in hosts.items() if host and hosts.get(host) == one]
    people = await tx.find(User, erased_at=None)
    assert len({user.platform_id for user in people}) == len(people)
