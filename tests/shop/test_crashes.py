"""The crash between any two writes: what is run again ends as if nothing had happened."""

import pytest

from shop import blob_erasure, linking, privacy
from shop.adapters.memory import MemoryBlobs, MemoryDatabase
from shop.avatars import avatars, initial_portraits, portraits
from shop.avatars.portraits import PAINT
from shop.clips import clips, endings, filming, sources
from shop.clips.delivery import find_clip
from shop.labels.signing import NoCredentials
from shop.money import ledger, order_accounting
from shop.orders import orders, payments
from shop.people.users import lock
from shop.records import (
    Avatar,
    Charge,
    Clip,
    ClipState,
    Currency,
    Job,
    LinkedChat,
    Order,
    OrderState,
    OutboxMessage,
    Photo,
    Portrait,
    SealedKey,
    Shoot,
    User,
)
from tests.shop.conftest import (
    FILM,
    GRANTED,
    TOGETHER,
    Shop,
    made,
    notices,
    painted,
    payloads,
    payment,
    taken,
)
from tests.shop.linked import chat, claimed, web
from tests.shop.money_invariants import demand_clips_are_whole, demand_people_are_whole
from tests.shop.moving import (
    begun,
    beside,
    filmed,
    looked_at,
    send,
    two_ready,
    wanted,
    with_gift_used,
)
from tests.shop.moving import ready as source_ready
from tests.storing import finish_shoot, finish_training, opened


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

        async def counted(*args, **kwargs):
            if self._fuse[0] == 0:
                raise Crash
            self._fuse[0] -= 1
            return await real(*args, **kwargs)

        return counted


class CrashHarness:
    """One customer who has paid, over a database of their own."""

    def __init__(self, now):
        self.now = now
        self.database = MemoryDatabase()
        self.blobs = MemoryBlobs()

    async def do(self, step, fuse=-1):
        """``step`` in one transaction; its process dies after ``fuse`` writes."""
        counted = [fuse]
        async with self.database.begin() as tx:
            shop = Shop(Doomed(tx, counted), self.now, Doomed(self.blobs, counted))
            return await step(shop)

    async def look(self, step):
        async with self.database.begin() as tx:
            return await step(Shop(tx, self.now, self.blobs))


async def crash_everywhere(now, prepare, step, check):
    """Crash ``step`` at each of its writes, then run it again to its end, then check."""
    for fuse in range(1000):
        harness = CrashHarness(now)
        subject = await harness.do(prepare)
        try:
            await harness.do(lambda shop, subject=subject: step(shop, subject), fuse)
        except Crash:
            await harness.do(lambda shop, subject=subject: step(shop, subject))
            await harness.look(check)
        else:
            await harness.look(check)
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
        await finish_training(
            shop.tx, shop.cipher, shop.blobs, shop.catalog, avatar, made(), shop.now
        )

    async def check(shop):
        [avatar] = await shop.tx.find(Avatar)
        lora = await opened(shop.blobs, avatars.find_lora(shop.tx, shop.cipher, avatar, 0))
        assert lora == made().checkpoints[0]  # not what a dead worker had sealed under a lost key
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
        await finish_training(
            shop.tx, shop.cipher, shop.blobs, shop.catalog, avatar, made(b"1", b"2", b"3"),
            shop.now, first, painted(1, 2, 3),
        )  # fmt: skip

    async def check(shop):
        [avatar], [shoot] = await shop.tx.find(Avatar), await shop.tx.find(Shoot)
        for number in range(3):
            lora = await opened(shop.blobs, avatars.find_lora(shop.tx, shop.cipher, avatar, number))
            assert lora == b"%d" % (number + 1)
        for one in await portraits.pictures_of_shoot(shop.tx, shoot):
            assert await opened(shop.blobs, portraits.find_picture(shop.tx, shop.cipher, one))
        assert await shop.tx.count(Portrait) == 3
        assert await shop.tx.count(Photo) == await shop.tx.count(Job, kind=PAINT.name) == 0
        assert await ledger.balance(shop.tx, avatar.user_id) == GRANTED + 1
        await orders.refund(shop.tx, await shop.tx.get(Order, avatar.order_id), "asked", now)
        for message in await shop.tx.find(OutboxMessage, name="erase_blobs"):
            await blob_erasure.erase_blobs(shop.blobs, message.payload["prefix"])
        assert await shop.blob_paths("avatars") == await shop.blob_paths("portraits") == []

    assert await crash_everywhere(now, prepare, step, check) > 20


