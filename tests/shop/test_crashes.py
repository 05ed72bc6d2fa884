"""The crash between any two lines, and two processes at the same moment."""

import asyncio
from dataclasses import replace

import pytest

from shop import privacy
from shop.adapters.memory import MemoryBlobs, MemoryDatabase
from shop.avatars import avatars, initial_portraits, portraits
from shop.avatars.avatars import TRAIN
from shop.avatars.portraits import PAINT
from shop.errors import TooFewCredits
from shop.job_kinds import JOB_KINDS
from shop.jobs import dispatch, jobs
from shop.money import ledger, order_accounting
from shop.orders import orders, payments
from shop.orders.reconciliation import reconcile
from shop.people.users import lock
from shop.ports import StatementLine
from shop.records import (
    Avatar,
    Charge,
    Currency,
    Job,
    JobState,
    Order,
    OrderState,
    OutboxMessage,
    Photo,
    Portrait,
    SealedKey,
    Shoot,
    ShootKind,
)
from tests.shop.conftest import CATALOG, GRANTED, SHOOT, Shop, made, painted, payment


class Crash(BaseException):
    """The process is gone: nothing may catch it and go on."""


class Doomed:
    """A transaction or a blob store whose process dies at its nth write."""

    def __init__(self, real, fuse):
        self._real = real
        self._fuse = fuse

    def __getattr__(self, name):
        real = getattr(self._real, name)
        if name not in ("add", "put", "remove"):
            return real

        async def burning(*args, **kwargs):
            if self._fuse[0] == 0:
                raise Crash
            self._fuse[0] -= 1
            return await real(*args, **kwargs)

        return burning


class House:
    """One customer who has paid, over a database of their own."""

    def __init__(self, now):
        self.now = now
        self.database = MemoryDatabase()
        self.blobs = MemoryBlobs()

    async def do(self, step, fuse=-1):
        """``step`` in one transaction; its process dies after ``fuse`` writes."""
        burning = [fuse]
        async with self.database.begin() as tx:
            shop = Shop(Doomed(tx, burning), self.now, Doomed(self.blobs, burning))
            return await step(shop)

    async def look(self, step):
        async with self.database.begin() as tx:
            return await step(Shop(tx, self.now, self.blobs))


async def crash_everywhere(now, prepare, step, check):
    """Crash ``step`` at each of its writes, then run it again to its end, then check."""
    for fuse in range(1000):
        house = House(now)
        subject = await house.do(prepare)
        try:
            await house.do(lambda shop, subject=subject: step(shop, subject), fuse)
        except Crash:
            await house.do(lambda shop, subject=subject: step(shop, subject))
            await house.look(check)
        else:
            await house.look(check)
            return fuse
    raise AssertionError("it never ends")


async def test_a_payment(now):
    async def step(shop, order):
        await orders.confirm_payment(shop.tx, payment(order, "c1", shop.now), shop.now)

    async def check(shop):
        assert await shop.tx.count(Charge) == await shop.tx.count(Avatar) == 1
        assert await shop.tx.count(OutboxMessage, name="work", queue="train") == 1
        assert await shop.tx.count(Order, state=OrderState.PAID) == 1
        assert set((await shop.tx.totals()).values()) == {0}

    assert await crash_everywhere(now, Shop.awaiting, step, check) > 8


async def test_the_end_of_a_training(now):
    async def prepare(shop):
        return (await shop.paid())[1]

    async def step(shop, avatar):
        await avatars.finish(
            shop.tx, shop.cipher, shop.blobs, shop.catalog, avatar, made(), shop.now
        )

    async def check(shop):
        [avatar] = await shop.tx.find(Avatar)
        lora = await avatars.open_lora(shop.tx, shop.cipher, shop.blobs, avatar, 0)
        assert lora == made().kept[0]  # not what a dead worker had sealed under a lost key
        assert await shop.tx.count(SealedKey) == await shop.tx.count(Shoot) == 1
        assert await ledger.balance(shop.tx, avatar.user_id) == GRANTED
        assert await shop.tx.count(OutboxMessage, name="erase_uploads") == 1

    assert await crash_everywhere(now, prepare, step, check) > 12


