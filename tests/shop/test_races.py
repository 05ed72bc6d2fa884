"""Two processes at the same moment, on each database."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from shop import privacy
from shop.avatars import portraits
from shop.avatars.avatars import TRAIN
from shop.clips import clips, endings, filming, sources
from shop.clips.verdict import SourceFindings
from shop.errors import TooFewCredits
from shop.jobs import jobs, sightings, standstills
from shop.money import ledger
from shop.orders import orders, payments, stopping
from shop.orders.reconciliation import reconcile
from shop.people import users
from shop.photos import chosen, comparison
from shop.ports import ALL_TIMES, StatementLine
from shop.records import (
    Avatar,
    Charge,
    Clip,
    ClipState,
    Compared,
    Currency,
    Job,
    JobState,
    Order,
    OrderState,
    OutboxMessage,
    Photo,
    SealedKey,
    Shoot,
    ShootKind,
    User,
)
from tests.shop.conftest import CATALOG, GRANTED, SHOOT, Shop, payment
from tests.shop.money_invariants import demand_clips_are_whole
from tests.shop.moving import NOD, beside, send
from tests.shop.moving import ready as source_ready


async def together(database, now, *steps):
    """Each step in its own transaction, all at once; what each returned or was refused by."""

    async def run(step):
        async with database.begin() as tx:
            return await step(Shop(tx, now))

    return await asyncio.gather(*(run(step) for step in steps), return_exceptions=True)


async def in_transaction(database, now, step):
    async with database.begin() as tx:
        return await step(Shop(tx, now))


async def inspected(database, step):
    async with database.begin() as tx:
        return await step(tx)


@pytest.mark.parametrize("charges", [("c1", "c1"), ("c1", "c2")])
async def test_two_notifications_at_once(database, now, charges):
    order = await in_transaction(database, now, Shop.awaiting)
    results = await together(
        database, now, *(lambda shop, charge=charge: shop.pay(order, charge) for charge in charges)
    )
    assert [one.state for one in results] == [OrderState.PAID] * 2

    async def check(tx):
        assert await tx.count(Avatar) == 1
        assert await tx.count(Charge) == len(set(charges))
        assert await tx.count(OutboxMessage, name="refund") == len(set(charges)) - 1
        assert set((await tx.totals()).values()) == {0}

    await inspected(database, check)


async def test_two_couriers_tell_of_a_standstill_and_of_its_end(database, now):
    """Once of each, whichever is first."""

    async def tell(told):
        rounds = (standstills.tell(database, (TRAIN,), timedelta(0)) for _ in range(2))
        assert sum(await asyncio.gather(*rounds)) == told

    async def news(tx):
        [job] = await tx.find(Job, kind=TRAIN.name)
        left = [one for one in await tx.find(OutboxMessage) if one.payload.get("job") == job.id]
        return job.halted_at is not None, sum(one.name == "notice" for one in left)

    async def promised(shop):
        await shop.paid()
        await sightings.note(shop.tx, "studio", (TRAIN.name,), await shop.tx.now())

    async def leased(tx):
        [job] = await tx.find(Job, kind=TRAIN.name)
        assert await jobs.lease(tx, job.id, "w1", await tx.now(), 60)

    await in_transaction(database, now, promised)
    await tell(1)
    assert await inspected(database, news) == (True, 1)
    await tell(0)
    await inspected(database, leased)
    await tell(1)
    assert await inspected(database, news) == (False, 1), "gathered: its words are found when told"
    await tell(0)


async def test_two_workers_ring_at_once(database, now):
    async def prepare(shop):
        _, avatar = await shop.paid()
        [job] = await shop.tx.find(Job, ref=avatar.id)
        return job

    job = await in_transaction(database, now, prepare)
    leases = await together(
        database,
        now,
        *(
            lambda shop, name=name: jobs.lease(shop.tx, job.id, name, now, 30)
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

    avatar = await in_transaction(database, now, prepare)

    async def ask(shop):
        return await portraits.request(shop.tx, CATALOG, avatar, "noir", ShootKind.STYLE, shop.now)

    results = await together(database, now, *[ask] * 4)
    refused = [one for one in results if isinstance(one, TooFewCredits)]
    assert len(refused) == 4 - GRANTED // SHOOT
    assert all(isinstance(one, Shoot | TooFewCredits) for one in results)

    async def check(tx):
        assert await ledger.balance(tx, avatar.user_id) == 0

    await inspected(database, check)


async def test_a_cancellation_and_a_payment_at_once(database, now):
    """Whoever comes first: money and order agree."""
    order = await in_transaction(database, now, Shop.awaiting)
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

    await inspected(database, check)


async def test_a_finish_and_a_refund_at_once(database, now):
    async def prepare(shop):
        return await shop.paid()

    order, avatar = await in_transaction(database, now, prepare)
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

    await inspected(database, check)


async def test_a_worker_begins_and_the_customer_stops_at_once(database, now):
    """Either the money goes back and nobody trains, or the money stays."""

    async def prepare(shop):
        return await shop.paid()

    order, avatar = await in_transaction(database, now, prepare)

    async def begin(shop):
        [job] = await shop.tx.find(Job, kind=TRAIN.name, ref=avatar.id)
        return await jobs.lease(shop.tx, job.id, "w", shop.now, 30)

    results = await together(
        database, now, begin,
        lambda shop: stopping.stop(shop.tx, order, "withdrawn", shop.now),
    )  # fmt: skip
    leased, stopped = results
    assert stopped.state is (OrderState.STOPPED if leased else OrderState.REFUNDING)


async def test_a_payment_and_its_return_at_once(database, now):
    """Told to two processes at the same moment: the books agree with the till in the end, at the
    latest when both sides are compared."""
    order = await in_transaction(database, now, Shop.awaiting)
    event = payment(order, "c1", now)
    await together(
        database,
        now,
        lambda shop: shop.pay(order),
        lambda shop: payments.confirm_return(shop.tx, "sandbox:c1", shop.now),
    )

    class Told:
        name, currency = "sandbox", Currency.CNY

        def statement_period(self):
            return ALL_TIMES

        async def statement(self):
            line = StatementLine("c1", order.id, event.amount, event.currency, now, True)
            yield line
            yield replace(line, incoming=False)

    await reconcile(database, Told())
    assert await reconcile(database, Told()) == ()

    async def check(tx):
        assert (await tx.get(Order, order.id)).state is not OrderState.PAID
        assert await tx.total("till:sandbox", Currency.CNY) == 0
        assert set((await tx.totals()).values()) == {0}

    await inspected(database, check)


async def test_a_gift_is_given_once_at_once(database, now):
    """A motion is chosen in two processes at the same moment: one clip, one job, one gift."""
    clip = await in_transaction(database, now, source_ready)
    results = await together(
        database, now, *[lambda shop: filming.request(shop.tx, CATALOG, clip, NOD, now)] * 3
    )
    assert [one.gift for one in results] == [True] * 3

    async def check(tx):
        assert await tx.count(Job, ref=clip.id, kind="film") == 1
        await demand_clips_are_whole(tx)

    await inspected(database, check)


async def test_a_motion_and_the_clock_at_once(database, now):
    """Either the clip waits, or it was given up with its source: never half."""
    clip = await in_transaction(database, now, source_ready)
    late = now + timedelta(days=1)
    await together(
        database,
        now,
        lambda shop: filming.request(shop.tx, CATALOG, clip, NOD, now),
        lambda shop: endings.expire(shop.tx, clip, late, late),
    )

    async def check(tx):
        await demand_clips_are_whole(tx)

    await inspected(database, check)


async def test_a_delivery_and_an_erasure_at_once(database, now):
    async def prepare(shop):
        waiting = await filming.request(shop.tx, CATALOG, await source_ready(shop), NOD, now)
        return await filming.begin_work(shop.tx, shop.cipher, waiting.id, now)

    clip = await in_transaction(database, now, prepare)
    stored = filming.StoredClip("video", "poster", "preview", 2.0, 50, 480, 640)

    async def erase(shop):
        await privacy.erase(shop.tx, await users.lock(shop.tx, clip.user_id), now)

    results = await together(
        database, now, lambda shop: filming.finish(shop.tx, clip, stored, now), erase
    )
    assert not [one for one in results if isinstance(one, Exception)]

    async def check(tx):
        assert (await tx.get(Clip, clip.id)).state is ClipState.ERASED
        assert await tx.count(SealedKey) == 0
        await demand_clips_are_whole(tx)

    await inspected(database, check)


@pytest.mark.parametrize("other", ["another", "nobody", "erased"])
async def test_a_look_at_a_second_picture_and_its_end_at_once(database, now, other):
    """Another one is sent instead, nobody comes beside after all, everything is erased."""

    async def prepare(shop):
        return await send(shop, await beside(shop, await source_ready(shop)), 1)

    clip = await in_transaction(database, now, prepare)
    found = SourceFindings(people=1, faces=1, indecency=0.0, youth=0.0)
    stored = sources.StoredPreparation(
        f"sources/{clip.id}/2/after", f"sources/{clip.id}/2/before", f"sources/{clip.id}/2/joined"
    )

    async def end(shop):
        if other == "erased":
            await privacy.erase(shop.tx, await users.lock(shop.tx, clip.user_id), now)
            return
        half = await clips.send_beside_again(shop.tx, clip, now)
        if other == "nobody":
            await clips.keep_alone(shop.tx, half, now)

    results = await together(
        database, now,
        lambda shop: sources.apply_findings(shop.tx, clip, stored, found, now), end,
    )  # fmt: skip
    assert not [one for one in results if isinstance(one, Exception)]

    async def check(tx):
        after = await tx.get(Clip, clip.id)
        assert (after.joined, after.beside_key_id) == ("", None)
        assert await tx.count(SealedKey) == (0 if other == "erased" else 1)
        assert after.sources == (() if other == "erased" else clip.sources[:1])
        await demand_clips_are_whole(tx)

    await inspected(database, check)


@pytest.mark.parametrize("ends", ["withdrawn", "cancelled", "taken out", "found twice"])
async def test_photos_that_were_compared_and_what_ends_it_at_once(database, now, ends):
    """Asked twice at once it is one job; a mark stands where the consent and the photo do, and its
    customer is told once."""
    order = await in_transaction(database, now, lambda shop: shop.collecting(12))

    async def owner(shop):
        return await shop.tx.get(User, order.user_id)

    async def ask(shop):
        return await comparison.request(shop.tx, await owner(shop), order, shop.now)

    first, second = await together(database, now, ask, ask)
    assert first.id == second.id
    planned = await in_transaction(
        database, now, lambda shop: comparison.plan(shop.tx, shop.cipher, first, shop.now)
    )
    words = dict.fromkeys(planned.sealed, Compared.UNLIKE)
    out = next(iter(words))

    async def apply(shop):
        await comparison.apply(shop.tx, planned, words, shop.now)

    async def end(shop):
        match ends:
            case "withdrawn":
                await comparison.withdraw(shop.tx, await owner(shop), shop.now)
            case "cancelled":
                await orders.cancel(shop.tx, order, shop.now)
            case "taken out":
                await chosen.take_out(shop.tx, order, [out], shop.now)
            case _:
                await apply(shop)

    assert [one for one in await together(database, now, apply, end) if one is not None] == []

    async def check(tx):
        unlike = await tx.count(Photo, compared=Compared.UNLIKE)
        assert unlike == {"taken out": 11, "found twice": 12}.get(ends, 0)
        job = await tx.get(Job, first.id)
        assert job.state in (JobState.DONE, JobState.CANCELLED)
        told = [
            one for one in await tx.find(OutboxMessage) if one.payload.get("kind") == "compared"
        ]
        assert len(told) == (job.state is JobState.DONE)

    await inspected(database, check)