async def test_the_end_of_a_shoot(now):
    async def prepare(shop):
        return (await shop.ready())[2]

    async def step(shop, shoot):
        pictures = painted(*shoot.seeds)
        await finish_shoot(shop.tx, shop.cipher, shop.blobs, shoot, pictures, shop.now)

    async def check(shop):
        [shoot] = await shop.tx.find(Shoot)
        kept = await portraits.pictures_of_shoot(shop.tx, shoot)
        assert len(kept) == len(shoot.seeds)
        await blob_erasure.sweep_blobs(shop.database, shop.blobs)
        for one in kept:
            assert await opened(shop.blobs, portraits.find_picture(shop.tx, shop.cipher, one))
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


async def test_a_charge_that_came_back_by_itself(now):
    async def prepare(shop):
        order, _, first = await shop.ready()
        await shop.painted(first)
        return order

    async def step(shop, order):
        await payments.confirm_return(shop.tx, f"sandbox:{order.charge}", shop.now)

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
        await payments.confirm_return(shop.tx, "sandbox:c1", shop.now)
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


async def test_two_chats_become_one_persons(now):
    async def prepare(shop):
        _, _, first = await shop.ready()
        await shop.painted(first)
        owner, typist = await chat(shop), await web(shop)
        return await claimed(shop, owner, typist)

    async def step(shop, code):
        await linking.link(shop.tx, shop.addresses, code, await web(shop), shop.now)

    async def check(shop):
        await demand_people_are_whole(shop.tx)
        [person] = await shop.tx.find(User, erased_at=None)
        assert await ledger.unspent(shop.tx, person.id) == GRANTED
        assert {one.user_id for one in await shop.tx.find(Portrait)} == {person.id}
        assert await shop.tx.count(OutboxMessage, user_id=person.id) > 1
        assert await shop.tx.count(LinkedChat, user_id=person.id) == 2

    assert await crash_everywhere(now, prepare, step, check) > 12


async def test_a_source_that_is_sent(now):
    async def step(shop, clip):
        await send(shop, clip)

    async def check(shop):
        [clip] = await shop.tx.find(Clip)
        assert (clip.state, len(clip.sources)) == (ClipState.PREPARING, 1)
        await blob_erasure.sweep_blobs(shop.database, shop.blobs)
        [source] = await sources.find_sources(shop.tx, shop.cipher, clip)
        assert await source.open(shop.blobs) == taken(0).jpeg
        await demand_clips_are_whole(shop.tx)

    assert await crash_everywhere(now, begun, step, check) > 3


async def test_a_look_at_a_source(now):
    async def prepare(shop):
        return await send(shop, await begun(shop))

    async def step(shop, clip):
        await looked_at(shop, clip)

    async def check(shop):
        [clip] = await shop.tx.find(Clip)
        assert clip.state is ClipState.READY
        [source] = await sources.find_sources(shop.tx, shop.cipher, clip)
        await blob_erasure.sweep_blobs(shop.database, shop.blobs)
        assert await source.open(shop.blobs) == b"after"
        assert len(await shop.blob_paths("sources")) == 2
        await demand_clips_are_whole(shop.tx)

    assert await crash_everywhere(now, prepare, step, check) > 5


async def test_somebody_comes_beside(now):
    """From the choice until both can move."""

    async def step(shop, clip):
        fresh = await shop.tx.get(Clip, clip.id)
        if fresh.state in (ClipState.READY, ClipState.COLLECTING) and not fresh.joined:
            half = await beside(shop, fresh)
            await looked_at(shop, await send(shop, half, 1), joined=b"both")

    async def check(shop):
        [clip] = await shop.tx.find(Clip)
        assert (clip.state, clip.pictures) == (ClipState.READY, 2)
        await blob_erasure.sweep_blobs(shop.database, shop.blobs)
        first, second = await sources.find_sources(shop.tx, shop.cipher, clip)
        assert await first.open(shop.blobs) == await second.open(shop.blobs) == b"after"
        joined = await sources.find_joined(shop.tx, shop.cipher, clip)
        assert await joined.open(shop.blobs, NoCredentials()) == b"both"
        assert len(await shop.blob_paths("sources")) == 5
        await demand_clips_are_whole(shop.tx)

    assert await crash_everywhere(now, source_ready, step, check) > 10