async def test_the_end_of_a_training_that_compared(now):
    """Three checkpoints, and the first portraits with them."""

    async def prepare(shop):
        avatar = (await shop.paid())[1]
        return avatar, await initial_portraits.plan(shop.tx, shop.catalog, avatar)

    async def step(shop, subject):
        avatar, first = subject
        first = replace(first, pictures=tuple(painted(1, 2, 3)))
        await avatars.finish(
            shop.tx, shop.cipher, shop.blobs, shop.catalog, avatar, made(b"1", b"2", b"3"),
            shop.now, first,
        )  # fmt: skip

    async def check(shop):
        [avatar], [shoot] = await shop.tx.find(Avatar), await shop.tx.find(Shoot)
        for number in range(3):
            lora = await avatars.open_lora(shop.tx, shop.cipher, shop.blobs, avatar, number)
            assert lora == b"%d" % (number + 1)
        for one in await portraits.pictures_of_shoot(shop.tx, shoot):
            assert await portraits.open_picture(shop.tx, shop.cipher, shop.blobs, one)
        assert await shop.tx.count(Portrait) == 3
        assert await shop.tx.count(Photo) == await shop.tx.count(Job, kind=PAINT.name) == 0
        assert await ledger.balance(shop.tx, avatar.user_id) == GRANTED + 1
        await orders.refund(shop.tx, await shop.tx.get(Order, avatar.order_id), "asked", now)
        for message in await shop.tx.find(OutboxMessage, name="erase_blobs"):
            await privacy.erase_blobs(shop.blobs, message.payload["prefix"])
        assert await shop.blob_paths("avatars") == await shop.blob_paths("portraits") == []

    assert await crash_everywhere(now, prepare, step, check) > 20


async def test_the_end_of_a_shoot(now):
    async def prepare(shop):
        return (await shop.ready())[2]

    async def step(shop, shoot):
        pictures = painted(*shoot.seeds)
        await portraits.finish(shop.tx, shop.cipher, shop.blobs, shoot, pictures, shop.now)

    async def check(shop):
        [shoot] = await shop.tx.find(Shoot)
        kept = await portraits.pictures_of_shoot(shop.tx, shoot)
        assert len(kept) == len(shoot.seeds)
        await privacy.sweep_blobs(shop.tx, shop.blobs)
        for one in kept:
            assert await portraits.open_picture(shop.tx, shop.cipher, shop.blobs, one)
        assert await ledger.balance(shop.tx, shoot.user_id) == GRANTED

    assert await crash_everywhere(now, prepare, step, check) > 12


async def test_a_failure(now):
    async def prepare(shop):
        return (await shop.paid())[1]

    async def step(shop, avatar):
        await avatars.fail(shop.tx, avatar, "broken", shop.now)

    async def check(shop):
        assert await shop.tx.count(OutboxMessage, name="refund") == 1
        assert await shop.tx.count(Order, state=OrderState.REFUNDING) == 1
        assert await shop.tx.count(SealedKey) == 0
        assert set((await shop.tx.totals()).values()) == {0}

    assert await crash_everywhere(now, prepare, step, check) > 8


async def test_an_erasure(now):
    async def prepare(shop):
        order, _, first = await shop.ready()
        await shop.painted(first)
        return order.user_id

    async def step(shop, user_id):
        await privacy.erase(shop.tx, await lock(shop.tx, user_id), shop.now)

    async def check(shop):
        assert await shop.tx.count(SealedKey) == 0
        assert await shop.tx.count(OutboxMessage, name="drop_session") == 1
        assert set((await shop.tx.totals()).values()) == {0}

    assert await crash_everywhere(now, prepare, step, check) > 12


async def together(database, now, *steps):
    """Each step in its own transaction, all at once; what each returned or was refused by."""

    async def run(step):
        async with database.begin() as tx:
            return await step(Shop(tx, now))

    return await asyncio.gather(*(run(step) for step in steps), return_exceptions=True)


async def prepared(database, now, step):
    async with database.begin() as tx:
        return await step(Shop(tx, now))


async def looked(database, step):
    async with database.begin() as tx:
        return await step(tx)


@pytest.mark.parametrize("charges", [("c1", "c1"), ("c1", "c2")])
async def test_two_notifications_at_once(database, now, charges):
    order = await prepared(database, now, Shop.awaiting)
    results = await together(
        database, now, *(lambda shop, charge=charge: shop.pay(order, charge) for charge in charges)
    )
    assert [one.state for one in results] == [OrderState.PAID] * 2

    async def check(tx):
        assert await tx.count(Avatar) == 1
        assert await tx.count(Charge) == len(set(charges))
        assert await tx.count(OutboxMessage, name="refund") == len(set(charges)) - 1
        assert set((await tx.totals()).values()) == {0}

    await looked(database, check)


async def test_two_workers_ring_at_once(database, now):
    async def prepare(shop):
        _, avatar = await shop.paid()
        [job] = await shop.tx.find(Job, ref=avatar.id)
        return job

    job = await prepared(database, now, prepare)
    leases = await together(
        database,
        now,
        *(
            lambda shop, name=name: dispatch.lease_or_give_up(
                shop.tx, job.id, JOB_KINDS[job.kind], name, now, 30
            )
            for name in ("w1", "w2", "w3")
        ),
    )
    [leased] = [one for one in leases if one is not None]
    assert leased.state is JobState.RUNNING
    assert leased.attempts == 1


async def test_credits_are_not_spent_twice_at_once(database, now):
    async def prepare(shop):
        _, avatar, _ = await shop.ready()
        return avatar

    avatar = await prepared(database, now, prepare)

    async def ask(shop):
        return await portraits.request(shop.tx, CATALOG, avatar, "noir", ShootKind.STYLE, shop.now)

    results = await together(database, now, *[ask] * 4)
    refused = [one for one in results if isinstance(one, TooFewCredits)]
    assert len(refused) == 4 - GRANTED // SHOOT
    assert all(isinstance(one, Shoot | TooFewCredits) for one in results)

    async def check(tx):
        assert await ledger.balance(tx, avatar.user_id) == 0

    await looked(database, check)


async def test_a_cancellation_and_a_payment_at_once(database, now):
    """Whoever comes first: money and order agree."""
    order = await prepared(database, now, Shop.awaiting)
    await together(
        database,
        now,
        lambda shop: orders.cancel(shop.tx, order, shop.now),
        lambda shop: shop.pay(order),
    )

    async def check(tx):
        state = (await tx.get(Order, order.id)).state
        refunds = await tx.count(OutboxMessage, name="refund")
        assert (state, refunds) in {(OrderState.PAID, 0), (OrderState.CANCELLED, 1)}
        assert await tx.count(Avatar) == (state is OrderState.PAID)

    await looked(database, check)


async def test_a_finish_and_a_refund_at_once(database, now):
    async def prepare(shop):
        return await shop.paid()

    order, avatar = await prepared(database, now, prepare)
    results = await together(
        database,
        now,
        lambda shop: shop.trained(avatar),
        lambda shop: orders.refund(shop.tx, order, "asked", shop.now),
    )
    assert not [one for one in results if isinstance(one, Exception)]  # nor a deadlock

    async def check(tx):
        assert (await tx.get(Order, order.id)).state is OrderState.REFUNDING
        assert await tx.count(SealedKey) == 0
        assert await ledger.balance(tx, order.user_id) == 0
        assert await jobs.owed(tx, TRAIN, avatar.id) == []

    await looked(database, check)


async def test_a_charge_that_came_back_by_itself(now):
    async def prepare(shop):
        order, _, first = await shop.ready()
        await shop.painted(first)
        return order

    async def step(shop, order):
        await payments.returned(shop.tx, f"sandbox:{order.charge}", shop.now)

    async def check(shop):
        assert await shop.tx.count(Order, state=OrderState.REFUNDED) == 1
        assert await shop.tx.count(SealedKey) == 0
        assert await shop.tx.total("till:sandbox", Currency.CNY) == 0
        assert set((await shop.tx.totals()).values()) == {0}
        [message] = await shop.tx.find(OutboxMessage, name="refund")
        assert await order_accounting.refund_due(shop.tx, message.payload["charge"]) is None

    assert await crash_everywhere(now, prepare, step, check) > 12


async def test_a_payment_whose_return_was_told_first(now):
    async def prepare(shop):
        await payments.returned(shop.tx, "sandbox:c1", shop.now)
        return await shop.awaiting()

    async def step(shop, order):
        await shop.pay(order)

    async def check(shop):
        assert await shop.tx.count(Order, state=OrderState.AWAITING) == 1
        assert await shop.tx.count(Charge) == 1
        assert await shop.tx.count(Avatar) == 0
        assert await shop.tx.total("till:sandbox", Currency.CNY) == 0
        assert set((await shop.tx.totals()).values()) == {0}

    assert await crash_everywhere(now, prepare, step, check) > 8


async def test_a_payment_and_its_return_at_once(database, now):
    """Told to two processes at the same moment: the books agree with the till in the end, at the
    latest when both sides are compared."""
    order = await prepared(database, now, Shop.awaiting)
    event = payment(order, "c1", now)
    await together(
        database,
        now,
        lambda shop: shop.pay(order),
        lambda shop: payments.returned(shop.tx, "sandbox:c1", shop.now),
    )

    class Told:
        name, currency = "sandbox", Currency.CNY

        async def statement(self):
            line = StatementLine("c1", order.id, event.amount, event.currency, now, True)
            yield line
            yield replace(line, incoming=False)

    await reconcile(database, Told(), lambda: now)
    assert await reconcile(database, Told(), lambda: now) == ()

    async def check(tx):
        assert (await tx.get(Order, order.id)).state is not OrderState.PAID
        assert await tx.total("till:sandbox", Currency.CNY) == 0
        assert set((await tx.totals()).values()) == {0}

    await looked(database, check)