@pytest.mark.parametrize("found", [{"indecency": 0.99}, {"apart": "no_room_beside"}])
async def test_a_second_picture_that_is_refused(now, found):
    async def prepare(shop):
        return await send(shop, await beside(shop, await source_ready(shop)), 1)

    async def step(shop, clip):
        await looked_at(shop, clip, **found)

    async def check(shop):
        [clip] = await shop.tx.find(Clip)
        assert (clip.beside_key_id, len(clip.sources)) == (None, 1)
        assert await shop.tx.count(SealedKey) == 1, "the first one's"
        assert await notices(shop) == ["source_ready", "second_refused"]
        await demand_clips_are_whole(shop.tx)

    assert await crash_everywhere(now, prepare, step, check) > 5


@pytest.mark.parametrize("how", ["fails", "is delivered", "is given up"])
async def test_the_end_of_a_clip_of_two(now, how):
    async def prepare(shop):
        user = await with_gift_used(shop)
        await ledger.grant(shop.tx, user.id, 10, "grant", shop.now)
        return await wanted(shop, await two_ready(shop))

    async def step(shop, clip):
        if how == "fails":
            await filming.fail(shop.tx, clip, "broken", shop.now)
        elif how == "is delivered":
            await filmed(shop, clip)
        else:
            await clips.give_up(shop.tx, clip, shop.now)

    async def check(shop):
        [clip] = await shop.tx.find(Clip, gift=False)
        await demand_clips_are_whole(shop.tx)
        assert await shop.tx.count(SealedKey) == 1 + (how == "is delivered")
        [message] = [one for one in await payloads(shop, "erase_source") if one["clip"] == clip.id]
        await blob_erasure.erase_source(shop.database, shop.blobs, clip.id, message["count"], "")
        assert await shop.blob_paths(f"sources/{clip.id}") == []
        cost = TOGETHER if how == "is delivered" else 0
        assert await ledger.balance(shop.tx, clip.user_id) == 10 - cost

    assert await crash_everywhere(now, prepare, step, check) > 7


async def bought(shop):
    """A clip that is paid for, and waits."""
    user = await with_gift_used(shop)
    await ledger.grant(shop.tx, user.id, 10, "grant", shop.now)
    return await wanted(shop, await source_ready(shop))


async def test_a_motion_that_is_chosen(now):
    async def prepare(shop):
        user = await with_gift_used(shop)
        await ledger.grant(shop.tx, user.id, 10, "grant", shop.now)
        return await source_ready(shop)

    async def step(shop, clip):
        await wanted(shop, clip)

    async def check(shop):
        await demand_clips_are_whole(shop.tx)
        [clip] = await shop.tx.find(Clip, state=ClipState.WAITING)
        assert await ledger.balance(shop.tx, clip.user_id) == 10 - FILM

    assert await crash_everywhere(now, prepare, step, check) > 4


async def test_the_end_of_a_clip(now):
    async def step(shop, clip):
        await filmed(shop, clip)

    async def check(shop):
        assert await shop.tx.count(Clip, state=ClipState.DONE) == 2
        [clip] = await shop.tx.find(Clip, gift=False)
        await blob_erasure.sweep_blobs(shop.database, shop.blobs)
        files = await find_clip(shop.tx, shop.cipher, clip)
        assert await files.video.open(shop.blobs, NoCredentials()) == b"mp4"
        assert len(await shop.blob_paths("clips")) == 6
        assert await shop.tx.count(OutboxMessage, name="erase_source") == 2
        assert await ledger.unspent(shop.tx, clip.user_id) == 10 - FILM
        await demand_clips_are_whole(shop.tx)

    assert await crash_everywhere(now, bought, step, check) > 12


@pytest.mark.parametrize("how", ["fails", "is erased", "is given up"])
async def test_a_clip_that_ends_otherwise(now, how):
    async def step(shop, clip):
        if how == "fails":
            await filming.fail(shop.tx, clip, "broken", shop.now)
        elif how == "is erased":
            await endings.erase(shop.tx, clip, shop.now)
        else:
            await clips.give_up(shop.tx, clip, shop.now)

    async def check(shop):
        assert await shop.tx.count(SealedKey) == 1, "of the first clip, which was delivered"
        await demand_clips_are_whole(shop.tx)
        [clip] = await shop.tx.find(Clip, gift=False)
        assert await ledger.balance(shop.tx, clip.user_id) == 10

    assert await crash_everywhere(now, bought, step, check) > 7
